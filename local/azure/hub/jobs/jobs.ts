import type { Cancel, LocalClock } from '#local/clock.ts';
import type { State } from '#local/state/collection.ts';
import { argumentInvalid, HubError } from '../hub-error.ts';
import type { Methods } from '../methods.ts';
import type { Queries } from '../queries.ts';
import { parseCondition } from '../query/parse-query.ts';
import type { Row } from '../query/select.ts';
import type { Twins } from '../twins.ts';
import { DeviceOperations } from './device-operations.ts';
import { type DeviceJob, type Job, jobWishSchema } from './job.ts';
import { deviceJobAnswer, jobAnswer } from './job-answer.ts';
import { JobRecords } from './job-records.ts';
import { JobRunner } from './job-runner.ts';

export interface JobsOptions {
  readonly state: State;
  readonly clock: LocalClock;
  readonly twins: Twins;
  readonly methods: Methods;
  readonly queries: Queries;
  /** Jobs that run at the same time. */
  readonly slots: number;
  /** Operations at devices, of all jobs together. */
  readonly perSecond: number;
}

/** History is kept for so long. */
const historyLife = 30 * 86_400_000;

/** Jobs v2. Every method throws `HubError`. */
export class Jobs {
  readonly #records: JobRecords;
  readonly #clock: LocalClock;
  readonly #slots: number;
  readonly #queries: Queries;
  readonly #runner: JobRunner;
  readonly #timers = new Map<string, Cancel>();

  constructor(options: JobsOptions) {
    this.#records = new JobRecords(options.state);
    this.#clock = options.clock;
    this.#slots = options.slots;
    this.#queries = options.queries;
    this.#runner = new JobRunner({
      ...{ records: this.#records, clock: options.clock, perSecond: options.perSecond },
      operations: new DeviceOperations(options),
      ended: () => this.#fillSlots(),
    });
    this.#resume();
  }

  create(said: unknown) {
    const parsed = jobWishSchema.safeParse(said);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw argumentInvalid(`${issue?.path.join('.')}: ${issue?.message}`);
    }
    const wish = parsed.data;
    parseCondition(wish.queryCondition);
    this.#forgetOld();
    if (this.#records.get(wish.jobId) !== undefined)
      throw new HubError('JobAlreadyExists', `The job ${wish.jobId} exists.`);
    const now = this.#clock.now();
    const startsAt = wish.startTime ? Math.max(now, Date.parse(wish.startTime)) : now;
    if (startsAt <= now && this.#active().length >= this.#slots) {
      throw new HubError('ThrottlingMaxActiveJobCountExceeded', `At most ${this.#slots} jobs are active at a time.`);
    }
    const status = startsAt > now ? 'scheduled' : 'queued';
    this.#records.save({ wish, status, createdAt: now, startsAt, endedAt: undefined, failureReason: undefined });
    if (startsAt > now) this.#schedule(wish.jobId, startsAt);
    else this.#fillSlots();
    return this.get(wish.jobId);
  }

  get(jobId: string) {
    return jobAnswer(this.#job(jobId), this.#records.counts(jobId));
  }

  /** What runs, runs to its end. */
  cancel(jobId: string) {
    const job = this.#job(jobId);
    if (job.status !== 'scheduled' && job.status !== 'queued') {
      throw argumentInvalid(`The job ${jobId} is ${job.status} and cannot be cancelled any more`);
    }
    this.#timers.get(jobId)?.();
    this.#timers.delete(jobId);
    this.#records.save({ ...job, status: 'cancelled', endedAt: this.#clock.now() });
    return this.get(jobId);
  }

  /** By their creation. @param type, status: those of this kind alone */
  list(type: string | undefined, status: string | undefined): readonly Row[] {
    return this.#records
      .all()
      .filter(({ wish, status: own }) => (type ?? wish.type) === wish.type && (status ?? own) === own)
      .map(({ wish: { jobId }, createdAt }) => ({
        key: `${String(createdAt).padStart(15, '0')}/${jobId}`,
        value: Object.fromEntries(Object.entries(this.get(jobId))),
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** `devices.jobs` */
  rows(): readonly Row[] {
    const rows = [...this.#records.rows()].map(([key, row]: [string, DeviceJob]) => ({
      key,
      value: deviceJobAnswer(row),
    }));
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#runner.close();
  }

  #job(jobId: string): Job {
    const job = this.#records.get(jobId);
    if (job === undefined) throw new HubError('JobNotFound', `There is no job ${jobId}.`);
    return job;
  }

  #active(): readonly Job[] {
    return this.#records.all().filter(({ status }) => status === 'running' || status === 'queued');
  }

  #schedule(jobId: string, at: number): void {
    const cancel = this.#clock.after(at - this.#clock.now(), () => {
      this.#timers.delete(jobId);
      this.#records.save({ ...this.#job(jobId), status: 'queued' });
      this.#fillSlots();
    });
    this.#timers.set(jobId, cancel);
  }

  #fillSlots(): void {
    for (;;) {
      const active = this.#active();
      const queued = active.filter(({ status }) => status === 'queued');
      const [next] = queued.sort((a, b) => a.startsAt - b.startsAt);
      if (next === undefined || active.length - queued.length >= this.#slots) return;
      this.#start(next);
    }
  }

  /** Whom it concerns is found now, once and for all: who comes later is not part of it. */
  #start(job: Job): void {
    const { jobId, type, queryCondition } = job.wish;
    const now = this.#clock.now();
    const never = { startedAt: undefined, endedAt: undefined, answer: undefined, error: undefined };
    for (const deviceId of this.#queries.matching(parseCondition(queryCondition))) {
      this.#records.saveRow({
        ...{ jobId, deviceId, jobType: type, status: 'pending', ...never },
        createdAt: now,
        updatedAt: now,
      });
    }
    const running: Job = { ...job, status: 'running', startsAt: now };
    this.#records.save(running);
    this.#runner.run(running);
  }

  #resume(): void {
    for (const { wish, status, startsAt } of this.#records.all()) {
      if (status === 'scheduled') this.#schedule(wish.jobId, startsAt);
    }
    for (const job of this.#active()) if (job.status === 'running') this.#runner.resume(job);
    this.#fillSlots();
  }

  #forgetOld(): void {
    const before = this.#clock.now() - historyLife;
    for (const { wish, endedAt } of this.#records.all())
      if (endedAt !== undefined && endedAt < before) this.#records.forget(wish.jobId);
  }
}
