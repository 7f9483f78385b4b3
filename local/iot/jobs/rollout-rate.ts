import type { RolloutConfig } from './job-settings.ts';

export interface Progress {
  readonly notified: number;
  readonly succeeded: number;
}

/**
 * How many things a job may reach in the next minute: at most `ceiling` (1,000 on AWS), at a fixed rate, or at one that
 * grows each time the counted things pass a multiple of the criterion (developer guide, "Job rollout rates").
 */
export function perMinute(config: RolloutConfig, progress: Progress, ceiling: number): number {
  const { maximumPerMinute = ceiling, exponentialRate } = config;
  if (exponentialRate === undefined) return maximumPerMinute;
  const { baseRatePerMinute, incrementFactor, rateIncreaseCriteria } = exponentialRate;
  const { numberOfNotifiedThings, numberOfSucceededThings } = rateIncreaseCriteria;
  const passed = (count: number, criterion = Number.POSITIVE_INFINITY) => Math.floor(count / criterion);
  const steps = Math.max(
    passed(progress.notified, numberOfNotifiedThings),
    passed(progress.succeeded, numberOfSucceededThings),
  );
  return Math.min(Math.floor(baseRatePerMinute * incrementFactor ** steps), maximumPerMinute, ceiling);
}
