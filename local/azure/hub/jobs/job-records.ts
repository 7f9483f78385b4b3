import type { Collection, State } from '#local/state/collection.ts';
import type { DeviceJob, DeviceJobStatus, Job } from './job.ts';
import type { Counts } from './job-answer.ts';

/** Jobs, and their devices; both outlive a restart. */
export class JobRecords {
  readonly #jobs: Collection<Job>;
  readonly #rows: Collection<DeviceJob>;
  /** The devices of a job, in order. */
  readonly #devices = new Map<string, Set<string>>();
  readonly #counts = new Map<string, Record<DeviceJobStatus, number>>();

  constructor(state: State) {
    this.#jobs = state.collection('azure/jobs');
    this.#rows = state.collection('azure/device-jobs');
    for (const row of this.#rows.values()) this.#index(row, undefined);
  }

  get(jobId: string): Job | undefined {
    return this.#jobs.get(jobId);
  }

  all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  save(job: Job): void {
    this.#jobs.set(job.wish.jobId, job);
  }

  row(jobId: string, deviceId: string): DeviceJob | undefined {
    return this.#rows.get(`${jobId}/${deviceId}`);
  }

  rows(): IterableIterator<[string, DeviceJob]> {
    return this.#rows.entries();
  }

  /** Of one job. */
  *rowsOf(jobId: string): Generator<DeviceJob> {
    for (const deviceId of this.#devices.get(jobId) ?? []) {
      const row = this.row(jobId, deviceId);
      if (row !== undefined) yield row;
    }
  }

  saveRow(row: DeviceJob): void {
    const key = `${row.jobId}/${row.deviceId}`;
    this.#index(row, this.#rows.get(key));
    this.#rows.set(key, row);
  }

  counts(jobId: string): Counts {
    return this.#counts.get(jobId) ?? none();
  }

  forget(jobId: string): void {
    for (const deviceId of this.#devices.get(jobId) ?? []) this.#rows.delete(`${jobId}/${deviceId}`);
    this.#devices.delete(jobId);
    this.#counts.delete(jobId);
    this.#jobs.delete(jobId);
  }

  #index({ jobId, deviceId, status }: DeviceJob, before: DeviceJob | undefined): void {
    const devices = this.#devices.get(jobId) ?? new Set();
    this.#devices.set(jobId, devices.add(deviceId));
    const counts = this.#counts.get(jobId) ?? none();
    this.#counts.set(jobId, counts);
    if (before !== undefined) counts[before.status] -= 1;
    counts[status] += 1;
  }
}

const none = (): Record<DeviceJobStatus, number> => ({ pending: 0, running: 0, completed: 0, failed: 0, canceled: 0 });
