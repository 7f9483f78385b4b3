import { consumed } from '#local/trace/context.ts';
import type { Tracing } from '#local/trace/traces.ts';
import type { Clock, Instant } from '#shared/kernel/clock.ts';
import type { Agenda } from './agenda.ts';
import {
  deadlineOf,
  type Ended,
  type Execution,
  ended,
  type FinalStatus,
  isPending,
  type Pending,
  queued,
  type Retries,
  type StatusDetails,
} from './execution.ts';
import { anotherTry } from './failure-criteria.ts';
import { isActive, type Job } from './job.ts';
import type { JobEvents } from './job-events.ts';
import type { JobRecords } from './job-records.ts';
import { changeOf, detailOf, executionKey, inSeconds, pendingByStatus } from './pending.ts';

export interface ExecutionsOptions {
  readonly records: JobRecords;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly events: JobEvents;
  readonly tracing: Tracing;
  /** The document for a device, an object. */
  readonly documentFor: (jobId: string) => unknown;
  readonly publish: (topic: string, body: object) => void;
}

const noRetries: Retries = { FAILED: 0, TIMED_OUT: 0 };

/**
 * The executions of all things, and what a change of one sets off: its timer, the thing's notifications, an event,
 * another try. Whatever changes one does it inside `atThing`.
 */
export class Executions {
  readonly #options: ExecutionsOptions;
  /** Jobs of which an execution ended, until the thing was told. */
  readonly #touched = new Set<string>();
  #whenEnded: (jobId: string) => void = () => {};

  constructor(options: ExecutionsOptions) {
    this.#options = options;
    for (const execution of options.records.all()) this.#watch(execution);
  }

  /** @param tell hears of jobs of which an execution has ended, after the thing has */
  whenEnded(tell: (jobId: string) => void): void {
    this.#whenEnded = tell;
  }

  /**
   * Changes executions of one thing; afterwards tells the thing if others are pending, or another one is next
   * (developer guide, "Jobs notifications"). `answer` goes out before that.
   */
  atThing<T>(thingName: string, work: () => T, answer: (result: T) => void = () => {}): T {
    const { records, clock, publish, documentFor } = this.#options;
    const before = records.pendingOf(thingName);
    const result = work();
    answer(result);
    const after = records.pendingOf(thingName);
    const changed = changeOf(before, after);
    const now = clock.now();
    const timestamp = inSeconds(now);
    if (changed.set) publish(`$aws/things/${thingName}/jobs/notify`, { jobs: pendingByStatus(after), timestamp });
    if (changed.front) {
      const [next] = after;
      const execution = next && { execution: detailOf(next, now, documentFor(next.jobId)) };
      publish(`$aws/things/${thingName}/jobs/notify-next`, { ...execution, timestamp });
    }
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const jobId of touched) this.#whenEnded(jobId);
    return result;
  }

  /** Gives a thing its first execution of a job, or its first one since it came back. */
  reach(job: Job, thingName: string): void {
    const place = { kind: 'job', label: `queue ${job.jobId} ${thingName}`, units: { jobExecutions: 1 } } as const;
    this.#options.tracing.beginNow(place, () => this.atThing(thingName, () => this.#queue(job, thingName, noRetries)));
  }

  #queue({ jobId }: Job, thingName: string, retries: Retries): void {
    const { records, clock } = this.#options;
    const executionNumber = (records.latest(jobId, thingName)?.executionNumber ?? 0) + 1;
    const facts = { jobId, thingName, executionNumber, retries, sequence: records.nextSequence() };
    records.put(queued(facts, clock.now()));
  }

  put(execution: Execution): void {
    const { records, events } = this.#options;
    records.put(execution);
    this.#watch(execution);
    if (isPending(execution)) return;
    events.execution(execution);
    this.#tryAgain(execution);
    this.#touched.add(execution.jobId);
  }

  end(execution: Pending, status: FinalStatus, details?: StatusDetails): Ended {
    const over = ended(execution, status, this.#options.clock.now(), details);
    this.put(over);
    return over;
  }

  drop(execution: Execution): void {
    const { records, agenda, events } = this.#options;
    agenda.cancel(timerOf(execution));
    records.drop(execution);
    events.execution(execution, true);
    this.#touched.add(execution.jobId);
  }

  /** The thing is no target any more; what it has not finished is taken away, and nothing is tried again. */
  leave(execution: Execution): void {
    const { records } = this.#options;
    if (!isPending(execution)) {
      records.put({ ...execution, left: true });
      return;
    }
    this.atThing(execution.thingName, () => this.end({ ...execution, left: true }, 'REMOVED'));
  }

  /** What a process before this one had no time for: a try that should have followed a failed one. */
  resume(): void {
    const { records } = this.#options;
    for (const execution of [...records.all()]) {
      const { jobId, thingName, left } = execution;
      if (isPending(execution) || left === true || records.latest(jobId, thingName) !== execution) continue;
      this.atThing(thingName, () => this.#tryAgain(execution));
    }
  }

  #tryAgain(execution: Ended): void {
    const job = this.#options.records.jobs.get(execution.jobId);
    if (job?.jobExecutionsRetryConfig === undefined || !isActive(job)) return;
    const retries = anotherTry(job.jobExecutionsRetryConfig, execution);
    if (retries === undefined) return;
    consumed({ jobExecutions: 1 });
    this.#queue(job, execution.thingName, retries);
  }

  #watch(execution: Execution): void {
    const { agenda } = this.#options;
    const deadline: Instant | undefined = deadlineOf(execution, this.#options.clock.now());
    if (deadline === undefined) agenda.cancel(timerOf(execution));
    else agenda.set(timerOf(execution), deadline, () => this.#timeOut(execution));
  }

  #timeOut({ jobId, thingName, executionNumber }: Execution): void {
    const execution = this.#options.records.find(jobId, thingName, executionNumber);
    if (execution === undefined || !isPending(execution)) return;
    const place = { kind: 'job', label: `time out ${jobId} ${thingName}` } as const;
    this.#options.tracing.beginNow(place, () => this.atThing(thingName, () => this.end(execution, 'TIMED_OUT')));
  }
}

const timerOf = (execution: Execution): string => `the time-out of ${executionKey(execution)}`;
