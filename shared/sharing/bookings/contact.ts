import type { Instant } from '../../kernel/clock.ts';
import type { BookedVehicle } from './booked-vehicle.ts';
import { happened } from './course.ts';

/**
 * Its line is gone. Undefined where that is known.
 *
 * @param quietPlace whether it stands where no line is to be had
 */
export function silent(vehicle: BookedVehicle, since: Instant, quietPlace: boolean): BookedVehicle | undefined {
  if (vehicle.state === 'non_contactable') return undefined;
  const quiet = quietPlace ? { quietPlace: true as const } : {};
  return { ...happened(vehicle, [{ event: 'comms_lost', at: since }]), ...quiet, silentSince: since };
}

/** It speaks again: first that is told, then what happened meanwhile. Undefined where it was not silent. */
export function heard(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  const { silentSince, quietPlace: _, ...here } = vehicle;
  if (vehicle.state === 'non_contactable') return happened(here, [{ event: 'comms_restored', at: now }]);
  return silentSince === undefined ? undefined : happened(here, []);
}
