import { isReleased } from '../sharing/payments/payment-book.ts';
import type { PaymentBooks } from '../sharing/payments/sandbox-payments.ts';
import { isReservationId } from '../sharing/sharing-id.ts';
import type { PartnerAccount } from './account.ts';

/**
 * The account with what is still set aside. Nothing is, where the book says that it was released: whoever was to free it has
 * died in between, or died before the book said whose account it is on.
 */
export async function standingAsides(
  account: PartnerAccount,
  books: Pick<PaymentBooks, 'load'>,
): Promise<PartnerAccount> {
  const standing = await Promise.all(
    Object.entries(account.aside).map(async (one) => {
      const [reservationId] = one;
      const book = isReservationId(reservationId) ? await books.load(reservationId) : undefined;
      return book !== undefined && isReleased(book) ? [] : [one];
    }),
  );
  return { ...account, aside: Object.fromEntries(standing.flat()) };
}
