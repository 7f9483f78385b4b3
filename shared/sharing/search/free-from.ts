import type { Instant } from '../../kernel/clock.ts';
import { type BookedVehicle, expiryGuard } from '../bookings/booked-vehicle.ts';

/**
 * The instant after which anybody may hold the vehicle, by the booking's own rule: so a search need not read the booking,
 * and a hold that nobody renews turns into a free vehicle without a write. Undefined: not before something changes.
 */
export function freeFrom(vehicle: BookedVehicle): Instant | undefined {
  switch (standing(vehicle)) {
    case 'available':
      return vehicle.assignment === undefined ? freeAfterRelease(vehicle) : undefined;
    case 'reserved':
      return holdOverFrom(vehicle);
    default:
      return undefined;
  }
}

/** While somebody holds it without having started. */
export function heldUntil({ assignment }: BookedVehicle): Instant | undefined {
  return assignment === undefined || assignment.startedAt !== undefined ? undefined : assignment.expiresAt;
}

/** What it is for whoever would hold it: one that fell silent in a place known for that is where it was. */
function standing({ state, former = [], quietPlace, admits, fence }: BookedVehicle) {
  const isQuiet =
    state === 'non_contactable' && former.length === 1 && former[0] === 'available' && quietPlace === true;
  // Nobody can tell it of a new statement: it must have said before that it admits no former key.
  return isQuiet && admits > fence ? 'available' : state;
}

function freeAfterRelease({ barredUntil, admits, fence }: BookedVehicle): Instant {
  return barredUntil === undefined || admits > fence ? 0 : barredUntil + expiryGuard;
}

/** The instant after which a hold that nobody came for is over; undefined where there is none, or somebody may be driving. */
export function holdOverFrom({ assignment, admits, fence, silentSince }: BookedVehicle): Instant | undefined {
  if (assignment === undefined || assignment.startedAt !== undefined) return undefined;
  const { expiresAt, keyUntil } = assignment;
  if (keyUntil === undefined || admits > fence) return expiresAt + expiryGuard;
  return silentSince === undefined ? Math.max(expiresAt, keyUntil) + expiryGuard : undefined;
}
