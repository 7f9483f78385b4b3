import type { Instant } from '../../kernel/clock.ts';
import type { ChargeId } from '../sharing-id.ts';

/** What is to be looked at. It decides nothing: a message that comes twice, late or in vain finds that in the items. */
export type Due =
  /** Whether the hold has expired without a start. */
  | { readonly kind: 'expiry'; readonly vehicleId: string }
  /** Whether the vehicle has been without a line for too long. */
  | { readonly kind: 'silence'; readonly vehicleId: string }
  /** Whether the use with this fence is to be settled. */
  | { readonly kind: 'settle'; readonly vehicleId: string; readonly fence: number }
  /** Whether the use with this fence, which an operator has ended by force, runs on board still. */
  | { readonly kind: 'recall'; readonly vehicleId: string; readonly fence: number }
  /** Whether something of the charge is left to be done. */
  | { readonly kind: 'charge'; readonly chargeId: ChargeId };

export interface DueCalls {
  /** Has it looked at from `at` on; may be called in vain, and twice. */
  call(due: Due, at: Instant, now: Instant): Promise<void>;
}
