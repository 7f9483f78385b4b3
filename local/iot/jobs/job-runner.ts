import type { Instant } from '#shared/kernel/clock.ts';
import type { Agenda } from './agenda.ts';
import { isToAbort } from './failure-criteria.ts';
import { isActive, type Job, type JobState, pauseAfter, type Rollout, stretch, turnOf } from './job.ts';
import { JobEnding, type JobEndingOptions } from './job-ending.ts';
import { perMinute } from './rollout-rate.ts';
import { endOfSchedule, openingOf, startOfSchedule } from './schedule.ts';
import type { Targets } from './targets.ts';

export interface JobRunnerOptions extends JobEndingOptions {
  readonly targets: Targets;
  readonly agenda: Agenda;
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

  /** Whether it is reaching things, or takes them back. */
  isConcurrent(job: Job): boolean {
    const { state } = job;
    return (state.status === 'IN_PROGRESS' && this.#hasMore(job)) || (state.status === 'CANCELED' && state.cancelling);
  }

  /** Whether things still wait for their turn. */
  #hasMore({ jobId, rollout }: Job): boolean {
    return !rollout.stopped && rollout.done < (this.#options.records.things.get(jobId)?.length ?? 0);
  }

  /**
   * A thing that became a target is reached at once, outside the rate, or in the next maintenance window; one that is
   * none any more loses the job. A snapshot changes only where a thing is gone.
   */
  follow(job: Job, thingName: string): void {
    const { records, executions } = this.#options;
    const latest = records.latest(job.jobId, thingName);
    const present = latest !== undefined && latest.left !== true;
    const follows = job.targetSelection === 'CONTINUOUS';
    const wanted = this.#wants(job, thingName);
    if (present && !wanted) executions.leave(latest);
    if (!follows || present || !wanted || job.rollout.stopped || this.#waits(job, thingName)) return;
    const now = this.#options.clock.now();
    const opening = openingOf(job.schedulingConfig ?? {}, now);
    if (opening?.from === now) executions.reach(job, thingName);
    else if (opening !== undefined) this.#postpone(job, thingName);
  }

  #wants({ targets: means, targetSelection }: Job, thingName: string): boolean {
    const { targets } = this.#options;
    return targetSelection === 'CONTINUOUS' ? targets.means(means, thingName) : targets.exists(thingName);
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

  /** A job waits for its start, and between its maintenance windows. */
  #begin(job: Job): void {
    const { records, targets, clock } = this.#options;
    const now = clock.now();
    const { schedulingConfig = {} } = job;
    const start = startOfSchedule(schedulingConfig) ?? now;
    const end = endOfSchedule(schedulingConfig);
    const opening = start > now ? { from: start } : openingOf(schedulingConfig, now);
    if (end !== undefined && end <= now) this.#endBySchedule(job);
    else if (opening?.from !== now) this.#attendFirst(job, [opening?.from, end]);
    else {
      if (!records.things.has(job.jobId)) records.things.set(job.jobId, targets.thingsOf(job.targets));
      this.#proceed(this.#put({ ...job, state: { status: 'IN_PROGRESS' } }));
    }
  }

  #proceed(job: Job): void {
    const now = this.#options.clock.now();
    const { schedulingConfig = {} } = job;
    const end = endOfSchedule(schedulingConfig);
    if (job.rollout.stopped) this.#settle(job.jobId);
    else if (end !== undefined && end <= now) this.#endBySchedule(job);
    else {
      const opening = openingOf(schedulingConfig, now);
      if (opening?.from === now) this.#attendFirst(job, [end, opening.until, this.#rollOut(job, now)]);
      else if (job.targetSelection === 'CONTINUOUS' || this.#hasMore(job)) {
        this.#put({ ...job, state: { status: 'SCHEDULED' } });
        this.#attendFirst(job, [end, opening?.from]);
      }
      this.#settle(job.jobId);
    }
  }

  #attendFirst({ jobId }: Job, times: readonly (Instant | undefined)[]): void {
    const known = times.filter((at) => at !== undefined);
    if (known.length > 0) this.attend(jobId, Math.min(...known));
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
    const { records, executions, ratePerMinute } = this.#options;
    const things = records.things.get(job.jobId) ?? [];
    const { done } = job.rollout;
    const nextAt = turnOf(job, now);
    if (done >= things.length) return undefined;
    if (nextAt > now) return nextAt;
    const succeeded = records.tally(job.jobId).SUCCEEDED;
    const rate = perMinute(job.jobExecutionsRolloutConfig ?? {}, { notified: done, succeeded }, ratePerMinute);
    const batch = things.slice(done, done + (Number.isFinite(rate) ? rate : stretch));
    for (const thingName of batch) {
      const current = this.#wants(job, thingName);
      // After a crash some of them may have had their turn.
      const latest = records.latest(job.jobId, thingName);
      const absent = latest === undefined || latest.left === true;
      if (current && absent) executions.reach(job, thingName);
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
    if (job === undefined || !isActive(job)) return;
    if (job.abortConfig !== undefined && isToAbort(job.abortConfig, records.ended(jobId))) {
      this.ending.cancel(job, false);
      return;
    }
    const { QUEUED, IN_PROGRESS } = records.tally(jobId);
    // A continuous job ends only by its schedule, one that has not begun not at all.
    const goesOn = job.targetSelection === 'CONTINUOUS' ? !job.rollout.stopped : !records.things.has(jobId);
    if (goesOn || this.#hasMore(job) || QUEUED + IN_PROGRESS > 0) return;
    const state: JobState = { status: 'COMPLETED', completedAt: clock.now() };
    events.job('completed', this.#put({ ...job, state }));
  }

  #put(job: Job, rollout: Partial<Rollout> = {}): Job {
    const { records, clock } = this.#options;
    return records.save({ ...job, rollout: { ...job.rollout, ...rollout } }, clock.now());
  }
}
