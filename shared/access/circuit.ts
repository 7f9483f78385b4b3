import type { Instant } from '../kernel/clock.ts';
import type { Quota } from './quota.ts';

/** How a client behaved: counts of requests within a window. */
export interface Conduct {
  readonly requests: number;
  /** Refused by the quota although an answer before had said how long to wait. */
  readonly ignored: number;
  /** Answered 4xx for what the request itself was: no such path, no right, not valid. */
  readonly nonsense: number;
}

export const quiet: Conduct = { requests: 0, ignored: 0, nonsense: 0 };

/** A client that was shut out, now or before. */
export interface Circuit {
  readonly openedAt: Instant;
  readonly until: Instant;
  /** How often in a row: each time lasts twice as long. */
  readonly times: number;
  readonly reason: Misconduct;
}

export type Misconduct = 'quota-ignored' | 'nonsense';
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Conduct is counted over so long. */
export const conductWindow = 60_000;
const firstTime = 60_000;
const longestTime = 3_600_000;
/** After being shut out: so long a tenth of the misconduct is enough. */
const trial = 120_000;
/** Whoever behaved for so long begins anew. */
const forgiveness = 24 * 3_600_000;

export function circuitState(circuit: Circuit | undefined, now: Instant): CircuitState {
  if (circuit === undefined) return 'closed';
  const { until } = circuit;
  if (isFromFuture(circuit, now)) return 'closed';
  if (now < until) return 'open';
  return now < until + trial ? 'half-open' : 'closed';
}

/** The circuit as the client's conduct makes it; the same as before while there is nothing to object. */
export function judged(
  circuit: Circuit | undefined,
  conduct: Conduct,
  quota: Quota,
  now: Instant,
): Circuit | undefined {
  const state = circuitState(circuit, now);
  if (state === 'open') return circuit;
  const reason = misconduct(conduct, quota, state === 'half-open' ? 0.1 : 1);
  const isHeld = circuit !== undefined && now < circuit.until + forgiveness && !isFromFuture(circuit, now);
  const known = isHeld ? circuit : undefined;
  if (reason === undefined) return known;
  const times = (known?.times ?? 0) + 1;
  return { openedAt: now, until: now + lengthOf(times), times, reason };
}

function misconduct({ requests, ignored, nonsense }: Conduct, { rate }: Quota, share: number): Misconduct | undefined {
  // Ten times the quota for half a minute; a client of a small quota may be clumsier.
  if (ignored > share * Math.max(1000, 300 * rate)) return 'quota-ignored';
  // Ten a second for a minute and hardly anything else: a loop that nobody looks at.
  if (nonsense > share * 600 && nonsense > 0.9 * requests) return 'nonsense';
  return undefined;
}

/** A clock that was set back must neither shut anybody out for longer than was meant, nor watch them more closely. */
function isFromFuture({ until, times }: Circuit, now: Instant): boolean {
  return until - now > lengthOf(times);
}

function lengthOf(times: number): number {
  return Math.min(longestTime, firstTime * 2 ** Math.min(times - 1, 10));
}
