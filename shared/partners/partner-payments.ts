import { untilSaved } from '../kernel/optimistic.ts';
import { authorization, captureOf, type PaymentBook } from '../sharing/payments/payment-book.ts';
import type { Authorization, Capture, Collection, Payments, Refund } from '../sharing/payments/payments.ts';
import type { PaymentBooks } from '../sharing/payments/sandbox-payments.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { ReservationId } from '../sharing/sharing-id.ts';
import {
  type AccountBooks,
  type AccountName,
  enterOnce,
  freed,
  type JournalEntry,
  opened,
  setAside,
} from './account.ts';
import { fareIn, onAccount, refundsIn } from './book-entries.ts';
import { partnerMethod, payerOf } from './partner-method.ts';
import { standingAsides } from './standing-asides.ts';

export interface PartnerPaymentPorts {
  /** What persons pay by; it keeps the book of each reservation, whoever pays. */
  readonly persons: Payments;
  readonly books: Pick<PaymentBooks, 'load'>;
  readonly accounts: AccountBooks;
  readonly setup: Pick<SharingSetup, 'operator'>;
}

/**
 * Partners pay for their customers, on account. The book of the reservation says what happened, once; the account follows
 * it, and asked again it is brought to where the book is.
 */
export class PartnerPayments implements Payments {
  readonly #ports: PartnerPaymentPorts;

  constructor(ports: PartnerPaymentPorts) {
    this.#ports = ports;
  }

  async authorize(
    reservationId: ReservationId,
    amount: number,
    currency: string,
    paymentMethod: string,
  ): Promise<Authorization> {
    const { persons, setup } = this.#ports;
    const payer = payerOf(paymentMethod);
    if (payer !== undefined) {
      const operator = await setup.operator(payer.operatorId);
      const partner = operator?.partners?.find(({ clientId }) => clientId === payer.clientId);
      if (partner === undefined) return { kind: 'declined', reason: 'unknown-payment-method' };
      const isAside = await this.#putAside({ ...payer, currency }, reservationId, amount, partner.creditLimit);
      if (!isAside) return { kind: 'declined', reason: 'insufficient-funds' };
    }
    const answer = await persons.authorize(reservationId, amount, currency, paymentMethod);
    if (answer.kind === 'declined' && payer !== undefined) await this.#free({ ...payer, currency }, reservationId);
    return answer;
  }

  /** The whole of it: on account nothing is left to be collected of anybody, whatever was set aside, and whatever the limit. */
  async capture(reservationId: ReservationId, amount: number): Promise<Capture> {
    const { persons, books } = this.#ports;
    const outcome = await persons.capture(reservationId, amount);
    const book = await books.load(reservationId);
    const name = book === undefined ? undefined : accountOf(book);
    if (name === undefined) return outcome;
    const answer = outcome.kind === 'captured' ? outcome : await this.#takeRest(name, reservationId, amount, outcome);
    await this.#follow(reservationId, (seen) => fareIn(reservationId, seen));
    if (answer.kind === 'failed') await this.#free(name, reservationId);
    return answer;
  }

  async release(reservationId: ReservationId): Promise<void> {
    await this.#ports.persons.release(reservationId);
    const book = await this.#ports.books.load(reservationId);
    const name = book === undefined ? undefined : accountOf(book);
    if (name !== undefined) await this.#free(name, reservationId);
  }

  collect(
    reservationId: ReservationId,
    amount: number,
    currency: string,
    paymentMethod: string,
    paymentId: string,
  ): Promise<Collection> {
    return this.#ports.persons.collect(reservationId, amount, currency, paymentMethod, paymentId);
  }

  async refund(reservationId: ReservationId, amount: number, refundId: string): Promise<Refund> {
    const outcome = await this.#ports.persons.refund(reservationId, amount, refundId);
    if (outcome.kind === 'refunded') {
      await this.#follow(reservationId, (book) => refundsIn(reservationId, book).find(({ id }) => id === refundId));
    }
    return outcome;
  }

  async #takeRest(
    name: AccountName,
    reservationId: ReservationId,
    amount: number,
    failed: Extract<Capture, { kind: 'failed' }>,
  ): Promise<Capture> {
    const { operatorId, clientId, currency } = name;
    const method = partnerMethod(operatorId, clientId);
    const rest = amount - failed.captured;
    const { kind } = await this.#ports.persons.collect(reservationId, rest, currency, method, onAccount);
    return kind === 'collected' ? { kind: 'captured' } : failed;
  }

  async #follow(reservationId: ReservationId, entryIn: (book: PaymentBook) => JournalEntry | undefined): Promise<void> {
    const book = await this.#ports.books.load(reservationId);
    const name = book === undefined ? undefined : accountOf(book);
    const entry = book === undefined ? undefined : entryIn(book);
    if (name !== undefined && entry !== undefined) await enterOnce(this.#ports.accounts, name, entry);
  }

  async #putAside(name: AccountName, reservationId: ReservationId, amount: number, limit: number): Promise<boolean> {
    const { accounts, books } = this.#ports;
    return untilSaved(async () => {
      const seen = await accounts.load(name);
      if (seen?.aside[reservationId] !== undefined) return true;
      const book = await books.load(reservationId);
      // Charged by now: nothing is to be set aside twice.
      if (book !== undefined && captureOf(book) !== undefined) return true;
      const account = seen ?? opened(name);
      const next =
        setAside(account, reservationId, amount, limit) ??
        setAside(await standingAsides(account, books), reservationId, amount, limit);
      if (next === undefined) return false;
      return (await accounts.save(next, seen?.version)) || undefined;
    });
  }

  async #free(name: AccountName, reservationId: ReservationId): Promise<void> {
    const { accounts } = this.#ports;
    await untilSaved(async () => {
      const seen = await accounts.load(name);
      if (seen?.aside[reservationId] === undefined) return true;
      return (await accounts.save(freed(seen, reservationId), seen.version)) || undefined;
    });
  }
}

/** Whose account it is on; undefined where a person pays. */
export function accountOf(book: PaymentBook): AccountName | undefined {
  const aside = authorization(book);
  const payer = aside === undefined ? undefined : payerOf(aside.paymentMethod);
  return aside === undefined || payer === undefined ? undefined : { ...payer, currency: aside.currency };
}
