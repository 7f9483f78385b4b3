import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeedNews } from '#shared/sharing/feeds/feed-service.ts';
import { FeedMemory, feedsUrl } from '../../../support/feed-memory.ts';
import { type Happening, happenings, TownVehicle } from '../../../support/feed-town.ts';
import { crossFaults, each, type GbfsFeed, hasSchemas, officialFaults } from '../../../support/gbfs-feed.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import {
  rectangle,
  sampleOperator,
  samplePlan,
  sampleSystem,
  sampleZones,
  zone,
} from '../../../support/sharing-city.ts';

const { systemId, vehicleTypes } = sampleSystem;
const noon = 1_800_000_000_000;

async function aCity(memory: FeedMemory, clock: ManualClock) {
  await memory.setup.addOperator(sampleOperator);
  await memory.setup.addSystem(sampleSystem);
  await memory.setup.addPlan(systemId, samplePlan);
  const station = zone('mitte', rectangle(13.39, 52.49, 13.41, 52.505), [], { stationId: 'mitte' });
  const fair = zone('fair', rectangle(13.3, 52.4, 13.31, 52.41), [], { start: noon, end: noon + 3_600_000 });
  await memory.setup.saveZones(systemId, { ...sampleZones, zones: [station, fair, ...sampleZones.zones] });
  const vehicles = [1, 2, 7].map(
    (street) => new TownVehicle(clock, street, vehicleTypes[street % 2]?.vehicleTypeId ?? ''),
  );
  return vehicles;
}

/** As whoever reads them finds them. */
function feedOf(memory: FeedMemory): GbfsFeed {
  const folder = `gbfs/${systemId}/3.0`;
  const feed = new Map<string, unknown>([['manifest', memory.read('gbfs/manifest.json')]]);
  for (const { name, url } of each(memory.read(`${folder}/gbfs.json`), 'data', 'feeds')) {
    feed.set(String(name), memory.read(String(url).slice(feedsUrl.length + 1)));
  }
  return feed;
}

/** What is in the list against what is so. */
function untrue(feed: GbfsFeed, vehicles: readonly TownVehicle[], ids: Map<TownVehicle, Map<string, number>>) {
  const shown = each(feed.get('vehicle_status'), 'data', 'vehicles');
  const faults: string[] = [];
  for (const vehicle of vehicles) {
    const { vehicleId, fence, assignment } = vehicle.booking;
    const mine = shown.filter(({ lat }) => lat === vehicle.place?.latitude);
    const [one] = mine;
    if (mine.length > 1) faults.push(`${vehicleId} is there twice`);
    if (JSON.stringify(shown).includes(vehicleId)) faults.push(`${vehicleId} is named`);
    if (one === undefined) {
      if (vehicle.isFree && vehicle.place !== undefined) faults.push(`${vehicleId} is free, and not shown`);
      continue;
    }
    if (vehicle.isDriven && vehicle.driven.some(({ longitude }) => longitude === one['lon'])) {
      faults.push(`${vehicleId} is seen while it is driven`);
    }
    if (vehicle.booking.state === 'on_trip' || vehicle.booking.state === 'removed')
      faults.push(`${vehicleId} is shown`);
    if (vehicle.isFree !== (one['is_reserved'] === false && one['is_disabled'] === false)) {
      faults.push(`${vehicleId} is ${vehicle.isFree ? 'free' : 'not free'}, and shown otherwise`);
    }
    const known = ids.get(vehicle) ?? new Map<string, number>();
    const uses = assignment === undefined ? fence : fence - 1;
    const before = known.get(String(one['vehicle_id']));
    if (before !== undefined && before !== uses) faults.push(`${vehicleId} kept its public id over a use`);
    ids.set(vehicle, known.set(String(one['vehicle_id']), uses));
  }
  return faults;
}

const life = fc.record({
  vehicle: fc.nat(2),
  happening: fc.constantFrom<Happening>(...happenings, 'report', 'hold', 'key', 'start', 'end'),
  /** How much of what happened before comes once more. */
  again: fc.nat(3),
  isLookedAt: fc.boolean(),
  /** A process dies before or after a write, or another one of the same city comes in between. */
  fate: fc.constantFrom('go', 'go', 'go', 'killed', 'late', 'overtaken'),
});

test('at any moment of a running city its feeds fit the schemas (those where ../shared is there) and one another, and are true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 5, maxLength: 60 }), async (lives) => {
      const [clock, memory] = [new ManualClock(noon), new FeedMemory()];
      const vehicles = await aCity(memory, clock);
      const [one, other] = [memory.service(clock), memory.service(clock)];
      const told: FeedNews[] = [];
      const ids = new Map<TownVehicle, Map<string, number>>();
      await one.publishManifest();
      await one.publish(systemId, [{ kind: 'set-up' }]);
      for (const { vehicle: place, happening, again, isLookedAt, fate } of lives) {
        const vehicle = vehicles[place];
        if (vehicle === undefined) throw new RangeError('So many there are not');
        // No log is late by minutes.
        const others = happening === 'wait' ? vehicles : [];
        for (const each of others) each.hear();
        vehicle.live(happening);
        const news = [...others, vehicle].map(({ listing }): FeedNews => ({ kind: 'listed', listing }));
        // A stream keeps the order of a vehicle's changes; what comes once more comes with all after it.
        const batch = [...told.slice(-again || told.length), ...news];
        told.push(...news);
        let isFirst = true;
        memory.fate = () => (isFirst && (fate === 'killed' || fate === 'late') ? fate : 'go');
        memory.between = async () => {
          if (!isFirst || fate !== 'overtaken') return;
          isFirst = false;
          await other.publish(systemId, told.slice(-2));
        };
        await one.publish(systemId, batch).catch(() => {});
        isFirst = false;
        await one.publish(systemId, batch);
        if (!isLookedAt) continue;
        await other.refresh();
        const feed = feedOf(memory);
        expect([...untrue(feed, vehicles, ids), ...crossFaults(feed)]).toEqual([]);
        if (hasSchemas) expect([...feed].flatMap(([name, file]) => officialFaults(name, file))).toEqual([]);
        expect(Object(feed.get('vehicle_status'))).toMatchObject({ last_updated: new Date(clock.now()).toISOString() });
      }
    }),
    { numRuns: 20 },
  );
}, 60_000);
