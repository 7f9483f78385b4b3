import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { expenseDecidedBefore } from './care-refusals.ts';

export const expenseKinds = ['charging', 'fuel', 'parking', 'washing', 'other'] as const;

/** Own money that a driver has spent for the vehicle. */
export interface Expense extends CareRecord {
  readonly expenseId: CareId<'expense'>;
  readonly operatorId: OperatorId;
  readonly systemId: SystemId;
  readonly vehicleId: string;
  readonly personId: string;
  readonly reservationId: ReservationId;
  readonly kind: (typeof expenseKinds)[number];
  /** Minor units of `currency`, above zero. */
  readonly amount: number;
  readonly currency: string;
  readonly photoId: CareId<'photo'>;
  readonly reportedAt: Instant;
  readonly state: ExpenseState;
}

export type ExpenseState =
  | { readonly status: 'reported' }
  | { readonly status: 'approved' | 'declined'; readonly at: Instant; readonly by: string; readonly reason: string };

export function expenseLists({ personId, operatorId, state }: Expense): readonly CareList[] {
  return [{ of: 'person', personId }, ...(state.status === 'reported' ? [{ of: 'desk' as const, operatorId }] : [])];
}

/** The very same where that was decided before. @throws Failure `expense-decided` */
export function expenseDecided(
  expense: Expense,
  state: Exclude<ExpenseState, { readonly status: 'reported' }>,
): Expense {
  if (expense.state.status === state.status) return expense;
  if (expense.state.status !== 'reported') throw expenseDecidedBefore();
  return { ...expense, state, version: expense.version + 1 };
}
