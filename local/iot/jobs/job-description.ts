import type { Arns } from '../registry/arns.ts';
import { seconds } from '../registry/rest.ts';
import type { Execution } from './execution.ts';
import type { Job } from './job.ts';
import type { Tally } from './job-records.ts';
import { secondsLeft, startOf } from './pending.ts';

/** @param processing whether things still wait for their turn */
export function processDetails(job: Job, tally: Readonly<Tally>, processing: boolean) {
  return {
    ...(processing && { processingTargets: job.targets }),
    numberOfCanceledThings: tally.CANCELED,
    numberOfSucceededThings: tally.SUCCEEDED,
    numberOfFailedThings: tally.FAILED,
    numberOfRejectedThings: tally.REJECTED,
    numberOfQueuedThings: tally.QUEUED,
    numberOfInProgressThings: tally.IN_PROGRESS,
    numberOfRemovedThings: tally.REMOVED,
    numberOfTimedOutThings: tally.TIMED_OUT,
  };
}

/**
 * The member `job` of DescribeJob's answer.
 *
 * @param concurrent whether it is reaching things, or takes them back
 */
export function describedJob(job: Job, arns: Arns, tally: Readonly<Tally>, concurrent: boolean) {
  const { jobId, targetSelection, state, targets, createdAt, lastUpdatedAt } = job;
  const { description, presignedUrlConfig, jobExecutionsRolloutConfig, abortConfig, timeoutConfig } = job;
  const { jobExecutionsRetryConfig, jobTemplateArn, schedulingConfig, comment } = job;
  return {
    ...{ jobArn: arns.job(jobId), jobId, targetSelection, status: state.status, targets },
    ...{ description, presignedUrlConfig, jobExecutionsRolloutConfig, abortConfig, timeoutConfig },
    ...{ jobExecutionsRetryConfig, jobTemplateArn, schedulingConfig, comment },
    ...(state.status === 'CANCELED' && {
      ...(state.forceCanceled && { forceCanceled: true }),
      ...(state.reasonCode !== undefined && { reasonCode: state.reasonCode }),
    }),
    createdAt: seconds(createdAt),
    lastUpdatedAt: seconds(lastUpdatedAt),
    ...('completedAt' in state && { completedAt: seconds(state.completedAt) }),
    isConcurrent: concurrent,
    jobProcessDetails: processDetails(job, tally, concurrent && state.status === 'IN_PROGRESS'),
  };
}

export function listedJob(
  { jobId, targetSelection, state, createdAt, lastUpdatedAt }: Job,
  arns: Arns,
  concurrent: boolean,
) {
  return {
    ...{ jobArn: arns.job(jobId), jobId, targetSelection, status: state.status },
    createdAt: seconds(createdAt),
    lastUpdatedAt: seconds(lastUpdatedAt),
    ...('completedAt' in state && { completedAt: seconds(state.completedAt) }),
    isConcurrent: concurrent,
  };
}

/** The member `execution` of DescribeJobExecution's answer. */
export function describedExecution(execution: Execution, arns: Arns, now: number) {
  const { jobId, status, thingName, executionNumber, versionNumber, statusDetails } = execution;
  return {
    ...{ jobId, status, thingArn: arns.thing(thingName), executionNumber, versionNumber },
    ...('forceCanceled' in execution && { forceCanceled: true }),
    ...(Object.keys(statusDetails).length > 0 && { statusDetails: { detailsMap: statusDetails } }),
    ...times(execution),
    ...secondsLeft(execution, now),
  };
}

export function listedExecution(execution: Execution) {
  const { status, executionNumber, retries } = execution;
  return { status, ...times(execution), executionNumber, retryAttempt: retries.FAILED + retries.TIMED_OUT };
}

function times(execution: Execution) {
  const startedAt = startOf(execution);
  return {
    queuedAt: seconds(execution.queuedAt),
    ...(startedAt !== undefined && { startedAt: seconds(startedAt) }),
    lastUpdatedAt: seconds(execution.lastUpdatedAt),
  };
}
