import type { Json, JsonObject } from '#local/iot/shadows/json.ts';
import type { DeviceJob, DeviceJobStatus, Job } from './job.ts';
import { usualExecutionSeconds } from './job.ts';

const timeOf = (ms: number) => new Date(ms).toISOString();

/** A job as services see it. @param counts of its devices */
export function jobAnswer({ wish, status, createdAt, startsAt, endedAt, failureReason }: Job, counts: Counts) {
  const { jobId, type, queryCondition, maxExecutionTimeInSeconds } = wish;
  return {
    ...{ jobId, queryCondition, type, status },
    createdTime: timeOf(createdAt),
    startTime: timeOf(startsAt),
    ...(endedAt !== undefined && { endTime: timeOf(endedAt) }),
    maxExecutionTimeInSeconds: maxExecutionTimeInSeconds ?? usualExecutionSeconds,
    ...(wish.type === 'scheduleUpdateTwin'
      ? { updateTwin: wish.updateTwin }
      : { cloudToDeviceMethod: wish.cloudToDeviceMethod }),
    ...(failureReason !== undefined && { failureReason }),
    deviceJobStatistics: {
      deviceCount: Object.values(counts).reduce((sum, count) => sum + count, 0),
      failedCount: counts.failed,
      succeededCount: counts.completed,
      runningCount: counts.running,
      pendingCount: counts.pending,
    },
  };
}

export type Counts = Readonly<Record<DeviceJobStatus, number>>;

/** A row of `devices.jobs`. */
export function deviceJobAnswer(job: DeviceJob): JsonObject {
  const { jobId, deviceId, jobType, status, createdAt, startedAt, endedAt, updatedAt, answer, error } = job;
  return {
    ...{ deviceId, jobId, jobType, status },
    ...(startedAt !== undefined && { startTimeUtc: timeOf(startedAt) }),
    ...(endedAt !== undefined && { endTimeUtc: timeOf(endedAt) }),
    ...{ createdDateTimeUtc: timeOf(createdAt), lastUpdatedDateTimeUtc: timeOf(updatedAt) },
    ...(error !== undefined && { error: { ...error } }),
    outcome: { deviceMethodResponse: answer === undefined ? null : asJson(answer) },
  };
}

function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value));
}
