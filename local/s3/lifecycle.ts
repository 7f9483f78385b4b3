import type { LifecycleRule } from './bucket-settings.ts';

const dayMs = 86_400_000;

export interface Expiration {
  readonly ruleId: string;
  /** ms since the Unix epoch. */
  readonly at: number;
}

/** When the lifecycle takes an object away: by the rule that does so first. */
export function expirationOf(
  rules: readonly LifecycleRule[],
  key: string,
  lastModified: number,
): Expiration | undefined {
  let first: Expiration | undefined;
  for (const { id, prefix, expirationDays } of rules) {
    if (expirationDays === undefined || !key.startsWith(prefix)) continue;
    const at = midnightAfter(lastModified, expirationDays);
    if (first === undefined || at < first.at) first = { ruleId: id, at };
  }
  return first;
}

/** Whether a multipart upload was begun so long ago that the lifecycle gives it up. */
export function isAbandoned(rules: readonly LifecycleRule[], key: string, startedAt: number, now: number): boolean {
  return rules.some(
    ({ prefix, abandonedUploadDays }) =>
      abandonedUploadDays !== undefined &&
      key.startsWith(prefix) &&
      midnightAfter(startedAt, abandonedUploadDays) <= now,
  );
}

/** Whether a version was replaced so long ago that the lifecycle takes it away for good. */
export function isForgotten(rules: readonly LifecycleRule[], key: string, since: number, now: number): boolean {
  return rules.some(
    ({ prefix, formerDays }) =>
      formerDays !== undefined && key.startsWith(prefix) && midnightAfter(since, formerDays) <= now,
  );
}

/** S3 rounds up to the next midnight UTC (user guide, "Lifecycle rules: based on an object's age"). */
function midnightAfter(moment: number, days: number): number {
  return Math.floor((moment + days * dayMs) / dayMs + 1) * dayMs;
}
