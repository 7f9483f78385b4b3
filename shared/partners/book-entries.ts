import { captureOf, collection, type EntryOf, type PaymentBook } from '../sharing/payments/payment-book.ts';
import type { ReservationId } from '../sharing/sharing-id.ts';
import type { JournalEntry } from './account.ts';

/** What could not be captured is taken under this name: of a use that was driven although it was released. */
export const onAccount = 'on-account';

/** What was taken; undefined where nothing was. */
export function fareIn(reservationId: ReservationId, book: PaymentBook): JournalEntry | undefined {
  const captured = captureOf(book);
  if (captured === undefined) return undefined;
  const rest = collection(book, onAccount);
  const amount = captured.amount + (rest === undefined || rest.declined ? 0 : rest.amount);
  return amount === 0 ? undefined : { reservationId, kind: 'fare', id: '', at: (rest ?? captured).at, amount };
}

/** What was given back, in its order. */
export function refundsIn(reservationId: ReservationId, { entries }: PaymentBook): readonly JournalEntry[] {
  return entries
    .filter((entry): entry is EntryOf<'refund'> => entry.kind === 'refund' && !entry.refused)
    .map(({ id, at, amount }) => ({ reservationId, kind: 'refund', id, at, amount: -amount }));
}
