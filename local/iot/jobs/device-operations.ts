import type { DeviceRequest } from './device-request.ts';
import { type Execution, inProgress, isPending, type Pending, updated } from './execution.ts';
import type { DocumentForDevice } from './job-document.ts';
import type { Jobs } from './jobs.ts';
import { detailOf, inSeconds, mostShown, stateOf, summaryOf } from './pending.ts';
import { JobsRejection } from './rejection.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** How a document is handed over: an object over MQTT, text over HTTP. */
export type DocumentForm = 'object' | 'text';

/** What devices may do with their executions; the same over MQTT and HTTP. Throws `JobsRejection`. */
export class DeviceOperations {
  readonly #jobs: Jobs;
  readonly #documents: DocumentForDevice;

  constructor(jobs: Jobs, documents: DocumentForDevice) {
    this.#jobs = jobs;
    this.#documents = documents;
  }

  /** @param answer is called once, before anybody is notified of what has changed */
  serve(thingName: string, request: DeviceRequest, form: DocumentForm, answer: (body: Answer) => void): void {
    if (!this.#jobs.targets.exists(thingName)) {
      throw new JobsRejection('ResourceNotFound', `There is no thing ${thingName}.`);
    }
    this.#jobs.executions.atThing(thingName, () => this.#answerTo(thingName, request, form), answer);
  }

  #answerTo(thingName: string, request: DeviceRequest, form: DocumentForm): Answer {
    switch (request.kind) {
      case 'get-pending':
        return this.#pending(thingName);
      case 'describe':
        return this.#describe(thingName, request, form);
      case 'start-next':
        return this.#startNext(thingName, request, form);
      case 'update':
        return this.#update(thingName, request, form);
    }
  }

  #pending(thingName: string): Answer {
    const pending = this.#jobs.records.pendingOf(thingName).slice(0, mostShown);
    const of = (status: Pending['status']) => pending.filter((one) => one.status === status).map(summaryOf);
    return { inProgressJobs: of('IN_PROGRESS'), queuedJobs: of('QUEUED'), timestamp: this.#timestamp };
  }

  #startNext(thingName: string, wish: Extract<DeviceRequest, { kind: 'start-next' }>, form: DocumentForm): Answer {
    const { records, executions, clock } = this.#jobs;
    const [next] = records.pendingOf(thingName);
    if (next === undefined) return { timestamp: this.#timestamp };
    // What is under way already is shown as it is, and nothing of it is changed.
    const begun = next.status === 'QUEUED' ? inProgress(next, wish, this.#timeoutOf(next), clock.now()) : next;
    if (begun !== next) executions.put(begun);
    return { execution: this.#detail(begun, form), timestamp: this.#timestamp };
  }

  #describe(thingName: string, wish: Extract<DeviceRequest, { kind: 'describe' }>, form: DocumentForm): Answer {
    const { jobId, executionNumber, includeJobDocument = true } = wish;
    const execution =
      jobId === '$next' ? this.#jobs.records.pendingOf(thingName)[0] : this.#find(jobId, thingName, executionNumber);
    if (execution === undefined) return { timestamp: this.#timestamp };
    if (!isPending(execution)) {
      const message = `The execution of job ${execution.jobId} is over: ${execution.status}.`;
      throw new JobsRejection('TerminalStateReached', message, execution);
    }
    const detail = this.#detail(execution, includeJobDocument ? form : undefined);
    return { execution: detail, timestamp: this.#timestamp };
  }

  #update(thingName: string, wish: Extract<DeviceRequest, { kind: 'update' }>, form: DocumentForm): Answer {
    const { jobId, executionNumber, includeJobExecutionState, includeJobDocument } = wish;
    const execution = this.#find(jobId, thingName, executionNumber);
    const next = updated(execution, wish, this.#timeoutOf(execution), this.#jobs.clock.now());
    const document = includeJobDocument === true && { jobDocument: this.#document(execution, form) };
    this.#jobs.executions.put(next);
    const state = includeJobExecutionState === true && { executionState: stateOf(next) };
    return { ...state, ...document, timestamp: this.#timestamp };
  }

  #find(jobId: string, thingName: string, executionNumber: number | undefined): Execution {
    const execution = this.#jobs.records.find(jobId, thingName, executionNumber);
    if (execution !== undefined) return execution;
    const message = `Job ${jobId} has no execution${executionNumber === undefined ? '' : ` ${executionNumber}`} on thing ${thingName}.`;
    throw new JobsRejection('ResourceNotFound', message);
  }

  #timeoutOf({ jobId }: Execution) {
    return this.#jobs.records.jobs.get(jobId)?.timeoutConfig ?? {};
  }

  #detail(execution: Execution, form: DocumentForm | undefined) {
    const document = form === undefined ? undefined : this.#document(execution, form);
    return detailOf(execution, this.#jobs.clock.now(), document);
  }

  #document({ jobId }: Execution, form: DocumentForm): unknown {
    const text = this.#documents(this.#jobs.get(jobId));
    return form === 'object' ? JSON.parse(text) : text;
  }

  get #timestamp(): number {
    return inSeconds(this.#jobs.clock.now());
  }
}
