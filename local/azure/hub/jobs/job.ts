import { z } from 'zod';
import { servicePatchSchema } from '../twins.ts';

const update = servicePatchSchema.extend({ etag: z.string().nullish() });
const method = z.object({
  methodName: z.string().min(1),
  payload: z.unknown(),
  responseTimeoutInSeconds: z.int().min(5).max(300).nullish(),
  connectTimeoutInSeconds: z.int().min(0).max(300).nullish(),
});

const placed = {
  jobId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'a job id has 1 to 64 letters, digits and "-"'),
  /** Undefined: at once. */
  startTime: z.iso.datetime({ offset: true }).nullish(),
  maxExecutionTimeInSeconds: z.int().positive().nullish(),
  queryCondition: z.string().min(1),
};

/** Source: "Schedule jobs on multiple devices". */
export const jobWishSchema = z.discriminatedUnion('type', [
  z.object({ ...placed, type: z.literal('scheduleUpdateTwin'), updateTwin: update }),
  z.object({ ...placed, type: z.literal('scheduleDeviceMethod'), cloudToDeviceMethod: method }),
]);
export type JobWish = z.infer<typeof jobWishSchema>;

/**
 * `scheduled`: its time has not come. `queued`: it has, and other jobs have the hub's slots. Completed means that each
 * twin was written or each method was answered, or that it failed there.
 */
export type JobStatus = 'scheduled' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

export interface Job {
  readonly wish: JobWish;
  readonly status: JobStatus;
  /** ms since the Unix epoch, as all of these. */
  readonly createdAt: number;
  readonly startsAt: number;
  readonly endedAt: number | undefined;
  readonly failureReason: string | undefined;
}

export type DeviceJobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'canceled';

/** What a job came to at one device. */
export interface DeviceJob {
  readonly jobId: string;
  readonly deviceId: string;
  readonly jobType: JobWish['type'];
  readonly status: DeviceJobStatus;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly updatedAt: number;
  readonly answer: { readonly status: number; readonly payload: unknown } | undefined;
  readonly error: { readonly code: string; readonly description: string } | undefined;
}

export const usualExecutionSeconds = 3600;
