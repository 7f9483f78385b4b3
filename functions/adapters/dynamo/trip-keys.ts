import type { LogPosition } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { Payable } from '#shared/sharing/sharing-id.ts';
import type { TripKey } from '#shared/sharing/trips/trip.ts';

/** The one author of the keys of trips, of vehicles' logs and of the sandbox's payments, in the Trips table. */
export const tripKeys = {
  vehicle: (vehicleId: string) => `vehicle#${vehicleId}`,
  trip: ({ vehicleId, fence }: TripKey) => ({
    pk: tripKeys.vehicle(vehicleId),
    sk: `${tripPrefixes.trip}${padded(fence, 10)}`,
  }),
  line: ({ vehicleId, fence, boot, sequence }: TripKey & LogPosition) => ({
    pk: tripKeys.vehicle(vehicleId),
    sk: `${tripKeys.linesOf(fence)}${padded(boot)}#${padded(sequence)}`,
  }),
  linesOf: (fence: number) => `${tripPrefixes.line}${padded(fence)}#`,
  payment: (payable: Payable) => ({ pk: `payment#${payable}`, sk: 'payment' }),
  byPerson: 'byPerson',
};

export const tripPrefixes = { trip: 'trip#', line: 'log#' } as const;

/** A vehicle may sign any whole number that JavaScript has. */
function padded(number: number, digits = 16): string {
  return String(number).padStart(digits, '0');
}
