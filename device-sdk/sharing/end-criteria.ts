import { endAllowed } from '#shared/sharing/zones/rule-at.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import type { EndCriterion } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { isMoving, type SharedConditions } from './shared-body.ts';
import type { SharingRecord } from './sharing-memory.ts';

/** Every criterion for locking it and walking away that is not met. */
export function unmetForPause(conditions: SharedConditions): EndCriterion[] {
  return [
    ...unless(!isMoving(conditions), 'in-motion'),
    ...unless(!conditions.ignitionOn, 'ignition-on'),
    ...unless(conditions.doorsClosed, 'door-open'),
  ];
}

/**
 * Every criterion for leaving it to the next one that is not met.
 *
 * @param zones of the vehicle's system; without any, no place is forbidden: nobody is kept for want of a document
 */
export function unmetForEnd(
  conditions: SharedConditions,
  zones: ZoneSet | undefined,
  statement: SharingRecord['statement'],
  now: number,
): EndCriterion[] {
  const { place, charge, charging, keyInside } = conditions;
  const mayEndHere =
    place === undefined || zones === undefined || endAllowed(zones, place, statement?.vehicleTypeId ?? '', now);
  return [
    ...unmetForPause(conditions),
    ...unless(keyInside, 'key-outside'),
    ...unless(place !== undefined, 'place-unknown'),
    ...unless(mayEndHere, 'outside-zone'),
    ...unless(charging || charge >= (statement?.minimumCharge ?? 0), 'charge-too-low'),
  ];
}

function unless(met: boolean, criterion: EndCriterion): EndCriterion[] {
  return met ? [] : [criterion];
}
