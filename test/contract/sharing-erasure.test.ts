import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { DynamoSharingErasure } from '#functions/adapters/dynamo/sharing-erasure.ts';
import { operatorList } from '#functions/adapters/dynamo/sharing-setup-keys.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { begun, erasureIdOf } from '#shared/erasure/erasure.ts';
import { SharingStep } from '#shared/erasure/sharing-step.ts';
import type { TripPayment } from '#shared/sharing/trips/trip.ts';
import { judged } from '#shared/sharing/trips/trip-state.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aDriver, now } from '../support/booking-samples.ts';
import { sampleOperator } from '../support/sharing-city.ts';
import { type NewTable, onEachEngine } from './on-each-engine.ts';
import { aPersonId, aVehicleId } from './samples.ts';
import { aTrip } from './trip-repositories.ts';

const place = { latitude: 52.52, longitude: 13.4 };
const captured: TripPayment = { kind: 'captured', at: now, captured: 500 };
const owed: TripPayment = {
  ...{ kind: 'owed', since: now, captured: 0, owed: 500, reason: 'insufficient-funds', told: true },
};

async function open(table: NewTable) {
  const [client, bookings] = await table();
  const [, sharing] = await table();
  const [, trips] = await table('trips');
  await client.send(
    new PutCommand({ TableName: sharing, Item: { pk: operatorList, sk: sampleOperator.operatorId, name: 'any' } }),
  );
  return {
    bookings: new DynamoBookingRepository(client, bookings),
    trips: new DynamoTripRepository(client, trips),
    log: new DynamoTripLog(client, trips),
    erasure: new DynamoSharingErasure(client, { bookings, sharing, trips }),
  };
}

async function aDrive({ trips, log }: Awaited<ReturnType<typeof open>>, personId: string, payment: TripPayment) {
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
  return trip;
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
