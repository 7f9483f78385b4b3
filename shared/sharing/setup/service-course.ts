import type { BookedVehicle, ServiceReason } from '../bookings/booked-vehicle.ts';
import { groundOf } from '../bookings/course.ts';
import type { ServiceEvent } from '../bookings/service-state.ts';
import type { AwayReason } from './fleet-order.ts';

/** One event of MDS on the way, with what is said of the vehicle from then on. */
export interface ServiceStep {
  readonly event: ServiceEvent;
  readonly reason: ServiceReason;
}

interface Goal {
  readonly state: 'non_operational' | 'removed';
  readonly reason: ServiceReason;
  /** What takes it away. */
  readonly event: ServiceEvent;
}

const goals: Readonly<Record<AwayReason, Goal>> = {
  maintenance: { state: 'non_operational', reason: 'maintenance', event: 'service_end' },
  recovery: { state: 'non_operational', reason: 'recovery', event: 'service_end' },
  'taken-away': { state: 'removed', reason: 'maintenance', event: 'maintenance_pick_up' },
  decommissioned: { state: 'removed', reason: 'decommissioned', event: 'decommissioned' },
};

/**
 * The way out of service, by MDS 2.0: from `available` nothing but `service_end` leads on, and away only from
 * `non_operational`. Empty where it is there.
 */
export function wayOut(vehicle: BookedVehicle, to: AwayReason): readonly ServiceStep[] {
  const { state, reason, event } = goals[to];
  const ground = groundOf(vehicle);
  if (ground === state && vehicle.outOfService === reason) return [];
  const back = ground === 'removed' ? [broughtBack(vehicle)] : [];
  const isOut = ground === 'removed' || ground === 'non_operational';
  const ended = isOut ? [] : [{ event: 'service_end' as const, reason }];
  return [...back, ...ended, ...(state === 'removed' ? [{ event, reason }] : [])];
}

/** From where it is to where it can be taken into service again. */
export function wayBack(vehicle: BookedVehicle): readonly ServiceStep[] {
  return groundOf(vehicle) === 'removed' ? [broughtBack(vehicle)] : [];
}

function broughtBack({ outOfService }: BookedVehicle): ServiceStep {
  return outOfService === 'decommissioned'
    ? { event: 'recommissioned', reason: 'not-yet-in-service' }
    : { event: 'maintenance_end', reason: 'maintenance' };
}
