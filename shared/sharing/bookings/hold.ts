import type { Instant } from '../../kernel/clock.ts';
import type { Failure } from '../../kernel/failure.ts';
import type { MdsState } from '../mds.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import { type Assignment, type BookedVehicle, expiryGuard, type Move } from './booked-vehicle.ts';
import {
  accountMissing,
  alreadyHolding,
  debtOpen,
  driverBlocked,
  driverNotVerified,
  keyNotVoid,
  licenceMissing,
  licenceRecheckDue,
  tooYoung,
  vehicleChargeLow,
  vehicleNotInService,
  vehicleOutOfContact,
  vehicleReserved,
  vehicleUnknown,
} from './booking-refusals.ts';
import type { BookingStep } from './booking-repository.ts';
import { groundOf, happened } from './course.ts';
import type { Driver, HoldRequest } from './driver.ts';

/** Who wants which vehicle, under which terms: all that the one call of a hold needs to know. */
export interface HoldClaim {
  readonly vehicleId: string;
  readonly operatorId: OperatorId;
  readonly personId: string;
  /** What the terms were made for: a vehicle that is of another system or type by now is refused. */
  readonly systemId: SystemId;
  readonly vehicleTypeId: string;
  readonly request: HoldRequest;
  readonly heldAt: Instant;
  readonly expiresAt: Instant;
  readonly planId: string;
  readonly planVersion: number;
  readonly packageId?: string;
  readonly billTo?: string;
  /** Class that the type asks for. */
  readonly licence?: string;
  /** The last birthday of whoever is old enough, `2008-11-22`; absent where the type asks for no age. */
  readonly bornBy?: string;
  /** In the system's time zone, `2026-11-22`: the licence's last day is this one or later. */
  readonly today: string;
}

/** How many requests a driver's item has room for; when a use ends, the newest five stay. */
export const mostRequests = 7;
export const keptRequests = 5;

/** Nobody has it, or a hold that has expired and whose key opens nothing any more. */
export function isHoldable(vehicle: BookedVehicle, now: Instant): boolean {
  return vehicle.assignment === undefined ? isFree(vehicle, now) : isLapsed(vehicle, now);
}

/**
 * What it is for whoever would hold it: one that fell silent where that was to be expected, having said that it admits
 * nobody who ever got a key, is where it was.
 */
export function bookableState(vehicle: BookedVehicle): MdsState {
  const { state, former = [], quietPlace } = vehicle;
  const [ground, ...beyond] = former;
  if (state !== 'non_contactable' || ground === undefined || beyond.length > 0 || quietPlace !== true) return state;
  return isVoid(vehicle) || isKeyless(vehicle) ? ground : state;
}

/** It has said that it admits nobody before its last holder, and they never got a key. */
function isKeyless({ admits, fence, assignment, barredUntil }: BookedVehicle): boolean {
  const keyUntil = assignment === undefined ? barredUntil : assignment.keyUntil;
  return admits === fence && fence > 0 && keyUntil === undefined;
}

function isFree(vehicle: BookedVehicle, now: Instant): boolean {
  const { barredUntil } = vehicle;
  if (bookableState(vehicle) !== 'available') return false;
  return barredUntil === undefined || isOver(barredUntil, now) || isVoid(vehicle);
}

function isLapsed(vehicle: BookedVehicle, now: Instant): boolean {
  const { assignment, silentSince, chargeLow, grounded } = vehicle;
  if (bookableState(vehicle) !== 'reserved' || chargeLow === true || grounded === true) return false;
  if (assignment === undefined || assignment.startedAt !== undefined) return false;
  if (!isOver(assignment.expiresAt, now)) return false;
  const { keyUntil } = assignment;
  return keyUntil === undefined || isVoid(vehicle) || (isOver(keyUntil, now) && silentSince === undefined);
}

/** It has said that no key up to the present fence opens it. */
export function isVoid({ admits, fence }: BookedVehicle): boolean {
  return admits > fence;
}

/** No former key stands in the next one's way. */
export function unbarred(vehicle: BookedVehicle): BookedVehicle {
  const { barredUntil: _, barredSince: __, ...rest } = vehicle;
  return rest;
}

/** For everybody, however far their clocks are apart. */
export function isOver(instant: Instant, now: Instant): boolean {
  return instant + expiryGuard < now;
}

/** A former use that was left without a key, or whose hold is over, stands in nobody's way. */
export function isIdle({ active }: Driver, now: Instant): boolean {
  return active === undefined || (isOver(active.until, now) && active.keyed === undefined);
}

export function hasRoom({ requests }: Driver): boolean {
  return requests.length < mostRequests;
}

/** Both halves, undefined where either does not allow it. */
export function held(
  vehicle: BookedVehicle | undefined,
  driver: Driver | undefined,
  claim: HoldClaim,
): BookingStep | undefined {
  if (vehicle === undefined || driver === undefined) return undefined;
  if (whyNotDriver(driver, claim) !== undefined || !hasRoom(driver)) return undefined;
  if (whyNotVehicle(vehicle, claim) !== undefined) return undefined;
  const { assignment, chargeLow: _, ...rest } = unbarred(vehicle);
  const lapse: Move[] =
    assignment === undefined ? [] : [{ event: 'provider_cancellation', at: claim.heldAt, reason: 'hold_expired' }];
  const next = happened(rest, [...lapse, { event: 'reservation_start', at: claim.heldAt }]);
  const { vehicleId, request, expiresAt } = claim;
  return {
    vehicle: {
      seen: vehicle.version,
      next: {
        ...next,
        assignment: assignmentOf(claim),
        fence: vehicle.fence + 1,
        revision: vehicle.revision + 1,
      },
    },
    driver: {
      seen: driver.version,
      next: {
        ...driver,
        active: { reservationId: request.reservationId, vehicleId, until: expiresAt },
        requests: [request, ...driver.requests],
        version: driver.version + 1,
      },
    },
  };
}

export function assignmentOf(claim: HoldClaim): Assignment {
  const { request, personId, heldAt, expiresAt, planId, planVersion, packageId, billTo } = claim;
  const chosen = packageId === undefined ? {} : { packageId };
  return {
    ...{ reservationId: request.reservationId, personId, heldAt, expiresAt, extensions: 0 },
    ...{ planId, planVersion, ...chosen, ...(billTo !== undefined && { billTo }) },
  };
}

/** The first reason that lies with the driver; undefined where none does. */
export function whyNotDriver(driver: Driver | undefined, claim: HoldClaim): Failure | undefined {
  if (driver === undefined || driver.standing === 'left') return accountMissing();
  if (driver.standing === 'blocked') return driverBlocked();
  if (driver.standing !== 'verified') return driverNotVerified();
  if (driver.debt !== 0) return debtOpen();
  if (claim.licence !== undefined && !hasLicence(driver, claim.licence, claim.today)) {
    return licenceMissing(claim.licence);
  }
  if (claim.licence !== undefined && isRecheckDue(driver, claim.heldAt)) return licenceRecheckDue();
  if (claim.bornBy !== undefined && (driver.bornOn === undefined || driver.bornOn > claim.bornBy)) return tooYoung();
  return isIdle(driver, claim.heldAt) ? undefined : alreadyHolding();
}

function hasLicence({ licence }: Driver, asked: string, today: string): boolean {
  return licence?.classes.includes(asked) === true && licence.validUntil >= today;
}

/** Who was verified before there was such a term has none until they are verified again. */
function isRecheckDue({ recheckDueAt }: Driver, now: Instant): boolean {
  return recheckDueAt !== undefined && recheckDueAt <= now;
}

/** The first reason that lies with the vehicle; undefined where none does. */
export function whyNotVehicle(vehicle: BookedVehicle | undefined, claim: HoldClaim): Failure | undefined {
  const { systemId, operatorId, vehicleTypeId, heldAt: now } = claim;
  if (vehicle === undefined || vehicle.operatorId !== operatorId || vehicle.systemId !== systemId) {
    return vehicleUnknown();
  }
  if (vehicle.vehicleTypeId !== vehicleTypeId) return vehicleNotInService();
  return isHoldable(vehicle, now) ? undefined : whyNotFree(vehicle, now);
}

function whyNotFree(vehicle: BookedVehicle, now: Instant): Failure {
  const { assignment, state, outOfService, barredUntil } = vehicle;
  if (assignment !== undefined) {
    const isUp = assignment.startedAt === undefined && isOver(assignment.expiresAt, now);
    if (!isUp) return vehicleReserved();
    if (vehicle.chargeLow === true) return vehicleChargeLow();
    if (vehicle.grounded === true) return vehicleNotInService();
    return state === 'reserved' ? keyNotVoid() : vehicleOutOfContact();
  }
  const ground = groundOf(vehicle);
  if (ground === 'non_operational' && outOfService === 'low-charge') return vehicleChargeLow();
  if (ground !== 'available' || state === 'elsewhere') return vehicleNotInService();
  if (state === 'non_contactable') return vehicleOutOfContact();
  const until = barredUntil === undefined ? now : barredUntil + expiryGuard;
  const seconds = Math.ceil((until - now) / 1000) + 1;
  return seconds < 86_400 ? keyNotVoid(seconds) : keyNotVoid();
}
