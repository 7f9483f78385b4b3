import type { Instant } from '../../kernel/clock.ts';
import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import { type BookedVehicle, expiryGuard } from '../bookings/booked-vehicle.ts';
import { heard } from '../bookings/contact.ts';
import { happened } from '../bookings/course.ts';
import { isRead } from '../bookings/use.ts';

/** ms: a line that is gone for so long is `comms_lost`. Tunnels and car parks are shorter. */
export const silence = 300_000;
/** ms: so long a vehicle that is back has to tell what it logged. A report that fails is read again after three minutes. */
export const tellingTime = 600_000;

/**
 * Its line is gone. MDS is told if it stays away; but whoever has a key may start it from now on without anybody's
 * hearing of it. Undefined where that is known.
 */
export function lineGone(vehicle: BookedVehicle, since: Instant): BookedVehicle | undefined {
  if (vehicle.silentSince !== undefined) return undefined;
  return { ...happened(vehicle, []), silentSince: since };
}

/**
 * Its line is back. Where a key was issued and nothing is known of a start, it counts as silent until it has told what it
 * logged, or has had time to: what it did alone comes before the expiry of the hold. Undefined where nothing changes.
 */
export function lineBack(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  if (isBarred(vehicle)) return barredOn(vehicle, now);
  if (!mayHaveStarted(vehicle)) return heard(vehicle, now) ?? stranger(vehicle);
  if (vehicle.state !== 'non_contactable') return undefined;
  const next = heard(vehicle, now);
  return next && vehicle.silentSince !== undefined ? { ...next, silentSince: vehicle.silentSince } : next;
}

/** It was given back, and its former holder's key may have opened it without anybody's hearing of it. */
function isBarred({ assignment, barredUntil, admits, fence }: BookedVehicle): boolean {
  return assignment === undefined && barredUntil !== undefined && admits <= fence;
}

/** Though that key is over by now: nobody else's before it has said whom it admits, or that it is driven, or had time to. */
function barredOn(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  const here = heard(vehicle, now);
  return here && { ...here, barredUntil: Math.max(vehicle.barredUntil ?? 0, now + tellingTime) };
}

/**
 * It was taken into service before the device cloud knew it, perhaps, and then nobody could show it whom keys come from: a
 * write has its statement signed again (`needsStatement`).
 */
function stranger(vehicle: BookedVehicle): BookedVehicle | undefined {
  return vehicle.admits === 0 ? happened(vehicle, []) : undefined;
}

/** Whether somebody may drive of whom nobody has heard. */
function mayHaveStarted({ assignment, admits, fence }: BookedVehicle): boolean {
  return assignment?.keyUntil !== undefined && assignment.startedAt === undefined && admits <= fence;
}

/**
 * By its own word it has told all that it logged, and all of it was read: nothing that it did alone is still to come.
 * Undefined where that was known; and where the status may be from before its line was lost, or lines are missing.
 */
export function toldAll(
  vehicle: BookedVehicle,
  { at, logged }: Pick<VehicleStatus, 'at' | 'logged'>,
): BookedVehicle | undefined {
  const { silentSince } = vehicle;
  if (silentSince === undefined || logged === undefined || at < silentSince + expiryGuard) return undefined;
  return logged.sequence === 0 || isRead(vehicle, logged) ? heard(vehicle, at) : undefined;
}
