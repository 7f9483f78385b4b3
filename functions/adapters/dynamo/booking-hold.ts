import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { expiryGuard } from '#shared/sharing/bookings/booked-vehicle.ts';
import { assignmentOf, type HoldClaim, mostRequests } from '#shared/sharing/bookings/hold.ts';
import { bookingKeys, requestText } from './booking-item.ts';

type Update = NonNullable<NonNullable<TransactWriteCommandInput['TransactItems']>[number]['Update']>;

const isOfTheSystem = 'systemId = :system AND operatorId = :operator AND vehicleTypeId = :type';
const keysAreVoid = 'admits > fence';
const isInContact = 'attribute_not_exists(away)';
const isQuiet = 'away = :silent AND quietPlace = :true';
const admitsTheLast = 'admits = fence AND fence > :nothing';
const isUnbarred = `attribute_not_exists(barredUntil) OR barredUntil < :over OR ${keysAreVoid}`;
const isFree = `#state = :available AND attribute_not_exists(assignment) AND (${isThere('barredUntil')}) AND (${isUnbarred})`;
const keyIsOver = 'assignment.keyUntil < :over AND attribute_not_exists(silentSince)';
const opensNothing = `attribute_not_exists(assignment.keyUntil) OR ${keysAreVoid} OR (${keyIsOver})`;
const isLapsed = `#state = :reserved AND (${isThere('assignment.keyUntil')}) AND attribute_not_exists(chargeLow) AND attribute_not_exists(grounded) AND assignment.expiresAt < :over AND attribute_not_exists(assignment.startedAt) AND (${opensNothing})`;
const isHoldable = `${isOfTheSystem} AND ((${isFree}) OR (${isLapsed}))`;

/** @param lastKey where it stands until when the last holder's key is good, if they got one */
function isThere(lastKey: string): string {
  const isKeyless = `${admitsTheLast} AND attribute_not_exists(${lastKey})`;
  return `${isInContact} OR (${isQuiet} AND (${keysAreVoid} OR (${isKeyless})))`;
}

const mayHold = 'standing = :verified AND debt = :nothing';
const isLicensed = 'contains(licence.classes, :licence) AND licence.validUntil >= :today';
const isSeenLately = 'attribute_not_exists(recheckDueAt) OR recheckDueAt > :now';
const isOldEnough = 'bornOn <= :bornBy';
const isIdle = 'attribute_not_exists(active) OR (active.#until < :over AND attribute_not_exists(active.keyed))';
const isNewRequest = 'attribute_not_exists(requests.#key) AND size(requests) < :most';

/** What `held` decides, said so that DynamoDB decides it: nothing is read before. */
export function vehicleHold(TableName: string, claim: HoldClaim): Update {
  const { systemId, operatorId, vehicleTypeId, vehicleId, heldAt } = claim;
  return {
    ...{ TableName, Key: bookingKeys.vehicle(vehicleId), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ConditionExpression: isHoldable,
    UpdateExpression:
      'SET #state = :reserved, assignment = :assignment, fence = fence + :one, revision = revision + :one, version = version + :one, moves = :told, holds = list_append(if_not_exists(holds, :told), :held) REMOVE barredUntil, barredSince, chargeLow',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ...{ ':system': systemId, ':operator': operatorId, ':type': vehicleTypeId },
      ...{ ':available': 'available', ':reserved': 'reserved', ':silent': 'non_contactable', ':true': true },
      ...{ ':over': heldAt - expiryGuard, ':one': 1, ':nothing': 0 },
      ...{ ':assignment': assignmentOf(claim), ':told': [], ':held': [heldAt] },
    },
  };
}

export function driverHold(TableName: string, claim: HoldClaim): Update {
  const { operatorId, personId, vehicleId, request, heldAt, expiresAt, licence, bornBy, today } = claim;
  const asked = [
    mayHold,
    ...(licence === undefined ? [] : [isLicensed, `(${isSeenLately})`]),
    ...(bornBy === undefined ? [] : [isOldEnough]),
    `(${isIdle})`,
    isNewRequest,
  ];
  return {
    ...{ TableName, Key: bookingKeys.driver(operatorId, personId), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ConditionExpression: asked.join(' AND '),
    UpdateExpression: 'SET active = :active, requests.#key = :request, version = version + :one',
    ExpressionAttributeNames: { '#key': request.key, '#until': 'until' },
    ExpressionAttributeValues: {
      ...{ ':verified': 'verified', ':nothing': 0, ':over': heldAt - expiryGuard, ':most': mostRequests, ':one': 1 },
      ...(licence !== undefined && { ':licence': licence, ':today': today, ':now': heldAt }),
      ...(bornBy !== undefined && { ':bornBy': bornBy }),
      ':active': { reservationId: request.reservationId, vehicleId, until: expiresAt },
      ':request': requestText(request),
    },
  };
}
