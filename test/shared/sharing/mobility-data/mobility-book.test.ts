import { expect, test } from 'vitest';
import { MobilityBook } from '#shared/sharing/mobility-data/mobility-book.ts';
import { aBookedVehicle, now } from '../../../support/booking-samples.ts';
import { MobilityMemory } from '../../../support/mobility-memory.ts';

test('a city is told of the moves of the operator’s own vehicles, and of no partner’s', async () => {
  const records = new MobilityMemory();
  const listings = { listing: async () => undefined };
  const book = new MobilityBook({ records, listings, newKey: () => 'the city’s own', clock: { now: () => now } });
  const [own, other] = [aBookedVehicle(), aBookedVehicle({ partner: 'nextwheel' })];
  for (const vehicle of [own, other]) await book.keep({ ...vehicle, moves: [{ event: 'service_start', at: now }] });
  const known = (vehicleId: string) => records.device(own.systemId, vehicleId);
  expect((await known(own.vehicleId))?.last.event).toBe('service_start');
  expect(await known(other.vehicleId)).toBeUndefined();
});
