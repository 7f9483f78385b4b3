import type { LocalClock } from '#local/clock.ts';
import type { State } from '#local/state/collection.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import {
  alreadyExists,
  invalidRequest,
  invalidStateTransition,
  notFound,
  versionConflict,
} from '../registry/errors.ts';
import { inOrder } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { Agenda } from './agenda.ts';
import { type Execution, isPending, type StatusDetails } from './execution.ts';
import { Executions } from './executions.ts';
import { isActive, type Job } from './job.ts';
import type { DocumentForDevice } from './job-document.ts';
import type { CancelWords } from './job-ending.ts';
import { JobEvents } from './job-events.ts';
import { JobRecords } from './job-records.ts';
import { JobRunner } from './job-runner.ts';
import type { JobSettings } from './job-settings.ts';
import { checkSchedule } from './schedule.ts';
import { Targets } from './targets.ts';

export interface JobsOptions {
  readonly registry: Registry;
  readonly state: State;
  readonly clock: LocalClock;
  readonly log: (line: string) => void;
  /** The broker's `publish`: to whoever subscribes, and to the rules, in the order of the calls. */
  readonly publish: (topic: string, payload: Buffer, options: { readonly qos: 1 }) => void | Promise<void>;
  readonly documents: DocumentForDevice;
  readonly tracing?: Tracing;
  /** Executions that a job queues or cancels in a minute at most; 1,000 on AWS, and by default. */
  readonly ratePerMinute?: number;
}

export type NewJob = Omit<Job, 'state' | 'createdAt' | 'lastUpdatedAt' | 'rollout'>;

/** AWS IoT Jobs as its control plane sees it. Every method throws `AwsError`. */
export class Jobs {
  readonly records: JobRecords;
  readonly executions: Executions;
  readonly events: JobEvents;
  readonly targets: Targets;
  readonly clock: LocalClock;
  readonly #runner: JobRunner;
  readonly #agenda: Agenda;
  /** Things whose groups have changed, until the jobs have followed. */
  readonly #moved = new Set<string>();

  constructor({ registry, state, clock, log, publish, documents, ...more }: JobsOptions) {
    const { ratePerMinute = 1000, tracing = noTracing } = more;
    const send = (topic: string, body: object) => {
      const failed = (error: unknown) => log(`${topic} was not published: ${String(error)}`);
      const payload = Buffer.from(JSON.stringify(body));
      tracing.begin({ kind: 'job', label: topic }, () => publish(topic, payload, { qos: 1 })).catch(failed);
    };
    this.clock = clock;
    this.records = new JobRecords(state);
    this.targets = new Targets(registry);
    this.#agenda = new Agenda(clock, log);
    const { records, targets } = this;
    this.events = new JobEvents({ state, clock, arns: registry.arns, records, publish: send });
    const documentFor = (jobId: string): unknown => {
      const job = records.jobs.get(jobId);
      return job === undefined ? undefined : JSON.parse(documents(job));
    };
    const shared = { records, clock, agenda: this.#agenda, events: this.events };
    this.executions = new Executions({ ...shared, tracing, documentFor, publish: send });
    this.#runner = new JobRunner({ ...shared, executions: this.executions, targets, ratePerMinute });
    registry.onMoved((thingName) => this.#follow(thingName));
  }

  /** Goes on where a former process stopped; call it when the template is in place. */
  resume(): void {
    this.executions.resume();
    this.#runner.resume();
    for (const { jobId, targets } of this.#begun()) {
      const known = [...this.records.executionsOf(jobId)].map(({ thingName }) => thingName);
      for (const thingName of new Set([...known, ...this.targets.thingsOf(targets)])) this.#follow(thingName);
    }
  }

  close(): void {
    this.#agenda.close();
  }

  get(jobId: string): Job {
    const job = this.records.jobs.get(jobId);
    if (job === undefined) throw notFound(`Job ${jobId} cannot be found.`);
    return job;
  }

  list(): readonly Job[] {
    return inOrder(this.records.jobs.values(), ({ jobId }) => jobId);
  }

  isConcurrent(job: Job): boolean {
    return this.#runner.isConcurrent(job);
  }

  create(wish: NewJob, arn: string): Job {
    const { jobId, targets, targetSelection, schedulingConfig } = wish;
    if (this.records.jobs.has(jobId)) throw alreadyExists(`Job ${jobId} already exists.`, jobId, arn);
    this.targets.check(targets);
    const now = this.clock.now();
    if (schedulingConfig !== undefined) checkSchedule(schedulingConfig, now);
    const { startTime, maintenanceWindows = [] } = schedulingConfig ?? {};
    const scheduled = startTime !== undefined || maintenanceWindows.length > 0;
    if (targetSelection === 'SNAPSHOT' || !scheduled) this.records.things.set(jobId, this.targets.thingsOf(targets));
    const times = { createdAt: now, lastUpdatedAt: now };
    const rollout = { done: 0, nextAt: now, stopped: false };
    const job: Job = { ...wish, ...times, rollout, state: { status: scheduled ? 'SCHEDULED' : 'IN_PROGRESS' } };
    this.records.jobs.set(jobId, job);
    this.#runner.attend(jobId);
    return job;
  }

  update(jobId: string, settings: JobSettings): void {
    const job = this.get(jobId);
    if (!isActive(job)) throw invalidRequest(`Job ${jobId} is ${job.state.status} and cannot be updated.`);
    this.records.save({ ...job, ...settings }, this.clock.now());
  }

  cancel(jobId: string, force: boolean, words: CancelWords): Job {
    const job = this.get(jobId);
    const again = job.state.status === 'CANCELED' && force;
    if (!isActive(job) && !again) throw invalidRequest(`Job ${jobId} is ${job.state.status} and cannot be canceled.`);
    this.#runner.ending.cancel(job, force, words);
    return this.get(jobId);
  }

  delete(jobId: string, force: boolean): void {
    const job = this.get(jobId);
    if (job.state.status === 'DELETION_IN_PROGRESS') {
      throw invalidStateTransition(`Job ${jobId} is being deleted.`);
    }
    if (isActive(job) && !force) {
      throw invalidStateTransition(`Job ${jobId} is ${job.state.status}: only by force it can be deleted.`);
    }
    this.#runner.ending.delete(job);
  }

  associate(jobId: string, more: readonly string[], comment: string | undefined): Job {
    const job = this.get(jobId);
    if (job.targetSelection !== 'CONTINUOUS' || job.state.status !== 'IN_PROGRESS') {
      throw invalidRequest(`Job ${jobId} takes no further targets: it is no continuous one in progress.`);
    }
    this.targets.check(more);
    const targets = [...new Set([...job.targets, ...more])];
    this.targets.check(targets);
    const next = this.records.save({ ...job, targets, ...(comment !== undefined && { comment }) }, this.clock.now());
    for (const thingName of this.targets.thingsOf(more)) this.#follow(thingName);
    return next;
  }

  execution(jobId: string, thingName: string, executionNumber: number | undefined): Execution {
    const found = this.records.find(jobId, thingName, executionNumber);
    if (found === undefined) throw notFound(`Job ${jobId} has no such execution on thing ${thingName}.`);
    return found;
  }

  /** By job and number. */
  executionsOfThing(thingName: string): readonly Execution[] {
    return this.list().flatMap(({ jobId }) => this.records.executionsOn(jobId, thingName));
  }

  cancelExecution(
    { jobId, thingName }: { readonly jobId: string; readonly thingName: string },
    wish: { force: boolean; expectedVersion?: number | undefined; statusDetails?: StatusDetails | undefined },
  ): void {
    const execution = this.execution(jobId, thingName, undefined);
    const { status, versionNumber } = execution;
    if (wish.expectedVersion !== undefined && wish.expectedVersion !== versionNumber) {
      throw versionConflict(`The version of the execution is ${versionNumber}, not ${wish.expectedVersion}.`);
    }
    if (!isPending(execution) || (status === 'IN_PROGRESS' && !wish.force)) {
      throw invalidStateTransition(
        `The execution is ${status} and cannot be canceled${wish.force ? '' : ' unforced'}.`,
      );
    }
    this.executions.atThing(thingName, () => this.executions.end(execution, 'CANCELED', wish.statusDetails));
  }

  deleteExecution(jobId: string, thingName: string, executionNumber: number, force: boolean): void {
    const execution = this.execution(jobId, thingName, executionNumber);
    if (isPending(execution) && !force) {
      throw invalidStateTransition(`The execution is ${execution.status}: only by force it can be deleted.`);
    }
    this.executions.atThing(thingName, () => this.executions.drop(execution));
  }

  /** Jobs that have begun to reach things. */
  #begun(): readonly Job[] {
    return this.list().filter((job) => isActive(job) && this.records.things.has(job.jobId));
  }

  /** Soon, as on AWS: who joined a group does not wait for the jobs. */
  #follow(thingName: string): void {
    this.#moved.add(thingName);
    this.#agenda.set('the jobs of moved things', this.clock.now(), () => {
      const moved = [...this.#moved];
      this.#moved.clear();
      for (const each of moved) {
        // Read for each anew: the one before may have changed it.
        for (const { jobId } of this.#begun()) this.#runner.follow(this.get(jobId), each);
      }
    });
  }
}
