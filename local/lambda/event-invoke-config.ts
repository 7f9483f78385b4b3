import { z } from 'zod';
import { functionNameOf } from './function-permission.ts';

// Queues are the destinations that the stacks use; topics, buses and functions are refused until somebody needs them.
const destination = z.strictObject({ Destination: z.string().regex(/^arn:aws:sqs:/, 'only queues are understood') });

const configProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: z.coerce.number().int().min(0).max(2).default(2),
  MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(21_600).default(21_600),
  DestinationConfig: z
    .strictObject({ OnFailure: destination.optional(), OnSuccess: destination.optional() })
    .optional(),
});

/** How a function's asynchronous events are treated. */
export interface EventInvokeConfig {
  readonly retries: number;
  readonly maximumAgeSeconds: number;
  readonly onFailure: string | undefined;
  readonly onSuccess: string | undefined;
}

/** Lambda's treatment of a function without an `AWS::Lambda::EventInvokeConfig`. */
export const defaultEventInvokeConfig: EventInvokeConfig = {
  retries: 2,
  maximumAgeSeconds: 21_600,
  onFailure: undefined,
  onSuccess: undefined,
};

/** Throws on any property or value that is not understood. */
export function eventInvokeConfig(properties: unknown): EventInvokeConfig & { readonly functionName: string } {
  const parsed = configProperties.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const given = parsed.data;
  return {
    functionName: functionNameOf(given.FunctionName),
    retries: given.MaximumRetryAttempts,
    maximumAgeSeconds: given.MaximumEventAgeInSeconds,
    onFailure: given.DestinationConfig?.OnFailure?.Destination,
    onSuccess: given.DestinationConfig?.OnSuccess?.Destination,
  };
}
