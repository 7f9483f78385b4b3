import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Payable, ReservationId } from '../sharing-id.ts';
import {
  authorization,
  authorizationAnswer,
  balance,
  captureAnswer,
  captureOf,
  collection,
  collectionAnswer,
  type EntryOf,
  isReleased,
  type PaymentBook,
  type PaymentEntry,
  refundAnswer,
  refundOf,
  sandboxMode,
} from './payment-book.ts';
import type { Authorization, Capture, Collection, DeclineReason, Payments, Refund } from './payments.ts';

export interface PaymentBooks {
  load(payable: Payable): Promise<PaymentBook | undefined>;
  /** False where the book has another version than was seen. */
  save(book: PaymentBook, seen: number | undefined): Promise<boolean>;
}

export interface SandboxPorts {
  readonly books: PaymentBooks;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** ms that `sandbox-slow` takes for an answer: longer than people like, shorter than any time-out here. */
const slowness = 1_500;

/** A provider that is built in: no money moves, everything else is as it would be (docs/decisions/payments.md). */
export class SandboxPayments implements Payments {
  readonly #ports: SandboxPorts;

  constructor(ports: SandboxPorts) {
    this.#ports = ports;
  }

  async authorize(
    reservationId: ReservationId,
    amount: number,
    currency: string,
    paymentMethod: string,
  ): Promise<Authorization> {
    const entry = await this.#entered<'authorize'>(reservationId, (book, at) => {
      const known = authorization(book);
      if (known !== undefined && !isReleased(book)) return known;
      const { funds, declinesAuthorization } = sandboxMode(paymentMethod);
      const short = funds !== undefined && amount > funds ? ('insufficient-funds' as const) : undefined;
      const declined = isReleased(book) ? ('released' as const) : (declinesAuthorization ?? short);
      return { kind: 'authorize', at, amount, currency, paymentMethod, ...ifDeclined(declined) };
    });
    return authorizationAnswer(entry);
  }

  async capture(reservationId: ReservationId, asked: number): Promise<Capture> {
    const entry = await this.#entered<'capture'>(reservationId, (book, at) => {
      const known = captureOf(book);
      if (known !== undefined) return known;
      const aside = authorization(book);
      if (aside === undefined) return { kind: 'capture', at, asked, amount: 0, declined: 'not-authorized' };
      if (isReleased(book)) return { kind: 'capture', at, asked, amount: 0, declined: 'released' };
      const { declinesCapture, funds } = sandboxMode(aside.paymentMethod);
      if (declinesCapture !== undefined) return { kind: 'capture', at, asked, amount: 0, declined: declinesCapture };
      if (funds === undefined || asked <= funds) return { kind: 'capture', at, asked, amount: asked };
      return { kind: 'capture', at, asked, amount: Math.min(asked, aside.amount), declined: 'insufficient-funds' };
    });
    return captureAnswer(entry);
  }

  async release(reservationId: ReservationId): Promise<void> {
    await this.#entered<'release'>(reservationId, (book, at) => {
      const known = book.entries.find((entry): entry is EntryOf<'release'> => entry.kind === 'release');
      return known ?? { kind: 'release', at, amount: 0 };
    });
  }

  async collect(
    payable: Payable,
    amount: number,
    currency: string,
    paymentMethod: string,
    paymentId: string,
  ): Promise<Collection> {
    const entry = await this.#entered<'collect'>(payable, (book, at) => {
      const known = collection(book, paymentId);
      if (known !== undefined) return known;
      const paid = book.entries.find((one): one is EntryOf<'collect'> => one.kind === 'collect' && !one.declined);
      if (paid !== undefined) return paid;
      const { funds, declinesCollection } = sandboxMode(paymentMethod);
      const short = funds !== undefined && amount > funds ? ('insufficient-funds' as const) : undefined;
      const declined = declinesCollection ?? short;
      return { kind: 'collect', at, amount, id: paymentId, currency, paymentMethod, ...ifDeclined(declined) };
    });
    return collectionAnswer(entry);
  }

  async refund(payable: Payable, amount: number, refundId: string): Promise<Refund> {
    const entry = await this.#entered<'refund'>(payable, (book, at) => {
      const known = refundOf(book, refundId);
      if (known !== undefined) return known;
      const refused = amount > balance(book) ? { refused: 'more-than-taken' as const } : {};
      return { kind: 'refund', at, amount, id: refundId, ...refused };
    });
    return refundAnswer(entry);
  }

  /** Puts an entry into the book unless it is there: once, whoever asks at the same time. */
  async #entered<K extends PaymentEntry['kind']>(
    reservationId: Payable,
    decide: (book: PaymentBook, at: Instant) => EntryOf<K>,
  ): Promise<EntryOf<K>> {
    const { books, clock, pause } = this.#ports;
    const { entry, book, isNew } = await untilSaved(async () => {
      const seen = await books.load(reservationId);
      const before = seen ?? { reservationId, entries: [], version: 0 };
      const made = decide(before, clock.now());
      if (before.entries.some((one) => one === made)) return { entry: made, book: before, isNew: false };
      const after = { ...before, entries: [...before.entries, made], version: before.version + 1 };
      const isSaved = await books.save(after, seen?.version);
      return isSaved ? { entry: made, book: after, isNew: true } : undefined;
    });
    const { slow, losesAnswers } = sandboxMode(methodOf(book));
    if (slow) await pause(slowness);
    if (losesAnswers && isNew) {
      throw new Failure('unavailable', 'payment-unavailable', 'The payment provider did not answer.', {
        retryAfter: 1,
      });
    }
    return entry;
  }
}

/** Of the newest entry that names one. */
function methodOf({ entries }: PaymentBook): string {
  const named = entries.findLast((entry) => entry.kind === 'authorize' || entry.kind === 'collect');
  return named !== undefined && 'paymentMethod' in named ? named.paymentMethod : '';
}

function ifDeclined(declined: DeclineReason | undefined) {
  return declined === undefined ? {} : { declined };
}
