import type { Instant } from '../../kernel/clock.ts';
import { type BookedVehicle, expiryGuard, tellingGuard } from '../bookings/booked-vehicle.ts';
import { bookableState } from '../bookings/hold.ts';

/**
 * The instant after which anybody may hold the vehicle, by the booking's own rule: so a search need not read the booking,
 * and a hold that nobody renews turns into a free vehicle without a write. Undefined: not before something changes.
 */
export function freeFrom(vehicle: BookedVehicle): Instant | undefined {
  switch (bookableState(vehicle)) {
    case 'available':
      return vehicle.assignment === undefined ? freeAfterRelease(vehicle) : undefined;
    case 'reserved':
      return vehicle.chargeLow === true || vehicle.grounded === true ? undefined : holdOverFrom(vehicle);
    default:
      return undefined;
  }
}

/** While somebody holds it without having started. */
export function heldUntil({ assignment }: BookedVehicle): Instant | undefined {
  return assignment === undefined || assignment.startedAt !== undefined ? undefined : assignment.expiresAt;
}

function freeAfterRelease({ barredUntil, admits, fence }: BookedVehicle): Instant {
  return barredUntil === undefined || admits > fence ? 0 : barredUntil + expiryGuard;
}

/** The instant after which a hold that nobody came for is over; undefined where there is none, or somebody may be driving. */
function holdOverFrom(vehicle: BookedVehicle): Instant | undefined {
  return overFrom(vehicle, expiryGuard);
}

/** The instant after which it is released where nobody else has claimed it; undefined as above. */
export function sweptFrom(vehicle: BookedVehicle): Instant | undefined {
  return overFrom(vehicle, tellingGuard);
}

/** @param patience ms for which whoever has a key may have started, and nobody has heard of it */
function overFrom({ assignment, admits, fence, silentSince }: BookedVehicle, patience: number) {
  if (assignment === undefined || assignment.startedAt !== undefined) return undefined;
  const { expiresAt, keyUntil } = assignment;
  if (keyUntil === undefined || admits > fence) return expiresAt + expiryGuard;
  return silentSince === undefined ? Math.max(expiresAt + expiryGuard, keyUntil + patience) : undefined;
}
