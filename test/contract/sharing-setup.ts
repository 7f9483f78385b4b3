import { beforeAll, expect, test } from 'vitest';
import type { SetupRepository } from '#shared/sharing/setup/setup-repository.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import {
  operatorId,
  sampleOperator,
  samplePlan,
  sampleSystem,
  sampleZones,
  systemId,
} from '../support/sharing-city.ts';
import { anOperationId } from './samples.ts';

function aCar(label: string, rest: Partial<FleetVehicle> = {}): FleetVehicle {
  const { systemId: id, operatorId: by } = sampleSystem;
  const vehicleId = `veh-${anOperationId()}`;
  return {
    vehicleId,
    systemId: id,
    operatorId: by,
    vehicleTypeId: 'e-golf',
    label,
    speaks: 'device',
    version: 1,
    ...rest,
  };
}

export function sharingSetupContract(make: () => Promise<SetupRepository>): void {
  let setup: SetupRepository;
  beforeAll(async () => {
    setup = await make();
  });

  test('operators and systems are added once, changed as they were seen, and come back as they were', async () => {
    expect(await setup.operator(sampleOperator.operatorId)).toBeUndefined();
    const saves = await Promise.all([1, 2].map(() => setup.addOperator(sampleOperator)));
    expect(saves.filter(Boolean)).toHaveLength(1);
    const next = { ...sampleOperator, phone: '+4930123456', version: 2 };
    expect(await setup.saveOperator(next, 1)).toBe(true);
    expect(await setup.saveOperator(next, 1)).toBe(false);
    expect(await setup.operator(sampleOperator.operatorId)).toEqual(next);
    expect(await setup.addSystem(sampleSystem)).toBe(true);
    expect(await setup.addSystem(sampleSystem)).toBe(false);
    const closed = { ...sampleSystem, openingHours: { 1: { from: 360, to: 1380 } }, version: 2 };
    expect([await setup.saveSystem(closed, 1), await setup.saveSystem(closed, 1)]).toEqual([true, false]);
    expect(await setup.system(sampleSystem.systemId)).toEqual(closed);
    expect(await setup.systems(sampleOperator.operatorId, { limit: 9 })).toEqual({ items: [closed] });
    expect(await setup.systems(operatorId('nobody'), { limit: 9 })).toEqual({ items: [] });
    const other = { ...sampleSystem, systemId: systemId('ride-elsewhere'), operatorId: operatorId('ride') };
    expect(await setup.addSystem(other)).toBe(true);
    const first = await setup.allSystems({ limit: 1 });
    expect(first.items).toEqual([other]);
    expect((await setup.allSystems({ limit: 9, from: first.next ?? '' })).items).toEqual([closed]);
  });

  test('lists come page by page, in the order of their names', async () => {
    for (const id of ['c', 'a', 'b'])
      await setup.addOperator({ ...sampleOperator, operatorId: operatorId(`list-${id}`) });
    const seen: string[] = [];
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const page = await setup.operators({ limit: 1, ...(from !== undefined && { from }) });
      seen.push(...page.items.map(({ operatorId: id }) => id));
      from = page.next;
    }
    expect(seen.filter((id) => id.startsWith('list-'))).toEqual(['list-a', 'list-b', 'list-c']);
  });

  test('of two that replace the same zones one does, and the other has to look again', async () => {
    const id = sampleSystem.systemId;
    expect(await setup.zones(id)).toBeUndefined();
    expect([await setup.saveZones(id, sampleZones), await setup.saveZones(id, sampleZones)]).toEqual([true, false]);
    const next = { ...sampleZones, version: 2, zones: sampleZones.zones.slice(1) };
    const saves = await Promise.all([1, 2].map(() => setup.saveZones(id, next)));
    expect(saves.filter(Boolean)).toHaveLength(1);
    expect(await setup.zones(id)).toEqual(next);
  });

  test('zones and a system that were seen to suit one another are not written past a change of the other', async () => {
    const system = { ...sampleSystem, systemId: systemId('both-at-once') };
    const id = system.systemId;
    await setup.addSystem(system);
    const zones = { ...sampleZones, systemId: id };
    const [drawn, renamed] = [zones, { ...system, name: 'Renamed', version: 2 }];
    const both = await Promise.all([setup.saveZones(id, drawn, 1), setup.saveSystem(renamed, 1, 0)]);
    expect(both.filter(Boolean)).toHaveLength(1);
    const now = (await setup.system(id))?.version ?? 0;
    const seen = (await setup.zones(id))?.version ?? 0;
    expect(await setup.saveZones(id, { ...zones, version: seen + 1 }, now + 1)).toBe(false);
    expect(await setup.saveZones(id, { ...zones, version: seen + 1 }, now)).toBe(true);
    expect(await setup.saveSystem({ ...system, version: now + 1 }, now, seen)).toBe(false);
    expect(await setup.saveSystem({ ...system, version: now + 1 }, now, seen + 1)).toBe(true);
    expect(await setup.saveSystem({ ...system, version: now + 2 }, now + 1, seen + 1)).toBe(true);
    expect(await setup.system(id)).toEqual({ ...system, version: now + 2 });
  });

  test('a version of a plan stays as it is whatever follows it, and each number is given once', async () => {
    const id = systemId('with-plans');
    const dearer = { ...samplePlan, perMinute: 31, version: 2 };
    expect(await setup.addPlan(id, dearer)).toBe(false);
    expect(await setup.addPlan(id, samplePlan)).toBe(true);
    const saves = await Promise.all([dearer, { ...dearer, perMinute: 99 }].map((plan) => setup.addPlan(id, plan)));
    expect(saves.filter(Boolean)).toHaveLength(1);
    expect(await setup.addPlan(id, { ...samplePlan, perMinute: 1 })).toBe(false);
    expect(await setup.plan(id, samplePlan.planId, 1)).toEqual(samplePlan);
    const newest = await setup.plan(id, samplePlan.planId);
    expect(newest?.version).toBe(2);
    expect(await setup.plan(id, samplePlan.planId, 2)).toEqual(newest);
    expect(await setup.plan(id, samplePlan.planId, 3)).toBeUndefined();
    expect((await setup.plans(id, { limit: 9 })).items).toEqual([newest]);
  });

  test('a vehicle is in one system under a label of its own, which it may give up', async () => {
    const [one, other] = [aCar('B-FL 1'), aCar('b-fl 1')];
    expect(await setup.addVehicle(one)).toBe('written');
    expect(await setup.addVehicle(one)).toBe('not-as-seen');
    expect(await setup.addVehicle(other)).toBe('label-taken');
    expect(await setup.fleetVehicle(other.vehicleId)).toBeUndefined();
    const renamed = { ...one, label: 'B-FL 2', planId: 'weekend', version: 2 };
    expect(await setup.saveVehicle(renamed, one)).toBe('written');
    expect(await setup.saveVehicle(renamed, one)).toBe('not-as-seen');
    expect(await setup.fleetVehicle(one.vehicleId)).toEqual(renamed);
    expect(await setup.addVehicle(other)).toBe('written');
    expect(await setup.saveVehicle({ ...other, label: 'B-FL 2', version: 2 }, other)).toBe('label-taken');
    const { items } = await setup.vehicles(sampleSystem.systemId, { limit: 9 });
    expect(new Set(items)).toEqual(new Set([renamed, other]));
  });

  test('a vehicle that moves to another city leaves the list and the labels of the former one', async () => {
    const car = aCar('HH-FL 7');
    await setup.addVehicle(car);
    const moved = { ...car, systemId: systemId('we-share-hamburg'), version: 2 };
    expect(await setup.saveVehicle(moved, car)).toBe('written');
    expect((await setup.vehicles(moved.systemId, { limit: 9 })).items).toEqual([moved]);
    expect((await setup.vehicles(car.systemId, { limit: 99 })).items).not.toContainEqual(moved);
    expect(await setup.addVehicle(aCar('HH-FL 7'))).toBe('written');
  });
}
