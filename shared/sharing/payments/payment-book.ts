import type { Instant } from '../../kernel/clock.ts';
import type { Payable } from '../sharing-id.ts';
import type { Authorization, Capture, Collection, DeclineReason, Refund } from './payments.ts';

/** What the sandbox provider has written down of one reservation, or charge: its ledger, by which alone it can be judged. */
export interface PaymentBook {
  readonly reservationId: Payable;
  /** In the order in which they were made; an entry never changes. */
  readonly entries: readonly PaymentEntry[];
  /** Rises with each write. */
  readonly version: number;
}

export type PaymentEntry = {
  readonly at: Instant;
  readonly amount: number;
} & (
  | {
      readonly kind: 'authorize';
      readonly currency: string;
      readonly paymentMethod: string;
      readonly declined?: DeclineReason;
    }
  /** `amount` was taken; `asked` may be more. */
  | { readonly kind: 'capture'; readonly asked: number; readonly declined?: DeclineReason }
  | { readonly kind: 'release' }
  | {
      readonly kind: 'collect';
      readonly id: string;
      readonly currency: string;
      readonly paymentMethod: string;
      readonly declined?: DeclineReason;
    }
  | { readonly kind: 'refund'; readonly id: string; readonly refused?: 'more-than-taken' }
);

export type EntryOf<K extends PaymentEntry['kind']> = Extract<PaymentEntry, { kind: K }>;

/** What a payment method of the sandbox does, by its name; any other name pays. */
export interface SandboxMode {
  readonly declinesAuthorization?: DeclineReason;
  readonly declinesCapture?: DeclineReason;
  readonly declinesCollection?: DeclineReason;
  /** Minor units that are there. */
  readonly funds?: number;
  /** The first answer to each call is lost, and its work is done. */
  readonly losesAnswers?: true;
  readonly slow?: true;
}

const modes: Readonly<Record<string, SandboxMode>> = {
  'sandbox-declined': {
    ...{ declinesAuthorization: 'card-declined', declinesCapture: 'card-declined' },
    declinesCollection: 'card-declined',
  },
  'sandbox-authorization-expires': { declinesCapture: 'authorization-expired' },
  'sandbox-capture-fails': { declinesCapture: 'card-declined', declinesCollection: 'card-declined' },
  'sandbox-answers-lost': { losesAnswers: true },
  'sandbox-slow': { slow: true },
  'sandbox-unknown': {
    ...{ declinesAuthorization: 'unknown-payment-method', declinesCollection: 'unknown-payment-method' },
  },
};

/** `sandbox-funds-2500`: there are 25.00. */
const fundsPattern = /^sandbox-funds-(\d{1,9})$/;

export function sandboxMode(paymentMethod: string): SandboxMode {
  const funds = fundsPattern.exec(paymentMethod)?.[1];
  if (funds !== undefined) return { funds: Number(funds) };
  return Object.hasOwn(modes, paymentMethod) ? (modes[paymentMethod] ?? {}) : {};
}

export function authorization({ entries }: PaymentBook): EntryOf<'authorize'> | undefined {
  return entries.find((entry): entry is EntryOf<'authorize'> => entry.kind === 'authorize' && !entry.declined);
}

export function captureOf({ entries }: PaymentBook): EntryOf<'capture'> | undefined {
  return entries.find((entry): entry is EntryOf<'capture'> => entry.kind === 'capture');
}

export function isReleased({ entries }: PaymentBook): boolean {
  return entries.some(({ kind }) => kind === 'release');
}

export function collection({ entries }: PaymentBook, id: string): EntryOf<'collect'> | undefined {
  return entries.find((entry): entry is EntryOf<'collect'> => entry.kind === 'collect' && entry.id === id);
}

export function refundOf({ entries }: PaymentBook, id: string): EntryOf<'refund'> | undefined {
  return entries.find((entry): entry is EntryOf<'refund'> => entry.kind === 'refund' && entry.id === id);
}

/** What the provider holds for the operator: taken, less what was given back. */
export function balance({ entries }: PaymentBook): number {
  return entries.reduce((sum, entry) => sum + worth(entry), 0);
}

function worth(entry: PaymentEntry): number {
  switch (entry.kind) {
    case 'authorize':
    case 'release':
      return 0;
    case 'capture':
      return entry.amount;
    case 'collect':
      return entry.declined === undefined ? entry.amount : 0;
    case 'refund':
      return entry.refused === undefined ? -entry.amount : 0;
  }
}

export function authorizationAnswer({ declined }: EntryOf<'authorize'>): Authorization {
  return declined === undefined ? { kind: 'authorized' } : { kind: 'declined', reason: declined };
}

export function captureAnswer({ declined, amount }: EntryOf<'capture'>): Capture {
  return declined === undefined ? { kind: 'captured' } : { kind: 'failed', reason: declined, captured: amount };
}

export function collectionAnswer({ declined }: EntryOf<'collect'>): Collection {
  return declined === undefined ? { kind: 'collected' } : { kind: 'declined', reason: declined };
}

export function refundAnswer({ refused }: EntryOf<'refund'>): Refund {
  return refused === undefined ? { kind: 'refunded' } : { kind: 'refused', reason: refused };
}
