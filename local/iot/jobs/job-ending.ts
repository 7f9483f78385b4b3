import type { Clock, Instant } from '#shared/kernel/clock.ts';
import { isPending } from './execution.ts';
import type { Executions } from './executions.ts';
import { type Job, type JobState, pauseAfter, stretch, turnOf } from './job.ts';
import type { JobEvents } from './job-events.ts';
import type { JobRecords } from './job-records.ts';

export interface CancelWords {
  readonly reasonCode?: string;
  readonly comment?: string;
}

export interface JobEndingOptions {
  readonly records: JobRecords;
  readonly executions: Executions;
  readonly events: JobEvents;
  readonly clock: Clock;
  /** Executions that one job queues or cancels in a minute at most; infinite: as fast as it goes. */
  readonly ratePerMinute: number;
}

/** Cancels and deletes jobs: at once for whoever asks, and for their executions one after the other. */
export class JobEnding {
  readonly #options: JobEndingOptions;
  readonly #attend: (jobId: string, at?: Instant) => void;

  /** @param attend has the job looked at again, at this time or soon */
  constructor(options: JobEndingOptions, attend: (jobId: string, at?: Instant) => void) {
    this.#options = options;
    this.#attend = attend;
  }

  /** Cancels what is queued, or with force all that is not over, at the rate of a rollout. */
  cancel(job: Job, forceCanceled: boolean, { reasonCode, comment }: CancelWords = {}): void {
    const { records, events, clock } = this.#options;
    const now = clock.now();
    const state: JobState = {
      ...{ status: 'CANCELED', completedAt: now, forceCanceled, cancelling: true },
      ...(reasonCode !== undefined && { reasonCode }),
    };
    const rollout = { ...job.rollout, nextAt: now };
    const cancelled = records.save({ ...job, ...(comment !== undefined && { comment }), state, rollout }, now);
    events.job('cancellation_in_progress', cancelled);
    this.#attend(job.jobId);
  }

  delete(job: Job): void {
    const { records, events, clock } = this.#options;
    events.job(
      'deletion_in_progress',
      records.save({ ...job, state: { status: 'DELETION_IN_PROGRESS' } }, clock.now()),
    );
    this.#attend(job.jobId);
  }

  cancelSome(job: Job, state: Extract<JobState, { status: 'CANCELED' }>): void {
    const { records, executions, clock, events, ratePerMinute } = this.#options;
    const now = clock.now();
    const turn = turnOf(job, now);
    if (turn > now) {
      this.#attend(job.jobId, turn);
      return;
    }
    const most = Number.isFinite(ratePerMinute) ? ratePerMinute : stretch;
    const open = [...records.executionsOf(job.jobId)]
      .filter(isPending)
      .filter(({ status }) => status === 'QUEUED' || state.forceCanceled);
    for (const execution of open.slice(0, most)) {
      executions.atThing(execution.thingName, () => executions.end(execution, 'CANCELED'));
    }
    if (open.length > most) {
      const nextAt = now + pauseAfter(ratePerMinute);
      records.save({ ...job, rollout: { ...job.rollout, nextAt } }, now);
      this.#attend(job.jobId, nextAt);
      return;
    }
    events.job('canceled', records.save({ ...job, state: { ...state, cancelling: false } }, now));
  }

  deleteSome(job: Job): void {
    const { records, executions, events } = this.#options;
    const all = [...records.executionsOf(job.jobId)];
    for (const execution of all.slice(0, stretch)) {
      executions.atThing(execution.thingName, () => executions.drop(execution));
    }
    if (all.length > stretch) {
      this.#attend(job.jobId);
      return;
    }
    records.forget(job.jobId);
    events.job('deleted', job);
  }
}
