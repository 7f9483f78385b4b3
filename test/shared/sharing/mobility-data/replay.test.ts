import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { mayRunOnBoard } from '#shared/sharing/bookings/reservation.ts';
import { isTransition, type MdsEvent, type MdsState } from '#shared/sharing/mds.ts';
import { hourLength, recently, startOfHour } from '#shared/sharing/mobility-data/hour.ts';
import { MobilityIds } from '#shared/sharing/mobility-data/mobility-ids.ts';
import type { MdsEventRecord } from '#shared/sharing/mobility-data/mobility-shapes.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { mdsEvent, mdsStatus, mdsTrip, mdsVehicle } from '../../../support/mds-schemas.ts';
import { MobilityTown, townActs } from '../../../support/mobility-town.ts';
import { sampleSystem } from '../../../support/sharing-city.ts';

const { systemId } = sampleSystem;
const noon = 1_800_000_000_000;
/** Somebody has it. */
const use: readonly MdsState[] = ['reserved', 'stopped', 'on_trip'];
const caller = { clientId: 'the-city', scopes: new Set<never>(), brands: [] } as never;

const table = new URL('../../../../../shared/data/mds-2.0/car-share-transitions.json', import.meta.url);
const official = existsSync(table)
  ? new Set(
      z
        .object({ transitions: z.array(z.object({ from: z.string(), event: z.string(), to: z.string() })) })
        .parse(JSON.parse(readFileSync(table, 'utf8')))
        .transitions.map(({ from, event, to }) => `${from} ${event} ${to}`),
    )
  : undefined;

function isInTable(from: MdsState, event: MdsEvent, to: MdsState): boolean {
  return isTransition(from, event, to) && official?.has(`${from} ${event} ${to}`) !== false;
}

async function allRecent({ service }: MobilityTown, now: number, limit: number): Promise<readonly MdsEventRecord[]> {
  const range = { from: now - 13 * 86_400_000, to: now + 1_000 };
  const events: MdsEventRecord[] = [];
  let from: string | undefined;
  do {
    const page = await service.recent(caller, systemId, range, { limit, ...(from !== undefined && { from }) });
    events.push(...page.items);
    from = page.next;
  } while (from !== undefined);
  return events;
}

/** By the timestamps alone, whatever order they came in. */
function replayed(events: readonly MdsEventRecord[]) {
  const states = new Map<string, MdsState>();
  const times = new Set<string>();
  for (const { device_id, event_types, vehicle_state, timestamp } of events.toSorted(
    (one, other) => one.timestamp - other.timestamp,
  )) {
    const before = states.get(device_id) ?? 'non_operational';
    for (const event of event_types) {
      const step = `${before} ${event} ${vehicle_state}`;
      expect(isInTable(before, event, vehicle_state) ? 'in the table' : step).toBe('in the table');
    }
    states.set(device_id, vehicle_state);
    expect(times.has(`${device_id} ${timestamp}`)).toBe(false);
    times.add(`${device_id} ${timestamp}`);
  }
  return states;
}

async function expectTrue(town: MobilityTown, now: number, limit: number): Promise<void> {
  const ids = new MobilityIds(keyedDigest('the city’s own'));
  const events = await allRecent(town, now, limit);
  const states = replayed(events);
  const { items: statuses } = await town.service.statuses(caller, systemId, { limit: 100 });
  const { items: vehicles } = await town.service.vehicles(caller, systemId, { limit: 100 });
  for (const status of statuses) {
    expect(status.last_event.vehicle_state).toBe(states.get(status.device_id));
    expect(events).toContainEqual(status.last_event);
  }
  for (const vehicle of town.vehicles.values()) {
    const { vehicleId, state, version, assignment } = vehicle;
    if (version === 0) continue;
    const status = statuses.find(({ device_id }) => device_id === ids.device(vehicleId));
    if (status === undefined) continue;
    expect(status.last_event.vehicle_state).toBe(state);
    if (use.includes(state)) expect(status.last_telemetry.trip_ids).toHaveLength(1);
    if (assignment === undefined && state === 'available') expect(status.last_telemetry.trip_ids).toBeNull();
    // Nobody is followed on their way, also where they drive on after a forced end, or still have a key.
    if (use.includes(state) || mayRunOnBoard(vehicle) || (state === 'available' && isBarred(vehicle, now))) {
      const { last_event, last_telemetry } = status;
      expect([last_telemetry.location, last_telemetry.timestamp]).toEqual([last_event.location, last_event.timestamp]);
    }
  }
  const text = JSON.stringify([events, statuses, vehicles]);
  for (const secret of town.secrets) expect(text.includes(secret) ? secret : 'not there').toBe('not there');
  z.array(mdsEvent).parse(events);
  z.array(mdsStatus).parse(statuses);
  z.array(mdsVehicle).parse(vehicles);
}

function isBarred({ barredUntil, admits, fence }: BookedVehicle, now: number): boolean {
  return barredUntil !== undefined && barredUntil >= now && admits <= fence;
}

/** Every complete hour says of it what recent events say, and each trip that ended is there with its true times. */
async function expectHours(town: MobilityTown, now: number): Promise<void> {
  const events = await allRecent(town, now, 50);
  const [first] = events;
  if (first === undefined) return;
  const told: MdsEventRecord[] = [];
  const trips: z.infer<typeof mdsTrip>[] = [];
  for (let hour = startOfHour(first.timestamp); hour + hourLength <= now - 300_000; hour += hourLength) {
    told.push(...((await town.service.historical(caller, systemId, hour)) ?? []));
    const ended = z.array(mdsTrip).parse((await town.service.trips(caller, systemId, hour)) ?? []);
    for (const { end_time } of ended) expect(startOfHour(end_time)).toBe(hour);
    trips.push(...ended);
  }
  expect(told).toEqual(events);
  const ids = new MobilityIds(keyedDigest('the city’s own'));
  for (const { vehicleId, start, end } of town.trips) {
    const mine = trips.filter(({ device_id }) => device_id === ids.device(vehicleId));
    const near = mine.some(({ start_time, end_time }) => near10(start_time, start) && near10(end_time, end));
    expect(near ? 'there' : JSON.stringify([{ start, end }, mine])).toBe('there');
  }
}

/** What comes at the same time is told a millisecond later each. */
function near10(one: number, other: number): boolean {
  return Math.abs(one - other) < 10;
}

test('at any moment of a running city, replaying its events by their timestamps goes by the table (the official one where ../shared is there) and ends where the statuses are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          vehicle: fc.nat(2),
          act: fc.constantFrom(...townActs),
          later: fc.constantFrom(1, 1_000, 60_000, 600_000, 3_000_000),
          lag: fc.constantFrom(0, 2_000, 120_000, 3_000_000, 20_000_000),
        }),
        { minLength: 60, maxLength: 140, size: 'max' },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (life, limit) => {
        const clock = new ManualClock(noon);
        const town = new MobilityTown(clock);
        for (const vehicle of [0, 1, 2]) for (const act of ['in', 'report'] as const) await town.live(vehicle, act, 0);
        for (const [n, { vehicle, act, later, lag }] of life.entries()) {
          clock.advance(later);
          await town.live(vehicle, act, lag);
          if (n % 20 === 19) await expectTrue(town, clock.now(), limit);
        }
        clock.advance(2 * hourLength);
        await expectTrue(town, clock.now(), limit);
        await expectHours(town, clock.now());
      },
    ),
    { numRuns: 15 },
  );
});

test('nobody is followed on their way: who drives on after a forced end is where the trip ended for the city', async () => {
  const clock = new ManualClock(noon);
  const town = new MobilityTown(clock);
  for (const act of ['in', 'report', 'hold', 'key', 'started', 'force', 'report'] as const) {
    clock.advance(60_000);
    await town.live(0, act, 0);
  }
  const { items } = await town.service.statuses(caller, systemId, { limit: 100 });
  expect(items).toHaveLength(1);
  await expectTrue(town, clock.now(), 7);
});

test('who reads the last two weeks page by page reads them to the end, while time goes on', async () => {
  const clock = new ManualClock(noon);
  const town = new MobilityTown(clock);
  for (const act of ['in', 'report', 'hold', 'cancel'] as const) {
    clock.advance(60_000);
    await town.live(0, act, 0);
  }
  const range = { from: clock.now() - recently, to: clock.now() + 1 };
  let told = 0;
  let from: string | undefined;
  do {
    const page = await town.service.recent(caller, systemId, range, { limit: 1, ...(from !== undefined && { from }) });
    told += page.items.length;
    from = page.next;
    clock.advance(1_000);
  } while (from !== undefined);
  expect(told).toBe(3);
  await expect(town.service.recent(caller, systemId, range, { limit: 1 })).rejects.toThrow('two weeks');
});
