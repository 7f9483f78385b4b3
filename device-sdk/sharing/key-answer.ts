import type { EndCriterion, KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { KeyRefusal } from './admission.ts';

/** What the vehicle answers a phone. */
export type KeyAnswer =
  | {
      readonly kind: 'done';
      readonly action: KeyAction;
      /** What the vehicle has signed of it (COSE_Sign1 of a `TripEvent`, base64url); absent where it was done before. */
      readonly line?: string;
    }
  | {
      readonly kind: 'refused';
      readonly reason: KeyRefusal;
      readonly detail: string;
      /** All that stands in the way of a pause or an end, at once. */
      readonly unmet?: readonly EndCriterion[];
    };

/** It does not happen; the answer says why. */
export class NotDone extends Error {
  readonly answer: Extract<KeyAnswer, { kind: 'refused' }>;

  constructor(reason: KeyRefusal, detail: string, unmet?: readonly EndCriterion[]) {
    super(detail);
    this.answer = { kind: 'refused', reason, detail, ...(unmet !== undefined && { unmet }) };
  }
}
