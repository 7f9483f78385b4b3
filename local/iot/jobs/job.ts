import type { Instant } from '#shared/kernel/clock.ts';
import type { JobSettings, SchedulingConfig } from './job-settings.ts';

export type TargetSelection = 'SNAPSHOT' | 'CONTINUOUS';

/** `CANCELED` with `cancelling`: its executions are still being cancelled. */
export type JobState =
  | { readonly status: 'SCHEDULED' }
  | { readonly status: 'IN_PROGRESS' }
  | { readonly status: 'COMPLETED'; readonly completedAt: Instant }
  | {
      readonly status: 'CANCELED';
      readonly completedAt: Instant;
      readonly forceCanceled: boolean;
      readonly cancelling: boolean;
      readonly reasonCode?: string;
    }
  | { readonly status: 'DELETION_IN_PROGRESS' };

/** A job as it is kept; settings as the API spells them. */
export interface Job extends JobSettings {
  readonly jobId: string;
  /** ARNs of things and thing groups. */
  readonly targets: readonly string[];
  readonly targetSelection: TargetSelection;
  /** JSON text. */
  readonly document: string;
  readonly documentSource?: string | undefined;
  readonly jobTemplateArn?: string | undefined;
  readonly schedulingConfig?: SchedulingConfig | undefined;
  readonly comment?: string | undefined;
  readonly state: JobState;
  readonly createdAt: Instant;
  readonly lastUpdatedAt: Instant;
  readonly rollout: Rollout;
}

/** How far a job is on its way through its list of things. */
export interface Rollout {
  /** Things of the list that had their turn. */
  readonly done: number;
  /** No further batch before. */
  readonly nextAt: Instant;
  /** By its schedule it takes no further things. */
  readonly stopped: boolean;
}

export function isActive({ state: { status } }: Job): boolean {
  return status === 'SCHEDULED' || status === 'IN_PROGRESS';
}

const minuteMs = 60_000;
/** What is done at a stretch where no rate holds it up; others have their turn in between. */
export const stretch = 500;

/** When the job may take its next things: within a minute, also where the clock was set back. */
export function turnOf({ rollout }: Job, now: Instant): Instant {
  return Math.min(rollout.nextAt, now + minuteMs);
}

/** ms until the next turn. */
export function pauseAfter(ratePerMinute: number): number {
  return Number.isFinite(ratePerMinute) ? minuteMs : 0;
}
