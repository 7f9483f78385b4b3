import type { Collection, State } from '#local/state/collection.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import { type Execution, type ExecutionStatus, type FinalStatus, isPending, type Pending } from './execution.ts';
import type { Job } from './job.ts';
import { executionKey, inTurn } from './pending.ts';

export type Tally = Record<ExecutionStatus, number>;

/** What the jobs service keeps of one job in memory, all of it from the executions. */
interface JobIndex {
  /** By thing, in the order of their numbers. */
  readonly executions: Map<string, readonly Execution[]>;
  /** Things by the state of their latest execution. */
  readonly things: Tally;
  /** Executions in a final state, tries that were followed by another one among them. */
  readonly ended: Record<FinalStatus, number>;
}

/** Jobs and their executions on disk, and the indexes that make a change of one cost nothing of the others. */
export class JobRecords {
  readonly jobs: Collection<Job>;
  /** The things that a job rolls out to, in their order; apart from the job, which is written more often. */
  readonly things: Collection<readonly string[]>;
  readonly #executions: Collection<Execution>;
  readonly #byJob = new Map<string, JobIndex>();
  readonly #pending = new Map<string, Map<string, Pending>>();
  #sequence = 0;

  constructor(state: State) {
    this.jobs = state.collection('iot/jobs');
    this.things = state.collection('iot/job-things');
    this.#executions = state.collection('iot/job-executions');
    const kept = [...this.#executions.values()].sort((a, b) => a.sequence - b.sequence);
    for (const execution of kept) this.#enter(execution, undefined);
    this.#sequence = kept.at(-1)?.sequence ?? 0;
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** The job, as changed at this moment. */
  save(job: Job, now: Instant): Job {
    const saved = { ...job, lastUpdatedAt: now };
    this.jobs.set(job.jobId, saved);
    return saved;
  }

  put(execution: Execution): void {
    const key = executionKey(execution);
    const former = this.#executions.get(key);
    this.#executions.set(key, execution);
    this.#enter(execution, former);
  }

  drop(execution: Execution): void {
    const key = executionKey(execution);
    if (!this.#executions.delete(key)) return;
    const { jobId, thingName } = execution;
    const index = this.#index(jobId);
    const all = index.executions.get(thingName) ?? [];
    const rest = all.filter((one) => executionKey(one) !== key);
    this.#count(index, all, rest);
    if (rest.length > 0) index.executions.set(thingName, rest);
    else index.executions.delete(thingName);
    this.#pending.get(thingName)?.delete(key);
  }

  /** Forgets a job whose executions were dropped. */
  forget(jobId: string): void {
    this.jobs.delete(jobId);
    this.things.delete(jobId);
    this.#byJob.delete(jobId);
  }

  /** The executions of a thing that are not over, the next one first. */
  pendingOf(thingName: string): readonly Pending[] {
    return inTurn(this.#pending.get(thingName)?.values() ?? []);
  }

  /** All of a job on a thing, the latest last. */
  executionsOn(jobId: string, thingName: string): readonly Execution[] {
    return this.#byJob.get(jobId)?.executions.get(thingName) ?? [];
  }

  latest(jobId: string, thingName: string): Execution | undefined {
    return this.executionsOn(jobId, thingName).at(-1);
  }

  /** Without a number the latest. */
  find(jobId: string, thingName: string, executionNumber: number | undefined): Execution | undefined {
    if (executionNumber === undefined) return this.latest(jobId, thingName);
    return this.executionsOn(jobId, thingName).find((one) => one.executionNumber === executionNumber);
  }

  /** Of a job, by thing. */
  *executionsOf(jobId: string): Iterable<Execution> {
    for (const executions of this.#byJob.get(jobId)?.executions.values() ?? []) yield* executions;
  }

  all(): Iterable<Execution> {
    return this.#executions.values();
  }

  tally(jobId: string): Readonly<Tally> {
    return this.#index(jobId).things;
  }

  ended(jobId: string): Readonly<Record<FinalStatus, number>> {
    return this.#index(jobId).ended;
  }

  #enter(execution: Execution, former: Execution | undefined): void {
    const { jobId, thingName } = execution;
    const index = this.#index(jobId);
    const all = index.executions.get(thingName) ?? [];
    const next = former === undefined ? [...all, execution] : all.map((one) => (one === former ? execution : one));
    this.#count(index, all, next);
    index.executions.set(thingName, next);
    this.#await(execution);
  }

  #await(execution: Execution): void {
    const pending = this.#pending.get(execution.thingName);
    const key = executionKey(execution);
    if (isPending(execution)) {
      if (pending === undefined) this.#pending.set(execution.thingName, new Map([[key, execution]]));
      else pending.set(key, execution);
    } else if (pending?.delete(key) && pending.size === 0) this.#pending.delete(execution.thingName);
  }

  #index(jobId: string): JobIndex {
    const known = this.#byJob.get(jobId);
    if (known !== undefined) return known;
    const final = { SUCCEEDED: 0, FAILED: 0, REJECTED: 0, TIMED_OUT: 0, REMOVED: 0, CANCELED: 0 };
    const index = { executions: new Map(), things: { QUEUED: 0, IN_PROGRESS: 0, ...final }, ended: { ...final } };
    this.#byJob.set(jobId, index);
    return index;
  }

  #count({ things, ended }: JobIndex, before: readonly Execution[], after: readonly Execution[]): void {
    const [formerly, now] = [before.at(-1), after.at(-1)];
    if (formerly !== undefined) things[formerly.status] -= 1;
    if (now !== undefined) things[now.status] += 1;
    for (const one of before) if (!isPending(one)) ended[one.status] -= 1;
    for (const one of after) if (!isPending(one)) ended[one.status] += 1;
  }
}
