import { beforeAll, expect, test } from 'vitest';
import type { Inventory } from '#shared/registry/inventory.ts';
import type { InventoryRepository } from '#shared/registry/inventory-repository.ts';
import type { Presence } from '#shared/registry/presence.ts';
import type { PresenceRepository } from '#shared/registry/presence-repository.ts';
import { aVehicleId } from './samples.ts';

export function presenceRepositoryContract(make: () => Promise<PresenceRepository>): void {
  let presences: PresenceRepository;
  beforeAll(async () => {
    presences = await make();
  });

  test('presence is written by the one who has seen the latest', async () => {
    const first = aPresence();
    expect(await presences.save(first, undefined)).toBe(true);
    expect(await presences.save(first, undefined)).toBe(false);
    const second = { ...first, connected: false, version: 2 };
    expect(await presences.save(second, first)).toBe(true);
    expect(await presences.save({ ...first, version: 2 }, first)).toBe(false);
    expect(await presences.load(first.vehicleId)).toEqual(second);
  });

  test('presence of a home that orders by a sequence is kept as it is', async () => {
    const vehicleId = aVehicleId();
    const presence: Presence = { vehicleId, connected: true, since: 1, sequence: '00ff', epoch: 3, version: 1 };
    expect(await presences.save(presence, undefined)).toBe(true);
    expect(await presences.load(vehicleId)).toEqual(presence);
    const back: Presence = { vehicleId, connected: true, since: 2, sessionId: 's', connection: 0, version: 2 };
    expect(await presences.save(back, presence)).toBe(true);
    expect(await presences.load(vehicleId)).toEqual(back);
  });

  test('the presence of many vehicles is found at once, more than one request can ask for', async () => {
    const many = Array.from({ length: 130 }, () => aPresence());
    await Promise.all(many.map((presence) => presences.save(presence, undefined)));
    const ids = [...many.map((presence) => presence.vehicleId), aVehicleId()];
    const found = await presences.loadMany(ids);
    expect(found.size).toBe(130);
    expect(await presences.loadMany([])).toEqual(new Map());
  });
}

export function inventoryRepositoryContract(make: () => Promise<InventoryRepository>): void {
  test('an inventory is replaced by a newer one only', async () => {
    const inventories = await make();
    const vehicleId = aVehicleId();
    const report = (sequence: number): Inventory => ({
      ...{ vehicleId, sequence, softwareVersion: `5.${sequence}`, reportedAt: sequence },
      ecus: [{ ecuId: 'gateway', hardwareId: 'ICAS1', softwareVersion: '1', releaseCounter: 1 }],
      rxswins: { 'UN R79': 'A-79' },
    });
    expect(await inventories.load(vehicleId)).toBeUndefined();
    expect(await inventories.save(report(2))).toBe(true);
    expect(await inventories.save(report(2))).toBe(false);
    expect(await inventories.save(report(1))).toBe(false);
    expect(await inventories.save(report(3))).toBe(true);
    expect(await inventories.load(vehicleId)).toEqual(report(3));
  });
}

function aPresence(): Presence {
  const session = { sessionId: 's', connection: 0 };
  return { vehicleId: aVehicleId(), connected: true, since: 1, ...session, version: 1 };
}
