import type { BookedVehicle } from '../../sharing/bookings/booked-vehicle.ts';
import { type Assigned, isAssigned } from '../../sharing/bookings/reservation.ts';
import type { PartnerUse } from './partner-use.ts';

/** One step of a use: what it is now, what is to be waited for, or why the partner would not. */
export type UseStep =
  | { readonly kind: 'goes-on'; readonly use: PartnerUse }
  | { readonly kind: 'waits'; readonly use: PartnerUse }
  | { readonly kind: 'refused'; readonly use: PartnerUse; readonly detail: string }
  /** Nobody knows what came of it: the same is asked again. */
  | { readonly kind: 'unknown'; readonly use: PartnerUse };

/** While our person has it. */
export function presentOf(vehicle: BookedVehicle | undefined, { reservationId }: PartnerUse): Assigned | undefined {
  return vehicle !== undefined && isAssigned(vehicle, reservationId) ? vehicle : undefined;
}
