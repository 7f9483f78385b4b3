import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import type { Settled } from '#shared/sharing/trips/trip-desk.ts';
import { startDynoxide, type TestEngine } from '../../../contract/engines.ts';
import { AssetTown } from '../../../support/asset-town.ts';
import { caller } from '../../../support/partner-town.ts';

let engine: TestEngine;
let town: AssetTown;
let ada: Driver;
let scooter: string;
beforeAll(async () => {
  engine = await startDynoxide();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  town = await AssetTown.open(engine.client);
  await town.read();
  ada = await town.driver();
  scooter = await town.finds();
});
afterEach(() => town.close());

const office = caller('office');

function partners() {
  const [booking] = town.partner.bookings.packages;
  if (booking === undefined) throw new Error('no package');
  return booking;
}

async function started(): Promise<ReservationId> {
  const reservationId = await town.hold(ada, scooter);
  town.partner.bookings.start(partners());
  await town.passes(1);
  return reservationId;
}

/** What stands in the operator's list, and why. */
async function waiting() {
  const { items } = await town.parts.partnerTrips.list(office, town.feed.systemId, { limit: 9 });
  return items.map(({ state }) => (state.status === 'to-review' ? state.reasons : state.status));
}

async function decide(reservationId: ReservationId, decision: 'settle' | 'waive', so?: Settled) {
  const trip = await town.trip(ada, reservationId);
  if (trip === undefined) throw new Error('no trip');
  return town.parts.desk.review(trip, { caller: office, reason: 'called the partner' }, decision, so);
}

const undecided = () => town.warnings.filter((what) => what === 'undecided').length;

describe('a use whose partner names no price', () => {
  test('is its operator’s to decide after a day, is told of hourly, and is billed by the amount entered, once', async () => {
    town.partner.bookings.priceComesLater = true;
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(23 * 60);
    expect([await waiting(), undecided()]).toEqual([[], 0]);
    await town.passes(61);
    expect(await waiting()).toEqual([['partner-price-missing']]);
    for (let hour = 0; hour < 3; hour += 1) {
      const before = undecided();
      await town.passes(61);
      expect(undecided()).toBeGreaterThan(before);
    }
    await expect(decide(reservationId, 'settle')).rejects.toMatchObject({ code: 'trip-amount-unknown' });
    await decide(reservationId, 'settle', { amount: 290 });
    // Too late: what was decided stands.
    town.partner.bookings.priceComesLater = false;
    await town.passes(61);
    expect(await town.trip(ada, reservationId)).toMatchObject({
      ...{ state: { status: 'settled' }, payment: { kind: 'captured', captured: 290 } },
      bill: { total: 290, lines: [{ item: 'partner' }], issuer: { name: 'Nextwheel GmbH' }, vat: { amount: 46 } },
    });
    expect([await town.taken(reservationId), await waiting(), town.looks]).toEqual([290, [], []]);
  });

  test('is billed by its price all the same, where that comes before anybody has decided', async () => {
    town.partner.bookings.priceComesLater = true;
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(25 * 60);
    expect(await waiting()).toEqual([['partner-price-missing']]);
    town.partner.bookings.priceComesLater = false;
    await town.passes(61);
    expect([await waiting(), town.looks]).toEqual([[], []]);
    expect(await town.trip(ada, reservationId)).toMatchObject({ state: { status: 'settled' } });
    expect(partners().status).toBe('SETTLED');
  });

  test('costs nothing once it is waived, whatever the partner says then', async () => {
    town.partner.bookings.priceComesLater = true;
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(1);
    // It answers no more at all.
    town.partner.fails('packages', 'error', 3);
    await town.passes(25 * 60);
    await decide(reservationId, 'waive');
    town.partner.bookings.priceComesLater = false;
    await town.passes(61);
    expect(await town.trip(ada, reservationId)).toMatchObject({
      state: { waived: true },
      payment: { kind: 'released' },
    });
    expect([await town.taken(reservationId), town.looks, partners().status]).toEqual([0, [], 'ENDED']);
  });
});

describe('a use whose partner names a price far above what such a use costs', () => {
  test('is charged by the operator’s decision alone, and the partner’s price then accepted', async () => {
    town.partner.bookings.price = { fee: 9_000, minute: 19 };
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(2);
    expect([await waiting(), await town.taken(reservationId)]).toEqual([[['partner-price-high']], 0]);
    await town.passes(61);
    expect([undecided() > 0, partners().status]).toEqual([true, 'ENDED']);
    await decide(reservationId, 'settle');
    await town.passes(61);
    expect(await town.trip(ada, reservationId)).toMatchObject({ bill: { total: 9_019 }, state: { status: 'settled' } });
    expect([partners().status, await waiting(), town.looks]).toEqual(['SETTLED', [], []]);
  });

  test('is charged unasked once the partner has corrected it', async () => {
    town.partner.bookings.price = { fee: 9_000, minute: 19 };
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(2);
    town.partner.bookings.price = { fee: 90, minute: 19 };
    await town.passes(61);
    expect([await waiting(), await town.taken(reservationId)]).toEqual([[], 109]);
  });

  test('never costs more unasked than the operator lets, whatever the plan says', async () => {
    await town.parts.feeds.save({ ...town.feed, priceCap: 100, version: 2 }, town.feed);
    const reservationId = await started();
    town.partner.bookings.end(partners());
    await town.passes(2);
    expect([await waiting(), await town.taken(reservationId)]).toEqual([[['partner-price-high']], 0]);
  });
});

describe('a use that its partner takes away after the start', () => {
  test('ends then and there, with the reason, and its operator says what it costs', async () => {
    const reservationId = await started();
    partners().status = 'CANCELLED';
    await town.passes(1);
    expect((await town.vehicle(scooter)).assignment).toBeUndefined();
    expect(await town.parts.repository.driver(ada.operatorId, ada.personId)).not.toHaveProperty('active');
    expect(await town.trip(ada, reservationId)).toMatchObject({
      ...{ state: { status: 'to-review', reasons: ['partner-withdrew'] }, course: { end: {} } },
    });
    expect(await waiting()).toEqual([['partner-withdrew']]);
    await town.passes(61);
    expect(undecided()).toBeGreaterThan(0);
    await decide(reservationId, 'settle', { amount: 120 });
    await town.passes(61);
    expect([await town.taken(reservationId), await waiting(), town.looks]).toEqual([120, [], []]);
  });
});

describe('a partner that says what cannot be', () => {
  function says(process: string, instead: string | RegExp, what: string): void {
    town.partner.says.set(process, (text) => ({ body: text.replaceAll(instead, what) }));
  }

  test.each([
    ['"taxPercentageUsed":19', '"taxPercentageUsed":-100'],
    ['"taxPercentageUsed":19', '"taxPercentageUsed":1e300'],
    ['"currencyCode":"EUR"', '"currencyCode":"JPY"'],
    [/"amount":[\d.]+/g, '"amount":1e300'],
    [/"amount":[\d.]+/g, '"amount":-1'],
  ])('(%s as %s) charges nobody, and its operator decides', async (from, to) => {
    const reservationId = await started();
    says('packages', from, to);
    town.partner.bookings.end(partners());
    await town.passes(2);
    expect([await waiting(), await town.taken(reservationId)]).toEqual([[['partner-price-unusable']], 0]);
  });

  test('that a use began before anybody had it makes no price a usual one', async () => {
    const reservationId = await town.hold(ada, scooter);
    const heldAt = town.clock.now();
    says('packages', /"startTime":"[^"]+"/g, '"startTime":"1970-01-01T00:00:00.000Z"');
    town.partner.bookings.price = { fee: 9_000, minute: 19 };
    town.partner.bookings.start(partners());
    town.partner.bookings.end(partners());
    await town.passes(2);
    expect(await waiting()).toEqual([['partner-price-high']]);
    expect(await town.trip(ada, reservationId)).toMatchObject({ course: { start: { at: heldAt } } });
  });

  test('of another package has said nothing of ours', async () => {
    const reservationId = await started();
    says('packages', 'package-1', 'package-7');
    town.partner.bookings.end(partners());
    await town.passes(2);
    expect([await town.taken(reservationId), (await town.vehicle(scooter)).state]).toEqual([0, 'on_trip']);
    town.partner.says.clear();
    await town.passes(2);
    expect(await town.taken(reservationId)).toBe(119);
  });

  test('that what has ended is only confirmed owes its price still, and its operator decides after a day', async () => {
    town.partner.bookings.priceComesLater = true;
    await started();
    town.partner.bookings.end(partners());
    await town.passes(2);
    partners().status = 'CONFIRMED';
    partners().expires += 48 * 3_600_000;
    await town.passes(25 * 60);
    expect([await waiting(), partners().status]).toEqual([[['partner-price-missing']], 'CONFIRMED']);
  });

  test('by a page of whatever stands before it takes nobody’s ride away', async () => {
    const reservationId = await started();
    town.partner.says.set('packages', () => ({ status: 404, body: '<html>no such page</html>' }));
    await town.passes(3);
    expect((await town.vehicle(scooter)).assignment?.reservationId).toBe(reservationId);
  });

  test.each([
    ['"id":"package-1"', '"id":"package\\n1"'],
    ['"type":"leg"', '"type":"leg","travellers":["somebody-else"]'],
  ])('(%s as %s) of what was bought has sold nothing, and what it may have kept is given back', async (from, to) => {
    says('purchase-offers', from, to);
    await expect(town.hold(ada, scooter)).rejects.toMatchObject({ code: 'partner-unavailable' });
    expect((await town.vehicle(scooter)).assignment).toBeUndefined();
    town.partner.says.clear();
    await town.passes(2);
    expect([partners().status, town.looks]).toEqual(['ROLLBACK', []]);
  });
});
