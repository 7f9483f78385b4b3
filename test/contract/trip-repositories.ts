import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PageRequest } from '#shared/kernel/paging.ts';
import type { PaymentBook } from '#shared/sharing/payments/payment-book.ts';
import type { PaymentBooks } from '#shared/sharing/payments/sandbox-payments.ts';
import { billOf } from '#shared/sharing/prices/bill.ts';
import { reservationIdOf } from '#shared/sharing/sharing-id.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import type { TripLog, TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { judged } from '#shared/sharing/trips/trip-state.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem } from '../support/sharing-city.ts';
import { anOperationId, aVehicleId } from './samples.ts';

const now = Date.UTC(2026, 4, 31, 12);

export function aTrip(changes: Partial<Trip> = {}): Trip {
  const { operatorId } = sampleOperator;
  const { systemId, market, timeZone } = sampleSystem;
  const { fence = 1, heldAt = now } = changes;
  return judged({
    ...{ vehicleId: aVehicleId(), fence, reservationId: reservationIdOf(anOperationId(), heldAt) },
    ...{ personId: randomUUID(), operatorId, systemId, vehicleTypeId: electricCar.vehicleTypeId },
    terms: { plan: samplePlan, packageId: 'three-hours', market, timeZone },
    ...{ heldAt, expiresAt: heldAt + 900_000, bookingVersion: 3, version: 1 },
    ...{ payment: { kind: 'open' }, refunds: [] },
    ...changes,
  });
}

/** With everything in it that there can be. */
function aStory(): Trip {
  const [startedAt, endedAt] = [now + 60_000, now + 600_000];
  const place = { latitude: 52.52, longitude: 13.4 };
  const trip = aTrip();
  return judged({
    ...trip,
    release: { at: endedAt, why: 'forced', reason: 'forced' },
    course: {
      start: { at: startedAt, place, odometer: 1_000, charge: 80.5 },
      pauses: [{ from: startedAt + 1_000, to: startedAt + 2_000 }],
      ...{ pausedSince: startedAt + 3_000, pluggedInAt: 12 },
      end: { at: endedAt, odometer: 9_000, charge: 13, by: 'operator', zonesVersion: 4 },
      flaws: ['clock-set-back'],
    },
    verdict: { kind: 'settle', at: endedAt, by: 'client', reason: 'agreed', endedAt },
    bill: billOf({ heldAt: now, startedAt, endedAt, pauses: [], metres: 8_000 }, trip.terms),
    payment: {
      ...{ kind: 'collecting', since: endedAt, captured: 5, owed: 7, reason: 'insufficient-funds', told: true },
      ...{ paymentId: 'one', paymentMethod: 'sandbox-card' },
    },
    refunds: [{ refundId: 'r', amount: 3, at: endedAt, by: 'client', reason: 'kindness', status: 'begun' }],
  });
}

async function every(list: (page: PageRequest) => ReturnType<TripRepository['ofPerson']>, limit: number) {
  const found: Trip[] = [];
  let from: string | undefined;
  do {
    const page = await list({ limit, ...(from !== undefined && { from }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    from = page.next;
  } while (from !== undefined);
  return found;
}

export function tripRepositoryContract(open: () => Promise<TripRepository>): void {
  test('a trip is put down once, all of it, and of two who change it one wins', async () => {
    const trips = await open();
    const story = aStory();
    expect([await trips.save(story, undefined), await trips.save(story, undefined)]).toEqual([true, false]);
    expect(await trips.load(story)).toEqual(story);
    const next = { ...aTrip(story), version: 2 };
    expect([await trips.save(next, 1), await trips.save({ ...next, expiresAt: 0 }, 1)]).toEqual([true, false]);
    expect(await trips.load(story)).toEqual(next);
    expect(await trips.load({ vehicleId: story.vehicleId, fence: 2 })).toBeUndefined();
  });

  test('the trips of a vehicle and of a person come the newest first, each once on some page', async () => {
    const trips = await open();
    const [vehicleId, personId] = [aVehicleId(), randomUUID()];
    const own = [2, 10, 9].map((fence) => aTrip({ vehicleId, personId, fence, heldAt: now + fence * 1_000 }));
    for (const trip of [...own, aTrip({ vehicleId: aVehicleId() })]) await trips.save(trip, undefined);
    const newest = own.toSorted((a, b) => b.fence - a.fence);
    for (const limit of [1, 2, 5]) {
      expect(await every((page) => trips.ofVehicle(vehicleId, page), limit)).toEqual(newest);
      expect(await every((page) => trips.ofPerson(personId, page), limit)).toEqual(newest);
    }
  });

  test('a reservation is found by the person whose it is, and by nobody else', async () => {
    const trips = await open();
    const [trip, other] = [aTrip(), aTrip()];
    for (const one of [trip, other]) await trips.save(one, undefined);
    expect(await trips.ofReservation(trip.personId, trip.reservationId)).toEqual(trip);
    expect(await trips.ofReservation(other.personId, trip.reservationId)).toBeUndefined();
  });
}

export function tripLogContract(open: () => Promise<TripLog>): void {
  const line = (vehicleId: string, fence: number, sequence: number): TripEvent => ({
    ...{
      vehicleId,
      fence,
      reservationId: 'rsv',
      boot: 3,
      sequence,
      at: now,
      kind: 'started',
      odometer: 5,
      charge: 9.5,
    },
    ...{ after: { boot: 2, sequence: 7 }, place: { latitude: 1.5, longitude: -2 }, zonesVersion: 3, tokenId: 'ab' },
  });

  test('a line is there once, whole, however often it is added; another in its place is told of and left out', async () => {
    const log = await open();
    const vehicleId = aVehicleId();
    const one = line(vehicleId, 1, 1);
    expect([await log.add([one]), await log.add([one])]).toEqual([[], []]);
    const fork = { ...one, at: now + 1 };
    expect(await log.add([fork, line(vehicleId, 1, 2)])).toEqual([fork]);
    expect(await log.ofTrip({ vehicleId, fence: 1 })).toEqual([one, line(vehicleId, 1, 2)]);
  });

  test('lines are found by trip, and from a trip on, in the order of numbers', async () => {
    const log = await open();
    const vehicleId = aVehicleId();
    const lines = [2, 9, 10, 11].map((fence) => line(vehicleId, fence, fence));
    await log.add([...lines, line(aVehicleId(), 9, 1)]);
    expect(await log.ofTrip({ vehicleId, fence: 9 })).toEqual(lines.slice(1, 2));
    expect(await log.since({ vehicleId, fence: 9 })).toEqual(lines.slice(1));
    expect(await log.since({ vehicleId, fence: 12 })).toEqual([]);
  });
}

export function paymentBooksContract(open: () => Promise<PaymentBooks>): void {
  test('a book is begun once, and of two who write an entry one wins', async () => {
    const books = await open();
    const reservationId = reservationIdOf(anOperationId(), now);
    const money = { at: now, amount: 5 };
    const first: PaymentBook = {
      ...{ reservationId, version: 1 },
      entries: [{ kind: 'authorize', ...money, currency: 'EUR', paymentMethod: 'sandbox-card' }],
    };
    const other: PaymentBook = { ...first, entries: [{ kind: 'release', ...money }] };
    expect(await books.load(reservationId)).toBeUndefined();
    expect([await books.save(first, undefined), await books.save(other, undefined)]).toEqual([true, false]);
    const full: PaymentBook = {
      ...{ reservationId, version: 2 },
      entries: [
        ...first.entries,
        { kind: 'capture', ...money, asked: 9, declined: 'card-declined' },
        { kind: 'collect', ...money, id: 'c', currency: 'EUR', paymentMethod: 'x', declined: 'insufficient-funds' },
        { kind: 'refund', ...money, id: 'r', refused: 'more-than-taken' },
        { kind: 'release', ...money },
      ],
    };
    expect([await books.save(full, 1), await books.save({ ...other, version: 2 }, 1)]).toEqual([true, false]);
    expect(await books.load(reservationId)).toEqual(full);
  });
}
