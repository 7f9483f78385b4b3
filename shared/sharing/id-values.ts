import * as z from 'zod/mini';
import {
  isOperatorId,
  isReservationId,
  isSystemId,
  type OperatorId,
  type ReservationId,
  type SystemId,
} from './sharing-id.ts';

/** The ids of sharing, as they are parsed from items and messages. */
export const operatorIdValue = idValue<OperatorId>(isOperatorId, 'is no operator id');
export const systemIdValue = idValue<SystemId>(isSystemId, 'is no system id');
export const reservationIdValue = idValue<ReservationId>(isReservationId, 'is no reservation id');

function idValue<Id extends string>(guard: (text: string) => text is Id, fault: string) {
  return z.custom<Id>((value) => typeof value === 'string' && guard(value), { error: () => fault });
}
