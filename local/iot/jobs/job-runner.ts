import type { Clock, Instant } from '#shared/kernel/clock.ts';
import type { Agenda } from './agenda.ts';
import type { Executions } from './executions.ts';
import { isToAbort } from './failure-criteria.ts';
import { type Job, type JobState, pauseAfter, type Rollout, stretch, turnOf } from './job.ts';
import { JobEnding } from './job-ending.ts';
import type { JobEvents } from './job-events.ts';
import type { JobRecords } from './job-records.ts';
import { perMinute } from './rollout-rate.ts';
import { endOfSchedule, opensAt, startOfSchedule } from './schedule.ts';
import type { Targets } from './targets.ts';

export interface JobRunnerOptions {
  readonly records: JobRecords;
  readonly executions: Executions;
  readonly events: JobEvents;
  readonly targets: Targets;
  readonly agenda: Agenda;
  readonly clock: Clock;
  /** Executions that one job queues or cancels in a minute at most; infinite: as fast as it goes. */
  readonly ratePerMinute: number;
}

/** Brings jobs forward: begins them, reaches their things, completes and ends them, by the clock. */
export class JobRunner {
  readonly ending: JobEnding;
  readonly #options: JobRunnerOptions;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.ending = new JobEnding(options, (jobId, at) => this.attend(jobId, at));
    options.executions.whenEnded((jobId) => this.#settle(jobId));
  }

  /** Looks at the job soon: it is new, or something about it was changed. */
  attend(jobId: string, at: Instant = this.#options.clock.now()): void {
    this.#options.agenda.set(`the job ${jobId}`, at, () => this.#step(jobId));
  }

  /** After a start: each job goes on where it was. */
  resume(): void {
    for (const [jobId] of this.#options.records.jobs.entries()) this.attend(jobId);
  }

  /** Whether things still wait for their turn. */
  isProcessing({ jobId, rollout, state }: Job): boolean {
    const { things } = this.#options.records;
    return state.status === 'IN_PROGRESS' && !rollout.stopped && rollout.done < (things.get(jobId)?.length ?? 0);
  }

  /** A thing that became a target is reached at once, outside the rate; one that is none any more loses the job. */
  follow(job: Job, thingName: string): void {
    const { records, targets, executions } = this.#options;
    const latest = records.latest(job.jobId, thingName);
    const present = latest !== undefined && latest.left !== true;
    const wanted = targets.means(job.targets, thingName);
    if (present && !wanted) executions.leave(latest);
    if (present || !wanted || job.rollout.stopped || this.#waits(job, thingName)) return;
    const now = this.#options.clock.now();
    const opening = opensAt(job.schedulingConfig ?? {}, now);
    if (opening === now) executions.atThing(thingName, () => executions.queue(job, thingName));
    else if (opening !== undefined) this.#postpone(job, thingName);
  }

  #waits({ jobId, rollout }: Job, thingName: string): boolean {
    const things = this.#options.records.things.get(jobId) ?? [];
    return rollout.done < things.length && things.includes(thingName, rollout.done);
  }

  #postpone(job: Job, thingName: string): void {
    const { things } = this.#options.records;
    things.set(job.jobId, [...(things.get(job.jobId) ?? []), thingName]);
    this.attend(job.jobId);
  }

  #step(jobId: string): void {
    const job = this.#options.records.jobs.get(jobId);
    if (job === undefined) return;
    const { state } = job;
    if (state.status === 'SCHEDULED') this.#begin(job);
    else if (state.status === 'IN_PROGRESS') this.#proceed(job);
    else if (state.status === 'CANCELED' && state.cancelling) this.ending.cancelSome(job, state);
    else if (state.status === 'DELETION_IN_PROGRESS') this.ending.deleteSome(job);
  }

  #begin(job: Job): void {
    const { records, targets, clock } = this.#options;
    const now = clock.now();
    const start = startOfSchedule(job.schedulingConfig ?? {}) ?? now;
    if (start > now) {
      this.attend(job.jobId, start);
      return;
    }
    if (job.targetSelection === 'CONTINUOUS') records.things.set(job.jobId, targets.thingsOf(job.targets));
    this.#proceed(this.#put({ ...job, state: { status: 'IN_PROGRESS' } }, { nextAt: now }));
  }

  #proceed(job: Job): void {
    const now = this.#options.clock.now();
    const end = endOfSchedule(job.schedulingConfig ?? {});
    if (end !== undefined && end <= now && !job.rollout.stopped) {
      this.#endBySchedule(job);
      return;
    }
    const wakings = job.rollout.stopped ? [] : [end, this.#rollOut(job, now)];
    const next = wakings.filter((at) => at !== undefined);
    if (next.length > 0) this.attend(job.jobId, Math.min(...next));
    this.#settle(job.jobId);
  }

  #endBySchedule(job: Job): void {
    const { endBehavior } = job.schedulingConfig ?? {};
    const stopped = this.#put(job, { stopped: true });
    if (endBehavior === 'CANCEL' || endBehavior === 'FORCE_CANCEL')
      this.ending.cancel(stopped, endBehavior !== 'CANCEL');
    else this.#settle(job.jobId);
  }

  /** Reaches as many things as the minute allows; answers when the next ones have their turn. */
  #rollOut(job: Job, now: Instant): Instant | undefined {
    const { records, executions, targets, ratePerMinute } = this.#options;
    const things = records.things.get(job.jobId) ?? [];
    const { done } = job.rollout;
    const nextAt = turnOf(job, now);
    if (done >= things.length) return undefined;
    const opening = opensAt(job.schedulingConfig ?? {}, now);
    if (opening === undefined) return undefined;
    if (opening > now || nextAt > now) return Math.max(opening, nextAt);
    const succeeded = records.tally(job.jobId).SUCCEEDED;
    const rate = perMinute(job.jobExecutionsRolloutConfig ?? {}, { notified: done, succeeded }, ratePerMinute);
    const batch = things.slice(done, done + (Number.isFinite(rate) ? rate : stretch));
    for (const thingName of batch) {
      const current = job.targetSelection === 'SNAPSHOT' || targets.means(job.targets, thingName);
      // After a crash some of them may have had their turn.
      const latest = records.latest(job.jobId, thingName);
      const absent = latest === undefined || latest.left === true;
      if (current && absent) executions.atThing(thingName, () => executions.queue(job, thingName));
    }
    const present = records.jobs.get(job.jobId) ?? job;
    const pause = pauseAfter(rate);
    this.#put(present, { done: done + batch.length, nextAt: now + pause });
    return done + batch.length < things.length ? now + pause : undefined;
  }

  /** After an execution has ended: too many failures stop the job, the last one completes it. */
  #settle(jobId: string): void {
    const { records, events, clock } = this.#options;
    const job = records.jobs.get(jobId);
    if (job?.state.status !== 'IN_PROGRESS') return;
    if (job.abortConfig !== undefined && isToAbort(job.abortConfig, records.ended(jobId))) {
      this.ending.cancel(job, false);
      return;
    }
    const { QUEUED, IN_PROGRESS } = records.tally(jobId);
    if (job.targetSelection === 'CONTINUOUS' || this.isProcessing(job) || QUEUED + IN_PROGRESS > 0) return;
    const state: JobState = { status: 'COMPLETED', completedAt: clock.now() };
    events.job('completed', this.#put({ ...job, state }));
  }

  #put(job: Job, rollout: Partial<Rollout> = {}): Job {
    const { records, clock } = this.#options;
    return records.save({ ...job, rollout: { ...job.rollout, ...rollout } }, clock.now());
  }
}
