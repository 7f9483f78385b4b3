import type { Instant } from '#shared/kernel/clock.ts';
import type { TimeoutConfig } from './job-settings.ts';
import { JobsRejection } from './rejection.ts';

export const finalStatuses = ['SUCCEEDED', 'FAILED', 'REJECTED', 'TIMED_OUT', 'REMOVED', 'CANCELED'] as const;
export type FinalStatus = (typeof finalStatuses)[number];
export type ExecutionStatus = 'QUEUED' | 'IN_PROGRESS' | FinalStatus;

export type StatusDetails = Readonly<Record<string, string>>;

/** How often a thing was tried again in a job, by what had failed. */
export interface Retries {
  readonly FAILED: number;
  readonly TIMED_OUT: number;
}

interface ExecutionFacts {
  readonly jobId: string;
  readonly thingName: string;
  readonly executionNumber: number;
  /** Rises with every execution that is queued, whatever its job: two of the same moment have an order, too. */
  readonly sequence: number;
  readonly retries: Retries;
  readonly statusDetails: StatusDetails;
  readonly queuedAt: Instant;
  readonly lastUpdatedAt: Instant;
  readonly versionNumber: number;
  /** The thing is no target any more: if it becomes one again, it gets a new execution. */
  readonly left?: true;
}

export type Queued = ExecutionFacts & { readonly status: 'QUEUED' };

export type InProgress = ExecutionFacts & {
  readonly status: 'IN_PROGRESS';
  readonly startedAt: Instant;
  /** The job's own timer, from `startedAt`, and the device's step timer. */
  readonly endsAt?: Instant;
  readonly step?: { readonly setAt: Instant; readonly endsAt: Instant };
};

export type Ended = ExecutionFacts & {
  readonly status: FinalStatus;
  readonly startedAt?: Instant;
  readonly forceCanceled?: true;
};

/** One job on one thing, once. */
export type Execution = Queued | InProgress | Ended;
export type Pending = Queued | InProgress;

export interface StartWish {
  /** Replaces the details; absent: they stay. */
  readonly statusDetails?: StatusDetails | undefined;
  /** -1 ends the step timer; absent: it runs on. */
  readonly stepTimeoutInMinutes?: number | undefined;
}

export interface UpdateWish extends StartWish {
  readonly status: ExecutionStatus;
  readonly expectedVersion?: number | undefined;
}

const minuteMs = 60_000;
const statusesOfDevices: readonly ExecutionStatus[] = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'];

export function isPending(execution: Execution): execution is Pending {
  return execution.status === 'QUEUED' || execution.status === 'IN_PROGRESS';
}

export function queued(
  facts: Pick<ExecutionFacts, 'jobId' | 'thingName' | 'executionNumber' | 'sequence' | 'retries'>,
  now: Instant,
): Queued {
  return { ...facts, status: 'QUEUED', statusDetails: {}, queuedAt: now, lastUpdatedAt: now, versionNumber: 1 };
}

/** Begins it, or goes on with it. The in-progress timer runs from the beginning and is never set again. */
export function inProgress(execution: Pending, wish: StartWish, timeout: TimeoutConfig, now: Instant): InProgress {
  const { inProgressTimeoutInMinutes: limit } = timeout;
  const begun: InProgress =
    execution.status === 'IN_PROGRESS'
      ? execution
      : {
          ...execution,
          status: 'IN_PROGRESS',
          startedAt: now,
          ...(limit !== undefined && { endsAt: now + limit * minuteMs }),
        };
  const { step: running, ...rest } = begun;
  const step = stepAfter(running, wish.stepTimeoutInMinutes, now);
  return { ...stamped(rest, wish.statusDetails, now), ...(step !== undefined && { step }) };
}

function stepAfter(running: InProgress['step'], minutes: number | undefined, now: Instant): InProgress['step'] {
  if (minutes === undefined) return running;
  return minutes === -1 ? undefined : { setAt: now, endsAt: now + minutes * minuteMs };
}

/** When it times out, if nothing is heard. No timer waits longer than it was set for, where the clock was set back. */
export function deadlineOf(execution: Execution, now: Instant): Instant | undefined {
  if (execution.status !== 'IN_PROGRESS') return undefined;
  const { startedAt, endsAt, step } = execution;
  const ends = [
    ...(endsAt === undefined ? [] : [Math.min(endsAt, now + endsAt - startedAt)]),
    ...(step === undefined ? [] : [Math.min(step.endsAt, now + step.endsAt - step.setAt)]),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** What a device reports. Throws `JobsRejection`. */
export function updated(execution: Execution, wish: UpdateWish, timeout: TimeoutConfig, now: Instant): Execution {
  const { expectedVersion: expected } = wish;
  if (expected !== undefined && expected !== execution.versionNumber) {
    const message = `Expected version ${expected} but found version ${execution.versionNumber}`;
    throw new JobsRejection('VersionMismatch', message, execution);
  }
  if (!isPending(execution) || !statusesOfDevices.includes(wish.status)) {
    const message = `The execution is ${execution.status}, and cannot become ${wish.status}.`;
    throw new JobsRejection('InvalidStateTransition', message, execution);
  }
  if (wish.status === 'QUEUED' || wish.status === 'IN_PROGRESS') return inProgress(execution, wish, timeout, now);
  return ended(execution, wish.status, now, wish.statusDetails);
}

/** What the device reports at the end, or what the service decides. */
export function ended(execution: Pending, status: FinalStatus, now: Instant, details?: StatusDetails): Ended {
  const { jobId, thingName, executionNumber, sequence, retries, statusDetails, queuedAt, lastUpdatedAt } = execution;
  const { versionNumber } = execution;
  const kept = { jobId, thingName, executionNumber, sequence, retries, statusDetails, queuedAt };
  const left = execution.left === true && { left: true as const };
  const begun = execution.status === 'IN_PROGRESS' && { startedAt: execution.startedAt };
  const forced = begun !== false && status === 'CANCELED' && { forceCanceled: true as const };
  return stamped({ ...kept, lastUpdatedAt, versionNumber, status, ...left, ...begun, ...forced }, details, now);
}

function stamped<E extends ExecutionFacts>(execution: E, details: StatusDetails | undefined, now: Instant): E {
  const { versionNumber, statusDetails } = execution;
  return {
    ...execution,
    statusDetails: details ?? statusDetails,
    lastUpdatedAt: now,
    versionNumber: versionNumber + 1,
  };
}
