import type { Instant } from '../../kernel/clock.ts';
import { type BookedVehicle, expiryGuard, type ServiceReason } from '../bookings/booked-vehicle.ts';
import { groundOf } from '../bookings/course.ts';
import { isVoid } from '../bookings/hold.ts';
import { mayRunOnBoard } from '../bookings/reservation.ts';
import type { Priority, TaskKind } from './task.ts';

/** What a vehicle's booking says that somebody should see to. */
export interface Cause {
  readonly why: Why;
  readonly kind: TaskKind;
  readonly priority: Priority;
  /** Nobody goes there before: most of it is over by itself. */
  readonly from: Instant;
  readonly bringsBack?: ServiceReason;
}

export const whys = ['low-charge', 'maintenance', 'recovery', 'silent', 'barred'] as const;
export type Why = (typeof whys)[number];

/** ms: a garage, a dead spot. */
const silentFor = 2 * 3_600_000;
/** ms: by then a car has had a line, and said that it admits nobody any more. */
const barredFor = 3_600_000;

/** Of a vehicle that somebody has: none. */
export function causesOf(vehicle: BookedVehicle, now: Instant): readonly Cause[] {
  if (vehicle.assignment !== undefined) return [];
  return [...outOfService(vehicle, now), ...outOfReach(vehicle, now)];
}

function outOfService(vehicle: BookedVehicle, now: Instant): readonly Cause[] {
  // What was taken away is in somebody's workshop.
  if (groundOf(vehicle) !== 'non_operational') return [];
  switch (vehicle.outOfService) {
    case 'low-charge':
      return [{ why: 'low-charge', kind: 'charge', priority: 2, from: now, bringsBack: 'low-charge' }];
    case 'maintenance':
      return [{ why: 'maintenance', kind: 'service', priority: 2, from: now, bringsBack: 'maintenance' }];
    case 'recovery':
      return [{ why: 'recovery', kind: 'inspect', priority: 1, from: now, bringsBack: 'recovery' }];
    default:
      return [];
  }
}

function outOfReach(vehicle: BookedVehicle, now: Instant): readonly Cause[] {
  const { barredUntil, barredSince = now, silentSince, quietPlace } = vehicle;
  const isBarred = barredUntil !== undefined && !isVoid(vehicle) && barredUntil + expiryGuard > barredSince + barredFor;
  if (mayRunOnBoard(vehicle) || (isBarred && barredUntil > now)) {
    return [{ why: 'barred', kind: 'inspect', priority: 1, from: barredSince + barredFor }];
  }
  const isSilent = silentSince !== undefined && vehicle.state === 'non_contactable' && quietPlace !== true;
  return isSilent ? [{ why: 'silent', kind: 'inspect', priority: 2, from: silentSince + silentFor }] : [];
}
