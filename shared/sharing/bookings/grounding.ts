import type { Instant } from '../../kernel/clock.ts';
import type { BookedVehicle } from './booked-vehicle.ts';
import { groundOf, happened } from './course.ts';
import { isHoldable } from './hold.ts';
import { mayRunOnBoard } from './reservation.ts';
import { leftService } from './service-state.ts';

/**
 * Somebody says that it is not to be driven. Out of service at once where nobody has it; else with the end of that use: who
 * drives is never stopped by it. Undefined where it is out of service, or going to be.
 */
export function grounded(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  const { assignment, outOfService } = vehicle;
  if (assignment !== undefined && !isHoldable(vehicle, now)) {
    return vehicle.grounded === true ? undefined : { ...happened(vehicle, []), grounded: true };
  }
  // Charged it would come back by itself.
  if (outOfService === 'low-charge') return { ...happened(vehicle, []), outOfService: 'maintenance' };
  if (outOfService !== undefined || groundOf(vehicle) !== (assignment === undefined ? 'available' : 'reserved')) {
    return undefined;
  }
  return leftService(vehicle, 'service_end', now, mayRunOnBoard(vehicle) ? 'recovery' : 'maintenance');
}

/** It was mended, or was none, before its holder has given it back. Undefined where nothing waits for that. */
export function cleared(vehicle: BookedVehicle): BookedVehicle | undefined {
  if (vehicle.grounded !== true) return undefined;
  const { grounded: _, ...rest } = happened(vehicle, []);
  return rest;
}
