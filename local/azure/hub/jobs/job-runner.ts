import type { Cancel, LocalClock } from '#local/clock.ts';
import type { DeviceOperations, Outcome } from './device-operations.ts';
import { type DeviceJob, type Job, usualExecutionSeconds } from './job.ts';
import type { JobRecords } from './job-records.ts';
import { Pace } from './pace.ts';

interface RunnerOptions {
  readonly records: JobRecords;
  readonly clock: LocalClock;
  readonly operations: DeviceOperations;
  readonly perSecond: number;
  /** A job has ended. */
  readonly ended: () => void;
}

interface Running {
  readonly job: Job;
  /** Devices whose turn has not come. */
  readonly waiting: string[];
  readonly cancel: Cancel;
}

const brokenOff: Outcome = {
  status: 'failed',
  answer: undefined,
  error: { code: '504101', description: 'Timed out waiting for the response from device.' },
};

/** Brings running jobs to their devices, one device after the other, the jobs in turn. */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #pace: Pace;
  readonly #running = new Map<string, Running>();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock, options.perSecond, () => this.#next());
  }

  /** @param job whose devices are written down as pending */
  run(job: Job): void {
    const { records, clock } = this.#options;
    const { jobId, maxExecutionTimeInSeconds: seconds } = job.wish;
    const waiting = [...records.rowsOf(jobId)]
      .filter(({ status }) => status === 'pending')
      .map(({ deviceId }) => deviceId);
    const deadline = job.startsAt + (seconds ?? usualExecutionSeconds) * 1000;
    const cancel = clock.after(Math.max(0, deadline - clock.now()), () => this.#expire(jobId, deadline));
    // The first one last: taken from the end.
    this.#running.set(jobId, { job, waiting: waiting.reverse(), cancel });
    this.#endIfDone(jobId);
    this.#pace.wake();
  }

  /** After a restart. What was under way then may have arrived, and is not done twice. */
  resume(job: Job): void {
    for (const row of [...this.#options.records.rowsOf(job.wish.jobId)]) {
      if (row.status === 'running') this.#save(row, brokenOff);
    }
    this.run(job);
  }

  close(): void {
    this.#pace.close();
    for (const { cancel } of this.#running.values()) cancel();
  }

  #next(): boolean {
    for (const [jobId, { job, waiting }] of this.#running) {
      const deviceId = waiting.pop();
      if (deviceId === undefined) continue;
      // To the end of the queue, so that jobs take turns.
      const running = this.#running.get(jobId);
      this.#running.delete(jobId);
      if (running !== undefined) this.#running.set(jobId, running);
      this.#operate(job, deviceId);
      return true;
    }
    return false;
  }

  #operate({ wish }: Job, deviceId: string): void {
    const { records, operations, clock } = this.#options;
    const row = records.row(wish.jobId, deviceId);
    if (row === undefined) return;
    const now = clock.now();
    const started: DeviceJob = { ...row, status: 'running', startedAt: now, updatedAt: now };
    records.saveRow(started);
    const outcome = operations.run(wish, deviceId);
    if (outcome instanceof Promise) void outcome.then((late) => this.#settle(started, late));
    else this.#settle(started, outcome);
  }

  #settle(row: DeviceJob, outcome: Outcome): void {
    // Its job is over, by time or because the hub went down.
    if (!this.#running.has(row.jobId)) return;
    this.#save(row, outcome);
    this.#endIfDone(row.jobId);
  }

  #save(row: DeviceJob, outcome: Outcome): void {
    const now = this.#options.clock.now();
    this.#options.records.saveRow({ ...row, ...outcome, endedAt: now, updatedAt: now });
  }

  #endIfDone(jobId: string): void {
    const { pending, running } = this.#options.records.counts(jobId);
    if (pending + running === 0) this.#end(jobId);
  }

  #expire(jobId: string, deadline: number): void {
    this.#pace.catchUp(deadline);
    if (!this.#running.has(jobId)) return;
    for (const row of [...this.#options.records.rowsOf(jobId)]) {
      if (row.status === 'pending' || row.status === 'running') this.#save(row, brokenOff);
    }
    this.#end(jobId);
  }

  #end(jobId: string): void {
    const running = this.#running.get(jobId);
    if (running === undefined) return;
    running.cancel();
    this.#running.delete(jobId);
    this.#options.records.save({ ...running.job, status: 'completed', endedAt: this.#options.clock.now() });
    this.#options.ended();
  }
}
