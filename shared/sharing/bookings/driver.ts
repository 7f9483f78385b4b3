import type { Instant } from '../../kernel/clock.ts';
import type { OpenDebt } from '../payments/payments.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';

/**
 * A person's account with one operator, and what they have at present: the other item of a hold. Below 1 KB. Holds
 * personal data (the date of birth), which goes with the person.
 */
export interface Driver {
  readonly operatorId: OperatorId;
  readonly personId: string;
  /** `blocked`: holds nothing new, and begins nothing; what they drive they may finish. `left`: nothing of them is known any more. */
  readonly standing: 'unverified' | 'verified' | 'blocked' | 'left';
  /** `2001-05-31`, once somebody has seen the papers. */
  readonly bornOn?: string;
  readonly licence?: {
    readonly classes: readonly string[] /** Last day, `2031-05-31`. */;
    readonly validUntil: string;
  };
  /** From then on somebody has to have seen the licence again before they hold what asks for one. */
  readonly recheckDueAt?: Instant;
  /** The payment provider's name for how they pay; never a card number. */
  readonly paymentMethod?: string;
  /** What they owe, in minor units: the sum of `debts`; any bars new holds. */
  readonly debt: number;
  readonly debtCurrency?: string;
  /** One a use at the most, so that one that is told twice counts once. Written by the settlement of trips alone. */
  readonly debts?: readonly OpenDebt[];
  /** One at a time. */
  readonly active?: ActiveUse;
  /** Keys of the newest holds, hashed, the newest first: the same request again gets the same reservation. */
  readonly requests: readonly HoldRequest[];
  readonly version: number;
}

export interface ActiveUse {
  readonly reservationId: ReservationId;
  readonly vehicleId: string;
  /** Until then it stands in the way of another hold; a use with a key until it is released. */
  readonly until: Instant;
  readonly keyed?: true;
}

export interface HoldRequest {
  /** Of the Idempotency-Key, 16 characters. */
  readonly key: string;
  /** Of what was asked, 16 characters. */
  readonly fingerprint: string;
  readonly reservationId: ReservationId;
}
