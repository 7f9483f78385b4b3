import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository, BookingStep } from '#shared/sharing/bookings/booking-repository.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { type HoldClaim, mostRequests } from '#shared/sharing/bookings/hold.ts';
import { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import { ended, started } from '#shared/sharing/bookings/use.ts';
import { aBookedVehicle, aClaim, aDriver, anAssignment, minutes, now } from '../support/booking-samples.ts';
import { DisturbedTable, noDisturbances } from '../support/bookings/disturbed-table.ts';
import { seeded } from '../support/bookings/seeded.ts';
import { electricCar, samplePlan, sampleSystem } from '../support/sharing-city.ts';
import { newTable, startDynoxide, type TestEngine } from './engines.ts';
import { anOperationId } from './samples.ts';

const guard = 30_000;
let engine: TestEngine;
let table: string;
let bookings: BookingRepository;

beforeAll(async () => {
  engine = await startDynoxide();
  table = await newTable(engine.client);
  bookings = new DynamoBookingRepository(documentClient(engine.client), table);
});
afterAll(() => engine.stop());

async function put<T extends BookedVehicle | Driver>(...all: readonly T[]): Promise<readonly T[]> {
  for (const next of all) {
    expect(await bookings.save('vehicleId' in next ? { vehicle: { next } } : { driver: { next } })).toBe(true);
  }
  return all;
}

async function aCar(changes: Partial<BookedVehicle> = {}): Promise<BookedVehicle> {
  const vehicle = aBookedVehicle(changes);
  await put(vehicle);
  return vehicle;
}

async function somebody(): Promise<Driver> {
  const driver = aDriver();
  await put(driver);
  return driver;
}

function many<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

async function winners(claims: readonly HoldClaim[], through = bookings): Promise<readonly HoldClaim[]> {
  const outcomes = await Promise.all(claims.map((claim) => through.hold(claim)));
  return claims.filter((_, place) => outcomes[place]?.kind === 'held');
}

function at(instant: number, through = bookings): BookingService {
  return new BookingService({ bookings: through, clock: { now: () => instant } });
}

function holdsAt(instant: number, through = bookings): HoldService {
  const { systemId, operatorId } = sampleSystem;
  const facts = { systemId, operatorId, vehicleTypeId: electricCar.vehicleTypeId, label: 'B', version: 1 };
  return new HoldService({
    ...{ bookings: through, service: at(instant, through), clock: { now: () => instant } },
    digest: (text) => createHash('sha256').update(text).digest('base64url').slice(0, 16),
    setup: {
      system: async () => sampleSystem,
      plan: async () => samplePlan,
      fleetVehicle: async (vehicleId) => ({ ...facts, vehicleId, speaks: 'device' }),
      forgetVehicle: () => {},
    },
  });
}

function operation() {
  return { operationId: anOperationId(), startedAt: now };
}

async function car({ vehicleId }: Pick<BookedVehicle, 'vehicleId'>): Promise<BookedVehicle> {
  const vehicle = await bookings.vehicle(vehicleId);
  if (vehicle === undefined) throw new Error('no vehicle');
  return vehicle;
}

describe('two bookers', () => {
  test('of two hundred who want one car at once, one has it', async () => {
    const vehicle = await aCar();
    const people = many(200, () => aDriver());
    await put(...people);
    const [winner, ...more] = await winners(people.map((person) => aClaim(vehicle, person)));
    expect(more).toEqual([]);
    expect(await car(vehicle)).toMatchObject({ fence: 1, version: 2, assignment: { personId: winner?.personId } });
  });

  test('of fifty cars that one person wants at once, they have one', async () => {
    const person = await somebody();
    const cars = many(50, () => aBookedVehicle());
    await put(...cars);
    const won = await winners(cars.map((vehicle) => aClaim(vehicle, person)));
    expect(won).toHaveLength(1);
    const taken = await Promise.all(cars.map(car));
    expect(taken.filter(({ assignment }) => assignment !== undefined)).toHaveLength(1);
  });

  test('of a hundred who claim what somebody let expire, one has it, and both that it lapsed and that it is held is told', async () => {
    const assignment = anAssignment({ expiresAt: now - guard - 1 });
    const vehicle = await aCar({ state: 'reserved', fence: 7, assignment });
    const people = many(100, () => aDriver());
    await put(...people);
    expect(await winners(people.map((person) => aClaim(vehicle, person)))).toHaveLength(1);
    expect((await car(vehicle)).moves).toEqual([
      { event: 'provider_cancellation', at: now, reason: 'hold_expired' },
      { event: 'reservation_start', at: now },
    ]);
  });
});

test('expiry: a hold is over by the condition alone, and for others a guard later', async () => {
  const [one, other] = [await somebody(), await somebody()];
  const vehicle = await aCar({ state: 'reserved', assignment: anAssignment({ expiresAt: now }) });
  expect(await winners([aClaim(vehicle, one, { heldAt: now + guard })])).toEqual([]);
  expect(await winners([aClaim(vehicle, other, { heldAt: now + guard + 1 })])).toHaveLength(1);
});

test('expiry: a car that was found empty meanwhile is nobody’s next, and leaves service as soon as the hold is over', async () => {
  for (const isLate of [false, true]) {
    const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    const late = claim.expiresAt + guard + 1;
    expect(await at(isLate ? late : now).chargeLow(vehicle.vehicleId)).toBe(true);
    expect((await car(vehicle)).state).toBe(isLate ? 'non_operational' : 'reserved');
    expect(await winners([aClaim(vehicle, other, { heldAt: late })])).toEqual([]);
    await at(late).expire(vehicle.vehicleId);
    await at(late).chargeLow(vehicle.vehicleId);
    expect(await car(vehicle)).toMatchObject({ state: 'non_operational', outOfService: 'low-charge' });
    await at(late).chargeWell(vehicle.vehicleId);
    expect(await winners([aClaim(vehicle, other, { heldAt: late })])).toHaveLength(1);
  }
});

test('clock skew: by clocks that differ by ten seconds, nobody can both still get a key and be taken for gone', async () => {
  const offsets = [-5_001, -1, 0, 1, 4_999, 5_000, guard - 10_000, guard - 5_000, guard, guard + 1];
  for (const offset of offsets) {
    for (const isKeyFirst of [true, false]) {
      const [holder, other, vehicle] = [await somebody(), await somebody(), await aCar()];
      const claim = aClaim(vehicle, holder);
      await winners([claim]);
      const instant = claim.expiresAt + offset;
      const take = async () => (await winners([aClaim(vehicle, other, { heldAt: instant + 5_000 })])).length > 0;
      const key = () =>
        at(instant - 5_000)
          .issueKey(claim, claim.request.reservationId)
          .then(() => true)
          .catch(() => false);
      const both = isKeyFirst ? (await key()) && (await take()) : (await take()) && (await key());
      expect({ offset, both }).toEqual({ offset, both: false });
    }
  }
});

describe('retry', () => {
  test('the same request gets its reservation after an hour, an extension, a cancellation and four more holds', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const first = await holdsAt(now).hold(person, { vehicleId: vehicle.vehicleId, key: 'first' }, operation());
    if (first.kind !== 'held') throw new Error(first.kind);
    const { reservationId } = first.assignment;
    await at(now).extend(person, reservationId, sampleSystem.holds, 'once');
    await at(now).cancel(person, reservationId);
    for (const key of ['second', 'third', 'fourth', 'fifth']) {
      const held = await holdsAt(now + 5).hold(person, { vehicleId: vehicle.vehicleId, key }, operation());
      if (held.kind === 'held') await at(now + 6).cancel(person, held.assignment.reservationId);
    }
    const again = await holdsAt(now + 60 * minutes).hold(
      person,
      { vehicleId: vehicle.vehicleId, key: 'first' },
      operation(),
    );
    expect(again).toEqual({ kind: 'repeated', reservationId });
    expect((await car(vehicle)).assignment).toBeUndefined();
  });

  test('requests that are sent at the same time under one key get one reservation', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const ask = () => holdsAt(now).hold(person, { vehicleId: vehicle.vehicleId, key: 'once' }, operation());
    const all = await Promise.all(many(12, ask));
    const ids = all.map((held) => (held.kind === 'held' ? held.assignment.reservationId : held.reservationId));
    expect(new Set(ids).size).toBe(1);
    expect(all.filter(({ kind }) => kind === 'held')).toHaveLength(1);
    expect(await car(vehicle)).toMatchObject({ fence: 1, version: 2 });
  });

  test('an extension that comes again extends once: in the same call, after another one, and once it is driven', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    const { reservationId } = claim.request;
    const extend = async (operationId: string, through = bookings) => {
      const rules = { minutes: 15, extensionMinutes: 10, extensions: 2 };
      const { assignment } = await at(now, through).extend(claim, reservationId, rules, operationId);
      return [assignment.extensions, assignment.expiresAt - claim.expiresAt];
    };
    // Its answer is lost, and another extension comes between the two.
    const between = new Twice(async () => {
      expect(await extend('two')).toEqual([2, 20 * minutes]);
    });
    expect(await extend('one', between)).toEqual([2, 20 * minutes]);
    for (const again of ['one', 'two']) expect(await extend(again)).toEqual([2, 20 * minutes]);
    await expect(extend('three')).rejects.toMatchObject({ code: 'extensions-used' });
    const line = { reservationId, fence: 1, at: now + 2, position: { boot: 1, sequence: 1 }, readAt: now + 3 };
    await at(now + 3).change(vehicle.vehicleId, (seen) => started(seen, line));
    expect(await extend('one')).toEqual([2, 20 * minutes]);
    await expect(extend('three')).rejects.toMatchObject({ code: 'trip-started' });
  });

  test('however often somebody lets holds expire, their item stays small and they can hold again', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    for (let round = 0; round < 2 * mostRequests; round++) {
      const held = await holdsAt(now + round * 20 * minutes).hold(
        person,
        { vehicleId: vehicle.vehicleId, key: `${round}` },
        operation(),
      );
      expect(held.kind).toBe('held');
    }
    const driver = await bookings.driver(person.operatorId, person.personId);
    expect(driver?.requests.length).toBeLessThanOrEqual(mostRequests);
    expect(await car(vehicle)).toMatchObject({ fence: 2 * mostRequests });
  });

  test('a hold whose driver’s half was not told of its release stands in the way of nothing', async () => {
    const [person, first, second] = [await somebody(), await aCar(), await aCar()];
    const claim = aClaim(first, person);
    await winners([claim]);
    // Whoever releases it dies between the two halves.
    const released = await car(first);
    const { assignment: _, ...free } = released;
    const next = { ...free, state: 'available' as const, moves: [], version: released.version + 1 };
    expect(await bookings.save({ vehicle: { seen: released.version, next } })).toBe(true);
    const held = await holdsAt(now).hold(person, { vehicleId: second.vehicleId, key: 'next' }, operation());
    expect(held.kind).toBe('held');
  });
});

describe('conflict', () => {
  test('a transaction that meets another one is tried again, and one that always does is given up with nothing changed', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    const always = disturbed({ conflict: 1 });
    await expect(always.hold(claim)).rejects.toMatchObject({ kind: 'unavailable', code: 'contended' });
    expect(await car(vehicle)).toEqual(vehicle);
    const often = disturbed({ conflict: 0.5 });
    expect(await often.hold(claim)).toEqual({ kind: 'held' });
  });

  function disturbed(odds: Partial<typeof noDisturbances>): BookingRepository {
    const { client } = new DisturbedTable(engine.client, { ...noDisturbances, ...odds }, seeded(3), new Set());
    return new DynamoBookingRepository(client, table, async () => {});
  }
});

test('reserved but not unlocked: what nobody comes for is released once, and tells so once', async () => {
  const [person, vehicle] = [await somebody(), await aCar()];
  const claim = aClaim(vehicle, person);
  await winners([claim]);
  expect(await at(claim.expiresAt + guard).expire(vehicle.vehicleId)).toBe(false);
  const swept = await Promise.all(many(5, () => at(claim.expiresAt + guard + 1).expire(vehicle.vehicleId)));
  expect(swept).toContain(true);
  const free = await car(vehicle);
  expect(free).toMatchObject({
    state: 'available',
    version: 3,
    moves: [{ event: 'provider_cancellation', reason: 'hold_expired' }],
  });
  expect((await bookings.driver(person.operatorId, person.personId))?.active).toBeUndefined();
});

describe('a vehicle without a network', () => {
  test('keeps what a key was issued for until it is heard, and tells in order what happened', async () => {
    const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    const { reservationId } = claim.request;
    await at(now).issueKey(claim, reservationId);
    await at(now).silent(vehicle.vehicleId, now + 1, true);
    const late = claim.expiresAt + 60 * minutes;
    expect(await at(late).expire(vehicle.vehicleId)).toBe(false);
    expect(await winners([aClaim(vehicle, other, { heldAt: late })])).toEqual([]);
    await at(late).heard(vehicle.vehicleId);
    expect((await car(vehicle)).moves).toEqual([{ event: 'comms_restored', at: late }]);
    expect(await at(late).expire(vehicle.vehicleId)).toBe(true);
    expect((await car(vehicle)).moves).toMatchObject([{ event: 'provider_cancellation' }]);
  });

  test('its driver may give back what MDS forbids to cancel, and that waits to be told', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    await at(now).silent(vehicle.vehicleId, now + 1, true);
    await at(now + 2).cancel(claim, claim.request.reservationId);
    expect(await car(vehicle)).toMatchObject({ state: 'non_contactable', former: ['available'], moves: [] });
    await at(now + 3).heard(vehicle.vehicleId);
    const back = await car(vehicle);
    expect(back.moves.map(({ event }) => event)).toEqual(['comms_restored', 'customer_cancellation']);
    expect(back.state).toBe('available');
  });

  test('was held there by somebody who never got a key: it is as free before somebody tidied up as afterwards', async () => {
    for (const isSwept of [false, true]) {
      const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
      const claim = aClaim(vehicle, person);
      await at(now).silent(vehicle.vehicleId, now, true);
      await winners([claim]);
      const late = claim.expiresAt + guard + 1;
      if (isSwept) expect(await at(late).expire(vehicle.vehicleId)).toBe(true);
      expect(await winners([aClaim(vehicle, other, { heldAt: late })])).toHaveLength(1);
      await expect(at(claim.expiresAt - 1).issueKey(claim, claim.request.reservationId)).rejects.toThrow();
      await at(late + 1).heard(vehicle.vehicleId);
      const { moves } = await car(vehicle);
      expect(moves.map(({ event }) => event)).toEqual([
        ...['comms_restored', 'reservation_start', 'provider_cancellation', 'reservation_start'],
      ]);
    }
  });

  test('a start within the hold counts, whenever its log comes, and the fence of another’s is nothing but known', async () => {
    const [person, vehicle] = [await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    const { reservationId } = claim.request;
    await at(now).issueKey(claim, reservationId);
    await at(now).silent(vehicle.vehicleId, now + 1, true);
    const readAt = claim.expiresAt + 45 * minutes;
    const line = {
      reservationId,
      fence: 1,
      at: claim.expiresAt - 3 * minutes,
      position: { boot: 1, sequence: 1 },
      readAt,
    };
    await at(readAt).change(vehicle.vehicleId, (seen) => started(seen, line));
    expect(await car(vehicle)).toMatchObject({ state: 'on_trip', assignment: { startedAt: line.at } });
    expect((await car(vehicle)).moves.map(({ event }) => event)).toEqual([
      'comms_restored',
      'reservation_stop',
      'trip_start',
    ]);
    const stale = { ...line, fence: 0, position: { boot: 1, sequence: 2 } };
    await at(readAt).change(vehicle.vehicleId, (seen) => ended(seen, stale));
    expect(await car(vehicle)).toMatchObject({ state: 'on_trip', admits: 1, log: { sequence: 2 }, moves: [] });
    const end = { ...line, at: readAt, position: { boot: 1, sequence: 3 } };
    await at(readAt).change(vehicle.vehicleId, (seen) => ended(seen, end));
    expect(await car(vehicle)).toMatchObject({ state: 'available', admits: 2, fence: 1 });
  });

  test('whoever cancelled and drives all the same keeps the car from others until it has ended', async () => {
    const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
    const claim = aClaim(vehicle, person);
    await winners([claim]);
    const { reservationId } = claim.request;
    await at(now).issueKey(claim, reservationId);
    await at(now + 1).cancel(claim, reservationId);
    const line = { reservationId, fence: 1, at: now + 2, position: { boot: 1, sequence: 1 }, readAt: now + 3 };
    await at(now + 3).change(vehicle.vehicleId, (seen) => started(seen, line));
    const muchLater = now + 10 * 60 * minutes;
    expect(await winners([aClaim(vehicle, other, { heldAt: muchLater })])).toEqual([]);
    const end = { ...line, at: muchLater, position: { boot: 1, sequence: 2 }, readAt: muchLater };
    await at(muchLater).change(vehicle.vehicleId, (seen) => ended(seen, end));
    expect(await winners([aClaim(vehicle, other, { heldAt: muchLater })])).toHaveLength(1);
  });
});

test('an extension leaves the fence, and with it every key; a new holder raises it', async () => {
  const [person, vehicle] = [await somebody(), await aCar()];
  const claim = aClaim(vehicle, person);
  await winners([claim]);
  const { reservationId } = claim.request;
  const first = await at(now).issueKey(claim, reservationId);
  const longer = await at(now).extend(claim, reservationId, sampleSystem.holds, 'once');
  expect([first.fence, longer.fence]).toEqual([1, 1]);
  expect(longer.revision).toBeGreaterThan(first.revision);
  const next = await at(now).issueKey(claim, reservationId);
  expect(next.assignment.keyUntil).toBe(longer.assignment.expiresAt);
  expect((await at(now).issueKey(claim, reservationId)).version).toBe(next.version);
});

test('forced: a trip is over for the cloud at once, and the car is nobody else’s before it says that it has ended', async () => {
  const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
  const claim = aClaim(vehicle, person);
  await winners([claim]);
  const { reservationId } = claim.request;
  await at(now).issueKey(claim, reservationId);
  const line = { reservationId, fence: 1, at: now + 1, position: { boot: 1, sequence: 1 }, readAt: now + 1 };
  await at(now + 1).change(vehicle.vehicleId, (seen) => started(seen, line));
  await at(now + 2).forceEnd(vehicle.vehicleId);
  expect((await car(vehicle)).moves.map(({ event, reason }) => [event, reason])).toEqual([
    ['trip_stop', 'forced'],
    ['trip_end', 'forced'],
  ]);
  const muchLater = now + 48 * 60 * minutes;
  expect(await winners([aClaim(vehicle, other, { heldAt: muchLater })])).toEqual([]);
  await at(muchLater).admitted(vehicle.vehicleId, 2);
  expect(await winners([aClaim(vehicle, other, { heldAt: muchLater })])).toHaveLength(1);
});

test('forced: of a call that came twice, the second ends nobody’s use who got the car between the two', async () => {
  const [person, other, vehicle] = [await somebody(), await somebody(), await aCar()];
  const [claim, next] = [aClaim(vehicle, person), aClaim(vehicle, other, { heldAt: now + 2 })];
  await winners([claim]);
  const twice = new Twice(async () => {
    expect(await winners([next])).toHaveLength(1);
  });
  const over = await at(now + 1, twice).forceEnd(vehicle.vehicleId);
  expect(over?.assignment.reservationId).toBe(claim.request.reservationId);
  expect((await car(vehicle)).assignment?.reservationId).toBe(next.request.reservationId);
  expect((await bookings.driver(other.operatorId, other.personId))?.active).toMatchObject({
    reservationId: next.request.reservationId,
  });
  expect((await bookings.driver(person.operatorId, person.personId))?.active).toBeUndefined();
});

/** The first save is carried out, and then repeated as the SDK does whose answer was lost. */
class Twice extends DynamoBookingRepository {
  #between: (() => Promise<void>) | undefined;

  constructor(between: () => Promise<void>) {
    super(documentClient(engine.client), table);
    this.#between = between;
  }

  override async save(step: BookingStep): Promise<boolean> {
    const between = this.#between;
    this.#between = undefined;
    if (between !== undefined) {
      await super.save(step);
      await between();
    }
    return super.save(step);
  }
}
