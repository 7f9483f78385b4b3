import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { startDynoxide, type TestEngine } from '../../../contract/engines.ts';
import { AssetTown } from '../../../support/asset-town.ts';
import { aReferenceAsset } from '../../../support/reference-gbfs.ts';

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

/** What the partner has of it. */
function packages(): readonly string[] {
  return town.partner.bookings.packages.map(({ status }) => status);
}

function ride(reservationId: ReservationId, operation: 'start' | 'pause' | 'resume' | 'end') {
  const claimant = { operatorId: ada.operatorId, personId: ada.personId };
  return town.parts.assets.partnerReservations.ride(claimant, reservationId, operation);
}

describe('a partner’s scooter', () => {
  test('is held with us and with its partner, ridden, and billed by the partner’s own price, once', async () => {
    const reservationId = await town.hold(ada, scooter);
    expect(packages()).toEqual(['CONFIRMED']);
    expect(await town.found()).toHaveLength(2);
    await town.streams();
    expect((await town.found()).map(({ vehicleId }) => vehicleId)).not.toContain(scooter);
    await ride(reservationId, 'start');
    expect((await town.vehicle(scooter)).state).toBe('on_trip');
    await town.passes(4);
    await ride(reservationId, 'pause');
    expect((await town.vehicle(scooter)).state).toBe('stopped');
    await town.passes(1);
    await ride(reservationId, 'resume');
    await town.passes(5);
    await ride(reservationId, 'end');
    await town.passes(1);
    const total = 100 + 10 * 19;
    expect(await town.trip(ada, reservationId)).toMatchObject({
      state: { status: 'settled' },
      course: { end: { odometer: 1_800 }, pauses: [{}], flaws: [] },
      bill: {
        ...{ total, lines: [{ item: 'partner', amount: total }], issuer: { name: 'Nextwheel GmbH' } },
        vat: { rate: 1900, amount: 46 },
      },
      payment: { kind: 'captured', captured: total },
    });
    expect(await town.taken(reservationId)).toBe(total);
    await town.passes(30);
    expect([packages(), town.looks, town.warnings]).toEqual([['SETTLED'], [], []]);
    expect(await town.taken(reservationId)).toBe(total);
  });

  test('ridden by the partner’s own app is a trip all the same, as soon as somebody looks', async () => {
    const reservationId = await town.hold(ada, scooter);
    const [booking] = town.partner.bookings.packages;
    if (booking === undefined) throw new Error('no package');
    town.partner.bookings.start(booking);
    await town.passes(1);
    expect((await town.vehicle(scooter)).assignment?.startedAt).toBe(booking.startedAt);
    town.partner.bookings.priceComesLater = true;
    town.partner.bookings.end(booking);
    await town.passes(1);
    expect(await town.trip(ada, reservationId)).toMatchObject({
      state: { status: 'ended' },
      payment: { kind: 'open' },
    });
    expect(await town.parts.repository.driver(ada.operatorId, ada.personId)).not.toHaveProperty('active');
    town.partner.bookings.priceComesLater = false;
    await town.passes(2);
    expect(await town.trip(ada, reservationId)).toMatchObject({ state: { status: 'settled' } });
  });

  test('that its partner will not give is held by nobody, and nothing is set aside', async () => {
    town.partner.fails('purchase-offers', 'refuse');
    await expect(town.hold(ada, scooter)).rejects.toMatchObject({ code: 'partner-refused' });
    expect([packages(), (await town.vehicle(scooter)).assignment]).toEqual([[], undefined]);
    await town.rest();
    expect(await town.parts.repository.driver(ada.operatorId, ada.personId)).not.toHaveProperty('active');
    const { items } = await town.parts.trips.ofVehicle(scooter, { limit: 9 });
    expect(items).toMatchObject([
      { state: { status: 'cancelled', reason: 'partner-refused' }, payment: { kind: 'released' } },
    ]);
  });

  test('of which nobody knows whether its partner holds it is asked for again, by the same reference, and held once', async () => {
    town.partner.fails('purchase-offers', 'cut');
    await town.hold(ada, scooter);
    expect(packages()).toEqual(['CONFIRMED']);
    const asked = town.partner.asked.filter(({ process }) => process === 'purchase-offers');
    expect(new Set(asked.map(({ reference }) => reference)).size).toBe(1);
    expect(asked.map(({ status }) => status)).toEqual(['nothing', 200]);
  });

  test.each(['cut', 'hang', 'error', 'deaf', 'later'] as const)(
    'whose partner goes on to fail (%s) is given up within a minute, and given back as soon as it answers',
    async (fault) => {
      town.partner.fails('confirm-purchase', fault, 3);
      town.partner.fails('packages', fault, 1);
      await expect(town.hold(ada, scooter)).rejects.toMatchObject({ code: 'partner-unavailable' });
      expect((await town.vehicle(scooter)).assignment).toBeUndefined();
      await town.passes(1);
      await town.passes(2);
      await town.passes(30);
      expect(packages()).toEqual([['ROLLBACK', 'CANCELLED'].find((one) => packages().includes(one))]);
      expect(town.partner.bookings.holders('scooter-1')).toEqual([]);
      expect(town.looks).toEqual([]);
    },
  );

  test('whose holder died before anybody asked its partner is nobody’s within a minute', async () => {
    const begin = town.parts.assets.uses.begin;
    town.parts.assets.uses.begin = async () => {
      throw new Error('killed');
    };
    await expect(town.hold(ada, scooter)).rejects.toThrow('killed');
    town.parts.assets.uses.begin = begin;
    expect((await town.vehicle(scooter)).assignment?.personId).toBe(ada.personId);
    await town.passes(1);
    expect([packages(), (await town.vehicle(scooter)).assignment]).toEqual([[], undefined]);
  });

  test('whose holder died while its partner was asked is held once, or nobody’s', async () => {
    town.partner.fails('confirm-purchase', 'cut', 1);
    const advance = town.parts.assets.uses.advance;
    town.parts.assets.uses.advance = async (use) => {
      await advance.call(town.parts.assets.uses, use);
      throw new Error('killed');
    };
    await expect(town.hold(ada, scooter)).rejects.toThrow('killed');
    town.parts.assets.uses.advance = advance;
    await town.passes(0.3);
    expect(packages()).toEqual(['CONFIRMED']);
    expect((await town.vehicle(scooter)).assignment?.personId).toBe(ada.personId);
  });

  test('is extended with its partner, and never promised for longer than the partner holds it', async () => {
    town.partner.bookings.confirmedMinutes = 10;
    const reservationId = await town.hold(ada, scooter);
    const now = town.clock.now();
    expect((await town.vehicle(scooter)).assignment?.expiresAt).toBe(now + 10 * 60_000);
    const claimant = { operatorId: ada.operatorId, personId: ada.personId };
    const { partnerReservations } = town.parts.assets;
    const longer = { expiresAt: now + 20 * 60_000, extensionsLeft: 1 };
    const once = () => partnerReservations.extend(claimant, reservationId, 'once');
    const { shorten } = town.parts.bookings;
    town.parts.bookings.shorten = async () => {
      throw new Error('killed');
    };
    await expect(once()).rejects.toThrow('killed');
    town.parts.bookings.shorten = shorten;
    for (let round = 0; round < 2; round++) expect((await once()).use).toMatchObject(longer);
    const asked = town.partner.asked.filter(({ process }) => process === 'extend-expiry-time');
    expect(new Set(asked.map(({ reference }) => reference)).size).toBe(1);
    town.partner.fails('extend-expiry-time', 'refuse');
    await expect(partnerReservations.extend(claimant, reservationId, 'again')).rejects.toMatchObject({
      code: 'partner-refused',
    });
    await partnerReservations.cancel(claimant, reservationId);
    expect(packages()).toEqual(['CANCELLED']);
  });

  test('that nobody comes for is its partner’s again', async () => {
    await town.hold(ada, scooter);
    await town.parts.bookings.expire(scooter);
    town.clock.advance(16 * 60_000);
    await town.parts.bookings.expire(scooter);
    await town.passes(1);
    expect(packages()).toEqual(['CANCELLED']);
  });

  test('that its partner takes away is held by nobody', async () => {
    await town.hold(ada, scooter);
    const [booking] = town.partner.bookings.packages;
    if (booking !== undefined) booking.status = 'CANCELLED';
    await town.passes(1);
    const { items } = await town.parts.trips.ofVehicle(scooter, { limit: 9 });
    expect(items).toMatchObject([{ state: { status: 'cancelled', reason: 'partner-withdrew' } }]);
  });

  test('is for one of many who want it at once, and nobody else’s with its partner', async () => {
    const crowd = await Promise.all(Array.from({ length: 8 }, () => town.driver()));
    const outcomes = await Promise.allSettled(crowd.map((driver) => town.hold(driver, scooter)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await town.rest();
    expect(packages()).toEqual(['CONFIRMED']);
  });

  test('that asks for a licence is had by who has shown one, and the partner hears no more of it than that', async () => {
    town.partner.assets.set('moped', aReferenceAsset('moped', { kind: 'moped' }));
    const shows = [{ assetTypeId: 'm', vehicleTypeId: 'e-golf' }];
    await town.parts.feeds.save({ ...town.feed, shows, version: town.feed.version + 1 }, town.feed);
    await town.readLater();
    const bea = await town.driver('sandbox-card', { classes: ['B'], validUntil: '2041-05-31' });
    await town.hold(bea, await town.finds());
    expect(packages()).toEqual(['CONFIRMED']);
    const asked = JSON.stringify(town.partner.asked);
    // Not until when it lasts, and not how old she is, but what a moped asks for.
    expect([asked.includes('2041'), asked.includes('1990'), asked.includes('2026-06-01')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('whose partner does not take our token any more goes on as it was, and is billed once it does', async () => {
    const reservationId = await town.hold(ada, scooter);
    await ride(reservationId, 'start');
    const { token } = town.partner;
    town.partner.token = 'another-token-of-a-test';
    await town.passes(2);
    await expect(ride(reservationId, 'end')).rejects.toMatchObject({ code: 'partner-unavailable' });
    expect((await town.vehicle(scooter)).state).toBe('on_trip');
    town.partner.token = token;
    await ride(reservationId, 'end');
    await town.passes(1);
    expect(await town.trip(ada, reservationId)).toMatchObject({ state: { status: 'settled' } });
    expect(town.warnings).toEqual([]);
  });

  test('is asked for by nobody who cannot pay', async () => {
    const poor = await town.driver('sandbox-declined');
    await expect(town.hold(poor, scooter)).rejects.toMatchObject({ code: 'payment-declined' });
    expect([packages(), (await town.vehicle(scooter)).assignment]).toEqual([[], undefined]);
  });

  test('under whose former name nobody finds it after the trip', async () => {
    const reservationId = await town.hold(ada, scooter);
    await ride(reservationId, 'start');
    await town.readLater();
    expect((await town.vehicle(scooter)).state).toBe('on_trip');
    await ride(reservationId, 'end');
    await town.passes(1);
    await town.readLater();
    await town.rest();
    expect((await town.vehicle(scooter)).state).toBe('removed');
    expect(await town.parts.listings.listing(town.feed.systemId, scooter)).toBeUndefined();
    expect(await town.found()).toHaveLength(2);
    await expect(town.hold(ada, scooter)).rejects.toMatchObject({ code: 'vehicle-not-in-service' });
  });
});
