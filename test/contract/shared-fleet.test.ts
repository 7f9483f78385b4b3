import { expect, test } from 'vitest';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { DynamoSharedFleet } from '#functions/adapters/dynamo/shared-fleet.ts';
import { aBookedVehicle } from '../support/booking-samples.ts';
import { onEachEngine } from './on-each-engine.ts';
import { aVehicleId } from './samples.ts';

onEachEngine((table) => {
  test('of many vehicles those are shared that an operator has in a fleet, until they are decommissioned', async () => {
    const [client, name] = await table();
    const bookings = new DynamoBookingRepository(client, name);
    const all = Array.from({ length: 130 }, (_, place) => ({ vehicleId: aVehicleId(), place }));
    for (const { vehicleId, place } of all.filter((one) => one.place % 3 === 0)) {
      const next =
        place === 0
          ? aBookedVehicle({ vehicleId, state: 'removed', outOfService: 'decommissioned' })
          : aBookedVehicle({ vehicleId });
      expect(await bookings.save({ vehicle: { next } })).toBe(true);
    }
    const expected = all.filter(({ place }) => place % 3 === 0 && place > 0).map(({ vehicleId }) => vehicleId);
    const found = await new DynamoSharedFleet(client, name).among(all.map(({ vehicleId }) => vehicleId));
    expect(found).toEqual(new Set(expected));
  });
});
