import * as z from 'zod/mini';
import {
  type ChargeId,
  isChargeId,
  isOperatorId,
  isReservationId,
  isSystemId,
  type OperatorId,
  type Payable,
  type ReservationId,
  type SystemId,
} from './sharing-id.ts';

/** The ids of sharing, as they are parsed from items and messages. */
export const operatorIdValue = idValue<OperatorId>(isOperatorId, 'is no operator id');
export const systemIdValue = idValue<SystemId>(isSystemId, 'is no system id');
export const reservationIdValue = idValue<ReservationId>(isReservationId, 'is no reservation id');
export const chargeIdValue = idValue<ChargeId>(isChargeId, 'is no charge id');
export const payableValue = idValue<Payable>(
  (text): text is Payable => isReservationId(text) || isChargeId(text),
  'is no id of what is paid for',
);

function idValue<Id extends string>(guard: (text: string) => text is Id, fault: string) {
  return z.custom<Id>((value) => typeof value === 'string' && guard(value), { error: () => fault });
}
