import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';

/** One thing a client asked for. What it creates is named after it, so that a second run finds the first one's work. */
export interface Operation {
  /** 20 random base32 characters. */
  readonly operationId: string;
  readonly startedAt: Instant;
  /** The Idempotency-Key, where what is asked for keeps the record of it by itself; else the operation is the record. */
  readonly ownKey?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is remembered under a client's Idempotency-Key. */
export interface IdempotentOperation extends Operation {
  readonly clientId: string;
  readonly key: string;
  /** Hash of method, path and body. */
  readonly fingerprint: string;
  /** Until then the run that took the lease is believed to be alive. */
  readonly leaseUntil: Instant;
  readonly forgetAt: Instant;
  readonly answer?: Answer;
}

/** Longer than the longest request (25 s of waiting for a vehicle and what surrounds it). */
export const leaseTime = 30_000;
export const memoryTime = 24 * 3_600_000;

export type Begin =
  /** `resumed`: a former run broke off, and nobody knows how far it came. */
  | { readonly kind: 'run'; readonly operation: IdempotentOperation; readonly resumed: boolean }
  | { readonly kind: 'repeat'; readonly answer: Answer };

/** @param fresh the operation as it would be if the key were new */
export function begin(known: IdempotentOperation | undefined, fresh: IdempotentOperation, now: Instant): Begin {
  if (known === undefined || known.forgetAt <= now) return { kind: 'run', operation: fresh, resumed: false };
  if (known.fingerprint !== fresh.fingerprint) {
    throw new Failure('unacceptable', 'idempotency-key-reused', 'This Idempotency-Key belongs to another request.', {
      resolution: 'Use a new key for a new request.',
      errors: [{ pointer: 'Idempotency-Key', detail: 'was sent before with another method, path or body' }],
    });
  }
  if (known.answer !== undefined) return { kind: 'repeat', answer: known.answer };
  // A lease from a future that the clock was set back from holds nobody up.
  if (known.leaseUntil > now && known.leaseUntil - now <= leaseTime) {
    throw new Failure(
      'conflict',
      'operation-in-progress',
      'The first request with this Idempotency-Key is still running.',
      {
        retryAfter: Math.ceil((known.leaseUntil - now) / 1000),
      },
    );
  }
  return { kind: 'run', operation: { ...known, leaseUntil: fresh.leaseUntil }, resumed: true };
}

export function freshOperation(
  { clientId, key, fingerprint }: Pick<IdempotentOperation, 'clientId' | 'key' | 'fingerprint'>,
  operationId: string,
  now: Instant,
): IdempotentOperation {
  const times = { startedAt: now, leaseUntil: now + leaseTime, forgetAt: now + memoryTime };
  return { clientId, key, fingerprint, operationId, ...times };
}
