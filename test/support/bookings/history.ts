import { readFileSync } from 'node:fs';
import { z } from 'zod';

/*
 * A recorded history of bookings, as JSON lines: docs/booking-history.md describes it for other people's checkers. What it
 * holds is what clients asked and were answered, never what the code under test thinks of it.
 */

export const releases = ['cancel', 'expire', 'force-end', 'end'] as const;
/** `start`, `pause`, `resume`, `end`: the vehicle's own line was taken in. */
const names = [
  ...(['hold', 'extend', 'key', 'start', 'pause', 'resume', ...releases] as const),
  ...(['admit', 'contact', 'service', 'read'] as const),
] as const;

const carSeen = z.strictObject({
  of: z.literal('car'),
  car: z.string(),
  version: z.int().optional(),
  state: z.string().optional(),
  former: z.array(z.string()).readonly().optional(),
  fence: z.int().optional(),
  admits: z.int().optional(),
  /** Who has it; null: nobody has; absent: that was not looked at. */
  reservation: z.string().nullable().optional(),
  person: z.string().optional(),
  expiresAt: z.number().optional(),
  keyUntil: z.number().optional(),
  startedAt: z.number().optional(),
  /** The events that this very write made happen, in order. */
  moves: z.array(z.string()).readonly().optional(),
  /** The operation itself wrote this. */
  wrote: z.literal(true).optional(),
  /** It was so at some time before `returnedAt`, perhaps long before `invokedAt`: a stream's image, a repeated answer. */
  stale: z.literal(true).optional(),
});

const personSeen = z.strictObject({
  of: z.literal('person'),
  person: z.string(),
  operator: z.string(),
  version: z.int(),
  reservation: z.string().nullable().optional(),
  wrote: z.literal(true).optional(),
  stale: z.literal(true).optional(),
});

export const operation = z.strictObject({
  kind: z.literal('operation'),
  id: z.int(),
  client: z.string(),
  operation: z.enum(names),
  /** On one monotonic clock that all clients share; any unit. */
  invokedAt: z.number(),
  /** When the client had its answer. Absent: it never had one, nor gave up. */
  returnedAt: z.number().optional(),
  /** The client's own clock, ms since the epoch, wrong by up to `skew`. */
  clock: z.strictObject({ invoked: z.number(), returned: z.number().optional() }).optional(),
  /** `unknown`: the answer was lost; it may have happened, may happen later, or never. */
  outcome: z.enum(['done', 'refused', 'unknown']),
  /** Of a refusal: the problem's code. */
  reason: z.string().optional(),
  car: z.string().optional(),
  person: z.string().optional(),
  operator: z.string().optional(),
  /** The Idempotency-Key. */
  key: z.string().optional(),
  /** What else was asked for: the same key with something else is another request. */
  asked: z.record(z.string(), z.unknown()).optional(),
  reservation: z.string().optional(),
  seen: z
    .array(z.discriminatedUnion('of', [carSeen, personSeen]))
    .readonly()
    .optional(),
});

const head = z.strictObject({
  kind: z.literal('history'),
  format: z.literal(1),
  /** ms that another's claim waits beyond an expiry. */
  guard: z.number(),
  /** ms by which any client's clock is wrong at the most. */
  skew: z.number(),
  /** Every version of every car is among what was seen, up to the end. */
  complete: z.boolean(),
  /** The ledger was read when everything was settled. */
  settled: z.boolean(),
});

/** The ledger as the payment provider and the debts' book have it in the end; amounts in minor units. */
const entry = z.strictObject({
  kind: z.literal('entry'),
  reservation: z.string(),
  what: z.enum(['billed', 'authorized', 'captured', 'collected', 'refunded', 'owed']),
  amount: z.int(),
  /** Of the entry: two lines with one id are one entry told twice, and must be equal. */
  id: z.string(),
});

const line = z.discriminatedUnion('kind', [head, operation, entry]);

export type CarSeen = z.infer<typeof carSeen>;
export type PersonSeen = z.infer<typeof personSeen>;
export type Operation = z.infer<typeof operation>;
export type Entry = z.infer<typeof entry>;
export type HistoryHead = z.infer<typeof head>;

export interface History {
  readonly head: HistoryHead;
  readonly operations: readonly Operation[];
  readonly entries: readonly Entry[];
}

/** @throws ZodError, SyntaxError, RangeError where it is no history */
export function parseHistory(text: string): History {
  const lines = text.split('\n').flatMap((row) => (row.trim() === '' ? [] : [line.parse(JSON.parse(row))]));
  const [first, ...rest] = lines;
  if (first?.kind !== 'history') throw new RangeError('The first line of a history has the kind "history"');
  return {
    head: first,
    operations: rest.filter((one) => one.kind === 'operation'),
    entries: rest.filter((one) => one.kind === 'entry'),
  };
}

export function readHistory(file: string): History {
  return parseHistory(readFileSync(file, 'utf8'));
}

export function historyLines({ head: first, operations, entries }: History): string {
  return [first, ...operations, ...entries].map((one) => `${JSON.stringify(one)}\n`).join('');
}
