import { expect, test } from 'vitest';
import { at } from '#local/tour/telling.ts';
import { FeedMemory } from '../../../support/feed-memory.ts';
import { each } from '../../../support/gbfs-feed.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import {
  rectangle,
  sampleOperator,
  samplePlan,
  sampleSystem,
  sampleZones,
  zone,
} from '../../../support/sharing-city.ts';

const { systemId, operatorId } = sampleSystem;
const noon = Date.UTC(2027, 0, 15, 12, 1);
const minute = 60_000;

async function published(...zones: typeof sampleZones.zones) {
  const [memory, clock] = [new FeedMemory(), new ManualClock(noon)];
  await memory.setup.addOperator(sampleOperator);
  await memory.setup.addSystem(sampleSystem);
  await memory.setup.addPlan(systemId, samplePlan);
  await memory.setup.saveZones(systemId, { ...sampleZones, zones: [...zones, ...sampleZones.zones] });
  const service = memory.service(clock);
  await service.publish(systemId, [{ kind: 'set-up' }]);
  const file = (name: string) => memory.read(`gbfs/${systemId}/3.0/${name}.json`);
  return { memory, clock, service, file, updated: (name: string) => at(file(name), 'last_updated') };
}

const iso = (ms: number) => new Date(ms).toISOString();

test('what an operator changes is in the feed, and last_updated of nothing else moves', async () => {
  const { memory, clock, service, file, updated } = await published();
  clock.advance(minute);
  await memory.setup.addPlan(systemId, { ...samplePlan, version: 2, perMinute: 31 });
  await service.publish(systemId, [{ kind: 'set-up' }]);
  expect(each(file('system_pricing_plans'), 'data', 'plans')).toMatchObject([{ per_min_pricing: [{ rate: 0.31 }] }]);
  expect(updated('system_pricing_plans')).toBe(iso(noon + minute));
  expect(updated('vehicle_types')).toBe(iso(noon));
  await memory.setup.saveOperator({ ...sampleOperator, name: 'We Share More', version: 2 }, 1);
  await service.publishOperator(operatorId);
  expect(at(file('system_information'), 'data', 'operator', 0, 'text')).toBe('We Share More');
});

test('everything is in the language of the market, unless the system says another', async () => {
  const { memory, service, file } = await published();
  expect(at(file('system_information'), 'data', 'languages')).toEqual(['de']);
  await memory.setup.saveSystem({ ...sampleSystem, language: 'pt-BR', version: 2 }, 1);
  await service.publish(systemId, [{ kind: 'set-up' }]);
  expect(at(file('system_information'), 'data', 'languages')).toEqual(['pt-BR']);
  const others = ['vehicle_types', 'system_pricing_plans', 'geofencing_zones'].map((name) =>
    JSON.stringify(file(name)),
  );
  expect(others.filter((text) => text.includes('"de"') || !text.includes('"pt-BR"'))).toEqual([]);
});

test('what nobody sees is not written', async () => {
  const { memory, service } = await published();
  const before = memory.writes;
  await service.publish(systemId, [{ kind: 'set-up' }, { kind: 'left', vehicleId: 'nobody’s' }]);
  expect(memory.writes).toBe(before);
});

test('each minute it is said what is still true, and what time alone has changed', async () => {
  const fair = zone('fair', rectangle(13.4, 52.5, 13.42, 52.51), sampleZones.globalRules, { end: noon + 90_000 });
  const { clock, service, file, updated } = await published(fair);
  clock.advance(minute);
  expect(await service.refresh()).toEqual([]);
  expect([updated('vehicle_status'), updated('geofencing_zones')]).toEqual([iso(noon + minute), iso(noon)]);
  expect(each(file('system_alerts'), 'data', 'alerts')).toMatchObject([{ alert_id: 'fair' }]);
  // GBFS 3.0: whatever has `times` has a `start`.
  expect(file('system_alerts')).not.toHaveProperty('data.alerts.0.times');
  clock.advance(minute);
  await service.refresh();
  expect(updated('geofencing_zones')).toBe(iso(noon + 2 * minute));
  expect(each(file('system_alerts'), 'data', 'alerts')).toEqual([]);
});

test('who lost a race writes once more whatever it has written before, also where that says again what it said', async () => {
  const { memory, service, file, clock } = await published();
  const other = memory.service(clock);
  await memory.setup.addPlan(systemId, { ...samplePlan, version: 2, perMinute: 31 });
  let isOver = false;
  memory.between = async () => {
    if (isOver) return;
    isOver = true;
    // After it has read the prices of before, and before it writes them.
    await memory.setup.addPlan(systemId, { ...samplePlan, version: 3, perMinute: 33 });
    await other.publish(systemId, [{ kind: 'set-up' }]);
  };
  await service.publish(systemId, [{ kind: 'set-up' }]);
  expect(each(file('system_pricing_plans'), 'data', 'plans')).toMatchObject([{ per_min_pricing: [{ rate: 0.33 }] }]);
});

test('what somebody overwrote who died before they noticed is right again within a quarter of an hour', async () => {
  const { memory, clock, service, updated } = await published();
  const path = `gbfs/${systemId}/3.0/vehicle_types.json`;
  memory.files.set(path, { text: '{"last_updated":"of another"}', maxAge: 60 });
  for (let passed = 0; passed < 15; passed += 1) {
    clock.advance(minute);
    await service.refresh();
  }
  expect(updated('vehicle_types')).toBe(iso(noon));
});

test('a city that nobody has published before is read from the tables, once', async () => {
  const [fresh, clock] = [new FeedMemory(), new ManualClock(noon)];
  await fresh.setup.addOperator(sampleOperator);
  await fresh.setup.addSystem(sampleSystem);
  const place = { latitude: 52.5, longitude: 13.4 };
  fresh.listings = [
    {
      ...{ vehicleId: 'one', status: { boot: 1, sequence: 1, at: noon, place } },
      booking: { vehicleTypeId: 'e-golf', label: 'B', state: 'available', freeFrom: 0, uses: 0, version: 1 },
    },
  ];
  await fresh.service(clock).refresh();
  expect(each(fresh.read(`gbfs/${systemId}/3.0/vehicle_status.json`), 'data', 'vehicles')).toHaveLength(1);
});
