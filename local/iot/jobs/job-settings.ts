import { z } from 'zod';

const minutes = z.number().int().min(1).max(10_080);

/** How fast a job reaches its targets. */
export const rolloutConfig = z.strictObject({
  maximumPerMinute: z.number().int().min(1).max(1000).optional(),
  exponentialRate: z
    .strictObject({
      baseRatePerMinute: z.number().int().min(1).max(1000),
      incrementFactor: z.number().min(1.1).max(5),
      rateIncreaseCriteria: z
        .strictObject({
          numberOfNotifiedThings: z.number().int().min(1).optional(),
          numberOfSucceededThings: z.number().int().min(1).optional(),
        })
        .refine((criteria) => Object.values(criteria).some((one) => one !== undefined), 'wants a criterion'),
    })
    .optional(),
});

export const abortConfig = z.strictObject({
  criteriaList: z
    .array(
      z.strictObject({
        failureType: z.enum(['FAILED', 'REJECTED', 'TIMED_OUT', 'ALL']),
        action: z.literal('CANCEL'),
        thresholdPercentage: z.number().gt(0).max(100),
        minNumberOfExecutedThings: z.number().int().min(1),
      }),
    )
    .min(1),
});

export const timeoutConfig = z.strictObject({ inProgressTimeoutInMinutes: minutes.optional() });

export const retryConfig = z.strictObject({
  criteriaList: z
    .array(
      z.strictObject({
        failureType: z.enum(['FAILED', 'TIMED_OUT', 'ALL']),
        numberOfRetries: z.number().int().min(0).max(10),
      }),
    )
    .min(1)
    .max(2)
    .refine((list) => list.reduce((sum, one) => sum + one.numberOfRetries, 0) <= 10, 'a device is retried ten times')
    .refine((list) => new Set(list.map((one) => one.failureType)).size === list.length, 'names a failure type twice'),
});

export const maintenanceWindows = z.array(
  z.strictObject({ startTime: z.string().min(1).max(256), durationInMinutes: z.number().int().min(1).max(1430) }),
);

export const schedulingConfig = z.strictObject({
  startTime: z.string().max(64).optional(),
  endTime: z.string().max(64).optional(),
  endBehavior: z.enum(['STOP_ROLLOUT', 'CANCEL', 'FORCE_CANCEL']).optional(),
  maintenanceWindows: maintenanceWindows.optional(),
});

export const presignedUrlConfig = z.strictObject({
  roleArn: z.string().min(20).max(2048).optional(),
  expiresInSec: z.number().int().min(60).max(3600).optional(),
});

export const text = z
  .string()
  .max(2028)
  .regex(/^[^\p{C}]*$/u, 'has control characters');
export const jobIdPattern = /^[a-zA-Z0-9_-]{1,64}$/;
export const jobDocument = z.string().max(32_768);
export const documentSource = z.string().min(1).max(1350);

export const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string().optional() })).max(50);

/** What a job and a template have in common; each as the API spells it. */
export const jobSettings = z.strictObject({
  description: text.optional(),
  presignedUrlConfig: presignedUrlConfig.optional(),
  jobExecutionsRolloutConfig: rolloutConfig.optional(),
  abortConfig: abortConfig.optional(),
  timeoutConfig: timeoutConfig.optional(),
  jobExecutionsRetryConfig: retryConfig.optional(),
});

export type RolloutConfig = z.infer<typeof rolloutConfig>;
export type AbortConfig = z.infer<typeof abortConfig>;
export type TimeoutConfig = z.infer<typeof timeoutConfig>;
export type RetryConfig = z.infer<typeof retryConfig>;
export type SchedulingConfig = z.infer<typeof schedulingConfig>;
export type MaintenanceWindow = z.infer<typeof maintenanceWindows>[number];
export type PresignedUrlConfig = z.infer<typeof presignedUrlConfig>;
export type JobSettings = z.infer<typeof jobSettings>;
