import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { DynamoMobilityRecords } from '#functions/adapters/dynamo/mobility-book.ts';
import { DynamoMobilityReader } from '#functions/adapters/dynamo/mobility-reader.ts';
import { DynamoPackageRepository } from '#functions/adapters/dynamo/packages.ts';
import { DynamoPartnersErasure } from '#functions/adapters/dynamo/partners-erasure.ts';
import { DynamoSharingErasure } from '#functions/adapters/dynamo/sharing-erasure.ts';
import { operatorList } from '#functions/adapters/dynamo/sharing-setup-keys.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import { begun, erasureIdOf } from '#shared/erasure/erasure.ts';
import { PartnersStep } from '#shared/erasure/partners-step.ts';
import { SharingStep } from '#shared/erasure/sharing-step.ts';
import type { PartnerPackage } from '#shared/partners/package.ts';
import { packageOfReservation } from '#shared/partners/package-id.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { startOfHour } from '#shared/sharing/mobility-data/hour.ts';
import { toldBy } from '#shared/sharing/mobility-data/told-event.ts';
import type { Trip, TripPayment } from '#shared/sharing/trips/trip.ts';
import { judged } from '#shared/sharing/trips/trip-state.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aBookedVehicle, aDriver, now } from '../support/booking-samples.ts';
import { sampleOperator, sampleSystem } from '../support/sharing-city.ts';
import { type NewTable, onEachEngine } from './on-each-engine.ts';
import { aPersonId, aVehicleId } from './samples.ts';
import { aTrip } from './trip-repositories.ts';

const place = { latitude: 52.52034, longitude: 13.40512 };
const captured: TripPayment = { kind: 'captured', at: now, captured: 500 };
const owed: TripPayment = {
  ...{ kind: 'owed', since: now, captured: 0, owed: 500, reason: 'insufficient-funds', told: true },
};

async function open(table: NewTable) {
  const [client, bookings] = await table();
  const [, sharing] = await table();
  const [, trips] = await table('trips');
  const [, partners] = await table();
  await client.send(
    new PutCommand({ TableName: sharing, Item: { pk: operatorList, sk: sampleOperator.operatorId, name: 'any' } }),
  );
  return {
    bookings: new DynamoBookingRepository(client, bookings),
    trips: new DynamoTripRepository(client, trips),
    log: new DynamoTripLog(client, trips),
    erasure: new DynamoSharingErasure(client, { bookings, sharing, trips }),
    packages: new DynamoPackageRepository(client, partners),
    partners: new DynamoPartnersErasure(client, { partners, trips }),
    mobility: new DynamoMobilityRecords(client, trips, keyedDigest),
    told: new DynamoMobilityReader(client, trips),
  };
}

async function aDrive(
  { trips, log, mobility }: Awaited<ReturnType<typeof open>>,
  personId: string,
  payment: TripPayment,
) {
  const milestone = { at: now, place, odometer: 1_000, charge: 80 };
  const end = { ...milestone, at: now + 60_000, by: 'driver' as const };
  const trip = judged({ ...aTrip({ personId }), course: { start: milestone, pauses: [], end, flaws: [] }, payment });
  await trips.save(trip, undefined);
  const { vehicleId, fence, reservationId } = trip;
  const line: TripEvent = {
    ...{ vehicleId, fence, reservationId, boot: 1, sequence: 1, at: now, kind: 'started' },
    ...{ place, odometer: 1_000, charge: 80 },
  };
  await log.add([line, { ...line, fence: fence + 1, sequence: 2 }]);
  const moves = [{ event: 'trip_end' as const, at: end.at, where: place }];
  const told = toldBy(undefined, aBookedVehicle({ vehicleId, fence, moves }), { now: end.at });
  if (told !== undefined) await mobility.keep(told, { idKey: 'key', since: now });
  return trip;
}

/** As a partner has bought it for them. */
function packageOf({ vehicleId, reservationId, personId }: Trip, status: 'ENDED' | 'STARTED'): PartnerPackage {
  const { operatorId } = sampleOperator;
  return {
    ...{
      packageId: packageOfReservation(reservationId),
      clientId: 'sample#app',
      operatorId,
      systemId: sampleSystem.systemId,
    },
    ...{ vehicleId, vehicleTypeId: 'e-golf', label: 'B-FL 1', offerId: 'ofr-any', travellerId: 'ada', personId },
    ...{ reservationId, purchasedAt: now, expiresAt: now, extensions: 0, planId: 'plan', planVersion: 1 },
    ...{ estimate: 500, currency: 'EUR', decision: { kind: 'confirmed', at: now } },
    key: { tokenId: 'any', token: 'for a phone', notBefore: now, expiresAt: now },
    ...{ told: { status, leg: status === 'ENDED' ? 'ENDED' : 'IN_USE' }, toldAt: now, version: 1 },
  };
}

onEachEngine((table) => {
  describe('what sharing keeps of a person', () => {
    test('goes: the account, and in what was paid for the person and the places; the bill and others’ lines stay', async () => {
      const scene = await open(table);
      const personId = aPersonId();
      await scene.bookings.save({ driver: { next: aDriver({ personId }) } });
      const [paid, unpaid] = [await aDrive(scene, personId, captured), await aDrive(scene, personId, owed)];
      const step = new SharingStep(scene.erasure);
      const subject = { kind: 'person', personId } as const;
      const actor = { kind: 'person', id: personId } as const;
      const erasureId = erasureIdOf('person', personId, () => new Uint8Array(32));
      const erasure = begun({ erasureId, subject, actor, requestId: 'request' }, now);
      for (const time of ['once', 'again']) {
        let after: string | undefined;
        const keys: string[] = [];
        do {
          const found = await step.find(erasure, after);
          keys.push(...found.keys);
          // Whoever dies in the midst of it does it again.
          for (let run = 0; run < 2; run++) await step.erase(erasure, found.keys);
          after = found.next;
        } while (after !== undefined);
        expect(keys.length, time).toBe(time === 'once' ? 2 : 0);
      }
      expect(await scene.bookings.driver(sampleOperator.operatorId, personId)).toBeUndefined();
      const kept = await scene.trips.load(paid);
      expect(kept).toMatchObject({ state: paid.state, payment: captured, version: paid.version + 1 });
      expect(JSON.stringify(kept)).not.toMatch(new RegExp(`${personId}|latitude`));
      expect(await scene.log.ofTrip(paid)).toEqual([]);
      expect(await scene.log.ofTrip({ ...paid, fence: paid.fence + 1 })).toHaveLength(1);
      expect(await scene.trips.load(unpaid)).toEqual(unpaid);
      const { systemId } = sampleSystem;
      const found = await scene.told.events(systemId, { hour: startOfHour(now), to: now + 120_000 });
      const where = ({ vehicleId }: typeof paid) => found.find(({ told }) => told.vehicleId === vehicleId)?.told.where;
      expect([where(paid), where(unpaid)]).toEqual([{ latitude: 52.52, longitude: 13.41 }, place]);
    });

    test('of a vehicle goes what it logged, and what cities were told of it', async () => {
      const scene = await open(table);
      const { vehicleId } = await aDrive(scene, aPersonId(), captured);
      if (!isVehicleId(vehicleId)) throw new Error('no vehicle id');
      const { keys } = await scene.erasure.vehicleLines(vehicleId, undefined, 100);
      expect(keys.map((key) => key.split('#')[0])).toEqual(['log', 'log', 'mobility', 'move']);
      await scene.erasure.forgetLines(vehicleId, keys);
      const { systemId } = sampleSystem;
      expect(await scene.told.events(systemId, { hour: startOfHour(now), to: now + 120_000 })).toEqual([]);
      expect(await scene.told.devices(systemId, { limit: 9 })).toEqual({ items: [] });
    });

    test('goes from what partners bought for them, once it is over and paid; the package stays with its trip', async () => {
      const scene = await open(table);
      const personId = aPersonId();
      const drives = [await aDrive(scene, personId, captured), await aDrive(scene, personId, owed)];
      const [past, unpaid] = drives.map((trip) => packageOf(trip, 'ENDED'));
      const current = packageOf(aTrip({ personId }), 'STARTED');
      if (past === undefined || unpaid === undefined) throw new Error('no package');
      for (const pack of [past, unpaid, current]) expect(await scene.packages.add(pack, 9)).toBe(true);
      const erasureId = erasureIdOf('person', personId, () => new Uint8Array(32));
      const subject = { kind: 'person', personId } as const;
      const actor = { kind: 'person', id: personId } as const;
      const erasure = begun({ erasureId, subject, actor, requestId: 'request' }, now);
      const step = new PartnersStep(scene.partners);
      // While the trip is still theirs, so is the package.
      expect(await step.find(erasure, undefined)).toEqual({ keys: [] });
      const { trips } = await scene.erasure.tripsOf(personId, undefined, 9);
      for (const trip of trips) await scene.erasure.forgetTrip(personId, trip);
      const { keys } = await step.find(erasure, undefined);
      expect(keys).toEqual([`sample#app#${past.packageId}`]);
      for (let run = 0; run < 2; run++) await step.erase(erasure, keys);
      expect((await step.find(erasure, undefined)).keys).toEqual([]);
      const left = await scene.packages.load(past);
      expect(left).toMatchObject({ told: past.told, estimate: 500, version: 2 });
      expect(JSON.stringify(left)).not.toMatch(new RegExp(`${personId}|"ada"|for a phone`));
      const trip = await scene.trips.ofReservation(left?.personId ?? '', past.reservationId);
      expect(trip?.bill).toEqual(drives[0]?.bill);
      for (const pack of [unpaid, current]) expect(await scene.packages.load(pack)).toEqual(pack);
    });

    test('is found in use while a vehicle is held or driven', async () => {
      const { bookings, erasure } = await open(table);
      const [idle, busy] = [aPersonId(), aPersonId()];
      const active = { reservationId: aTrip().reservationId, vehicleId: aVehicleId(), until: now };
      await bookings.save({ driver: { next: aDriver({ personId: idle }) } });
      await bookings.save({ driver: { next: aDriver({ personId: busy, active }) } });
      const { operatorId } = sampleOperator;
      expect(await erasure.accountsOf(idle)).toEqual([{ operatorId, inUse: false }]);
      expect(await erasure.accountsOf(busy)).toEqual([{ operatorId, inUse: true }]);
      expect(await erasure.accountsOf(aPersonId())).toEqual([]);
    });
  });
});
