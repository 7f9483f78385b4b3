import type { Instant } from '../../kernel/clock.ts';
import type { ChargeId, OperatorId, ReservationId, SystemId } from '../sharing-id.ts';

/** What a person is to pay beside their trips; once, however often it is asked for. */
export interface ChargeOrder {
  /** The same again is the same charge. */
  readonly chargeId: ChargeId;
  readonly operatorId: OperatorId;
  readonly systemId: SystemId;
  readonly personId: string;
  readonly reservationId: ReservationId;
  readonly kind: 'damage-excess' | 'cleaning';
  /** Minor units of `currency`, above zero. */
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  /** The client that decided so. */
  readonly by: string;
  readonly happenedAt: Instant;
}

/** The ledger of the operator: asks for money, and keeps the books of it. */
export interface Charges {
  charge(order: ChargeOrder): Promise<void>;
  /** Who would be asked: the driver, or the partner that pays for them. @throws Failure `account-not-found` where nobody could */
  debtor(of: Pick<ChargeOrder, 'personId' | 'reservationId'>): Promise<unknown>;
}

export interface TaskOrder {
  /** Of what caused it: the same again raises no other. */
  readonly taskId: string;
  readonly kind: 'clean' | 'inspect';
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly why: 'damage' | 'dirt';
  readonly note: string;
}

/** The operator's crew in the field. */
export interface Tasks {
  raise(order: TaskOrder): Promise<void>;
}

/** Takes a vehicle out of service as soon as nobody has it. */
export interface Grounding {
  ground(vehicleId: string): Promise<void>;
  /** It may stay in service; one that is out of it already stays out. */
  clear(vehicleId: string): Promise<void>;
}
