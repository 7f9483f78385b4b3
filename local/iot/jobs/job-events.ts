import { randomUUID } from 'node:crypto';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock, Instant } from '#shared/kernel/clock.ts';
import type { Arns } from '../registry/arns.ts';
import { type Execution, type FinalStatus, finalStatuses } from './execution.ts';
import type { Job } from './job.ts';
import { processDetails } from './job-description.ts';
import type { JobRecords } from './job-records.ts';
import { inSeconds } from './pending.ts';

export type JobOperation = 'completed' | 'canceled' | 'deleted' | 'cancellation_in_progress' | 'deletion_in_progress';

/** The kinds of events that somebody can switch on. The registry's own are not sent by the local cloud. */
export const jobEventTypes = ['JOB', 'JOB_EXECUTION'] as const;
export type JobEventType = (typeof jobEventTypes)[number];

export interface EventSwitches {
  readonly enabled: readonly JobEventType[];
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

export interface JobEventOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly arns: Arns;
  readonly records: JobRecords;
  readonly publish: (topic: string, body: object) => void;
}

/** What AWS IoT tells of jobs on `$aws/events/…`, off until somebody switches it on. Rules see it. */
export class JobEvents {
  readonly #options: JobEventOptions;
  readonly #kept: Collection<EventSwitches>;

  constructor(options: JobEventOptions) {
    this.#options = options;
    this.#kept = options.state.collection('iot/event-configurations');
  }

  get switches(): EventSwitches | undefined {
    return this.#kept.get('account');
  }

  set(changes: ReadonlyMap<JobEventType, boolean>): void {
    const now = this.#options.clock.now();
    const { enabled = [], createdAt = now } = this.switches ?? {};
    const wanted = jobEventTypes.filter((type) => changes.get(type) ?? enabled.includes(type));
    this.#kept.set('account', { enabled: wanted, createdAt, modifiedAt: now });
  }

  /** Developer guide, "Job events". The time of the event counts seconds, those of the job milliseconds. */
  job(operation: JobOperation, job: Job): void {
    if (this.switches?.enabled.includes('JOB') !== true) return;
    const { clock, records, publish } = this.#options;
    const { state } = job;
    publish(`$aws/events/job/${job.jobId}/${operation}`, {
      eventType: 'JOB',
      eventId: randomUUID(),
      timestamp: inSeconds(clock.now()),
      operation,
      jobId: job.jobId,
      status: statusOf(operation, job),
      targetSelection: job.targetSelection,
      targets: job.targets,
      ...(job.description !== undefined && { description: job.description }),
      ...(job.comment !== undefined && { comment: job.comment }),
      ...('completedAt' in state && { completedAt: state.completedAt }),
      createdAt: job.createdAt,
      lastUpdatedAt: job.lastUpdatedAt,
      ...(operation === 'completed' && { jobProcessDetails: processDetails(job, records.tally(job.jobId), false) }),
    });
  }

  execution(execution: Execution, deleted = false): void {
    if (this.switches?.enabled.includes('JOB_EXECUTION') !== true) return;
    if (!deleted && !isFinal(execution.status)) return;
    const { clock, arns, publish } = this.#options;
    const operation = deleted ? 'deleted' : execution.status.toLowerCase();
    publish(`$aws/events/jobExecution/${execution.jobId}/${operation}`, {
      eventType: 'JOB_EXECUTION',
      eventId: randomUUID(),
      timestamp: inSeconds(clock.now()),
      operation,
      jobId: execution.jobId,
      thingArn: arns.thing(execution.thingName),
      status: deleted ? 'DELETED' : execution.status,
      ...(Object.keys(execution.statusDetails).length > 0 && { statusDetails: execution.statusDetails }),
    });
  }
}

function isFinal(status: Execution['status']): status is FinalStatus {
  return finalStatuses.some((final) => final === status);
}

function statusOf(operation: JobOperation, { state }: Job): string {
  if (operation === 'cancellation_in_progress') return 'CANCELLATION_IN_PROGRESS';
  return operation === 'deleted' ? 'DELETED' : state.status;
}
