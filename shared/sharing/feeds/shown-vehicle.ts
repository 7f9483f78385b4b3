import type { Instant } from '../../kernel/clock.ts';
import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { Place } from '../zones/zone.ts';
import { isFree, type PublishedVehicle } from './published-city.ts';

/** A vehicle as the public may see it. */
export interface ShownVehicle {
  readonly kind: 'free' | 'reserved' | 'out-of-service';
  readonly place: Place;
  readonly status: VehicleStatus;
}

/**
 * Undefined for what the public does not see: what is driven, may be driven, is away, or has not said where it is. Of what
 * somebody has, it sees where it stood before that.
 */
export function shownOf({ booking, status, parked }: PublishedVehicle, now: Instant): ShownVehicle | undefined {
  if (booking.driven === true) return undefined;
  switch (booking.state) {
    case 'available':
    case 'reserved':
    case 'non_contactable':
      if (isFree(booking, now)) return located('free', status);
      // Out of contact, and nobody knows whether somebody drives it.
      if (booking.freeFrom === undefined && booking.heldUntil === undefined) return undefined;
      return located('reserved', parked);
    case 'non_operational':
      return located('out-of-service', status);
    case 'stopped':
    case 'on_trip':
    case 'removed':
    case 'elsewhere':
      return undefined;
  }
}

function located(kind: ShownVehicle['kind'], status: VehicleStatus | undefined): ShownVehicle | undefined {
  const place = status?.place;
  return status === undefined || place === undefined ? undefined : { kind, place, status };
}
