import type { Instant } from '../../kernel/clock.ts';
import type { MdsEvent } from '../mds.ts';
import type { FleetVehicle } from '../setup/system.ts';
import type { BookedVehicle, ServiceReason } from './booked-vehicle.ts';
import { vehicleInstalling, vehicleInUse, vehicleStillDriven } from './booking-refusals.ts';
import { happened } from './course.ts';
import { isHoldable } from './hold.ts';
import { installationOn } from './installation.ts';
import { expired, mayRunOnBoard } from './reservation.ts';

type Place = Pick<FleetVehicle, 'vehicleId' | 'systemId' | 'operatorId' | 'vehicleTypeId' | 'partner'>;

/** Events by which an operator takes a vehicle out of service, and away. */
export type ServiceEvent = Extract<
  MdsEvent,
  'service_end' | 'maintenance' | 'maintenance_pick_up' | 'maintenance_end' | 'decommissioned' | 'recommissioned'
>;

const whyOut: Readonly<Record<ServiceEvent, ServiceReason>> = {
  service_end: 'recovery',
  maintenance: 'maintenance',
  maintenance_pick_up: 'maintenance',
  maintenance_end: 'maintenance',
  decommissioned: 'decommissioned',
  recommissioned: 'not-yet-in-service',
};

/** A vehicle of which nothing is known yet. */
export function newcomer({ vehicleId, systemId, operatorId, vehicleTypeId, partner }: Place): BookedVehicle {
  return {
    ...{ vehicleId, systemId, operatorId, vehicleTypeId, ...(partner !== undefined && { partner }) },
    ...{ state: 'non_operational', outOfService: 'not-yet-in-service' },
    ...{ fence: 0, admits: 0, revision: 0, version: 0, moves: [] },
  };
}

/** From now on it may be held, in this system and as this type. Undefined where it may be already. */
export function enteredService(vehicle: BookedVehicle, place: Place, now: Instant): BookedVehicle | undefined {
  const { systemId, operatorId, vehicleTypeId } = place;
  const isThere =
    vehicle.systemId === systemId && vehicle.operatorId === operatorId && vehicle.vehicleTypeId === vehicleTypeId;
  if (isThere && vehicle.outOfService === undefined) return undefined;
  if (vehicle.assignment !== undefined) throw vehicleInUse();
  if (installationOn(vehicle, now) !== undefined) throw vehicleInstalling();
  const { outOfService: _, installing: __, ...rest } = vehicle;
  return { ...happened(rest, [{ event: 'service_start', at: now }]), systemId, operatorId, vehicleTypeId };
}

/**
 * Out of service, or further away, or back to where it is made ready. Only what nobody has: a hold that has expired does
 * not count, and ends with it.
 *
 * Of one that may be driven still, after a forced end, nobody says that it is in the workshop: whoever goes to fetch it says
 * so (`recovery`), as it may never speak again.
 *
 * @throws Failure `conflict` (`vehicle-in-use`, `vehicle-still-driven`, `transition-not-possible`)
 */
export function leftService(
  vehicle: BookedVehicle,
  event: ServiceEvent,
  now: Instant,
  outOfService: ServiceReason = whyOut[event],
): BookedVehicle {
  const { assignment, chargeLow: _, grounded: __, ...rest } = vehicle;
  if (assignment !== undefined && !isHoldable({ ...rest, assignment }, now)) throw vehicleInUse();
  if (event === 'service_end' && outOfService === 'maintenance' && mayRunOnBoard(vehicle)) throw vehicleStillDriven();
  const over =
    assignment === undefined ? [] : [{ event: 'provider_cancellation' as const, at: now, reason: 'hold_expired' }];
  const bar = assignment?.keyUntil === undefined ? {} : { barredUntil: assignment.keyUntil, barredSince: now };
  const revision = vehicle.revision + (assignment === undefined ? 0 : 1);
  const next = happened(rest, [...over, { event, at: now, reason: outOfService }]);
  return { ...next, ...bar, revision, outOfService };
}

/**
 * Below its type's minimum: nobody holds it before it is charged, and whose hold has expired is nobody's. Undefined where
 * somebody has it, and that is known, or where it is out of service.
 */
export function chargeLow(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  const { state, assignment, chargeLow: _, ...rest } = vehicle;
  if (state === 'available') return leftService(vehicle, 'service_end', now, 'low-charge');
  if (state !== 'reserved' || assignment === undefined) return undefined;
  if (expired({ ...rest, state, assignment }, now) !== undefined)
    return leftService(vehicle, 'service_end', now, 'low-charge');
  return vehicle.chargeLow === true ? undefined : { ...happened(vehicle, []), chargeLow: true };
}

/** Charged. Undefined where it is in service, or out of it for another reason. */
export function chargeWell(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  if (vehicle.state !== 'non_operational' || vehicle.outOfService !== 'low-charge') return undefined;
  if (installationOn(vehicle, now) !== undefined) return undefined;
  return enteredService(vehicle, vehicle, now);
}
