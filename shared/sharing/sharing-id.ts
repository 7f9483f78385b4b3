import { sortableInstant } from '../kernel/base32.ts';
import type { Instant } from '../kernel/clock.ts';

/** Who runs a sharing service: chosen by the operator, unique in a deployment (`we-share`). */
export type OperatorId = string & { readonly operatorId: unique symbol };
/** One service in one city: chosen by the operator, unique in a deployment (`we-share-berlin`). GBFS: `system_id`. */
export type SystemId = string & { readonly systemId: unique symbol };
/** One use of one vehicle by one person, from the hold to the bill. Sorts by the instant of the hold. */
export type ReservationId = string & { readonly reservationId: unique symbol };

/** What somebody is charged beside the bill of a trip. Sorts by the instant at which it was made. */
export type ChargeId = string & { readonly chargeId: unique symbol };
/** What money is asked for, each by its own attempts: a use, or a charge. */
export type Payable = ReservationId | ChargeId;

/** Chosen names: operators, systems, vehicle types, plans, zones, stations, packages. */
export const slugPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const longestSlug = 40;

export const reservationIdPattern = /^rsv-[0-9a-v]{9}[a-z2-7]{20}$/;

export const chargeIdPattern = /^chg-[0-9a-v]{9}[a-z2-7]{20}$/;

function isSlug(text: string): boolean {
  return text.length <= longestSlug && slugPattern.test(text);
}

export function isOperatorId(text: string): text is OperatorId {
  return isSlug(text);
}

export function isSystemId(text: string): text is SystemId {
  return isSlug(text);
}

export function isReservationId(text: string): text is ReservationId {
  return reservationIdPattern.test(text);
}

export function isChargeId(text: string): text is ChargeId {
  return chargeIdPattern.test(text);
}

/** @param operationId 20 base32 characters: what is carried out again names the same charge, if it names the same instant */
export function chargeIdOf(operationId: string, at: Instant): ChargeId {
  const id = `chg-${sortableInstant(at)}${operationId}`;
  if (!isChargeId(id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}

/** @param operationId 20 base32 characters: an operation that is carried out again names the same reservation */
export function reservationIdOf(operationId: string, heldAt: Instant): ReservationId {
  const id = `rsv-${sortableInstant(heldAt)}${operationId}`;
  if (!isReservationId(id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}
