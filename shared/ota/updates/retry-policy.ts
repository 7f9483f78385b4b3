import type { Instant } from '../../kernel/clock.ts';
import type { FailureClass } from './update.ts';

/** How often a failure is tried again, and after how long: twice as long each time. */
export interface Retry {
  readonly times: number;
  readonly afterMinutes: number;
}

export interface RetryPolicy {
  readonly retries: Readonly<Partial<Record<FailureClass, Retry>>>;
  /** An installation of which nothing is heard for so long counts as failed. */
  readonly installMinutes: number;
  /** One that has consented, is online and says nothing for so long is stuck; two days unless given. */
  readonly silenceHours?: number;
}

/** What is worth another try by itself. What an ECU, an attack or a mistake stands behind, somebody looks at first. */
export const usualRetries: RetryPolicy['retries'] = {
  network: { times: 5, afterMinutes: 30 },
  storage: { times: 2, afterMinutes: 24 * 60 },
  precondition: { times: 5, afterMinutes: 60 },
  power: { times: 5, afterMinutes: 8 * 60 },
  installation: { times: 1, afterMinutes: 60 },
  'timed-out': { times: 1, afterMinutes: 60 },
};

const longestPause = 7 * 24 * 60;

/** When the next attempt is due; undefined where there is none. @param failures before this one */
export function retryAt(policy: RetryPolicy, error: FailureClass, failures: number, now: Instant): Instant | undefined {
  const retry = policy.retries[error];
  if (retry === undefined || failures >= retry.times) return undefined;
  return now + Math.min(retry.afterMinutes * 2 ** failures, longestPause) * 60_000;
}
