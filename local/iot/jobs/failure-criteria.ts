import type { Ended, FinalStatus, Retries } from './execution.ts';
import type { AbortConfig, RetryConfig } from './job-settings.ts';

export type EndedTally = Readonly<Record<FinalStatus, number>>;

/**
 * Whether so many failed that the job is to stop. Executed are the executions that reached a final state (AWS does not
 * say what exactly it divides by).
 */
export function isToAbort({ criteriaList }: AbortConfig, tally: EndedTally): boolean {
  const executed = Object.values(tally).reduce((sum, count) => sum + count, 0);
  return criteriaList.some(({ failureType, thresholdPercentage, minNumberOfExecutedThings }) => {
    const failed = failureType === 'ALL' ? tally.FAILED + tally.REJECTED + tally.TIMED_OUT : (tally[failureType] ?? 0);
    return executed >= minNumberOfExecutedThings && (100 * failed) / executed >= thresholdPercentage;
  });
}

/** The count of retries after another one, or undefined where the thing is not tried again. */
export function anotherTry({ criteriaList }: RetryConfig, { status, retries }: Ended): Retries | undefined {
  if (status !== 'FAILED' && status !== 'TIMED_OUT') return undefined;
  const allowed = criteriaList.some(({ failureType, numberOfRetries }) => {
    if (failureType === 'ALL') return retries.FAILED + retries.TIMED_OUT < numberOfRetries;
    return failureType === status && retries[status] < numberOfRetries;
  });
  return allowed ? { ...retries, [status]: retries[status] + 1 } : undefined;
}
