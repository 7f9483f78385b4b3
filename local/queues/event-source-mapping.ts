import { z } from 'zod';

const onFailure = z
  .strictObject({ OnFailure: z.strictObject({ Destination: z.string().startsWith('arn:aws:sqs:') }).optional() })
  .optional();

const properties = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: z.coerce.number().int().min(1).max(10_000).optional(),
  MaximumBatchingWindowInSeconds: z.coerce.number().min(0).max(300).default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  Tags: z.unknown().optional(),
  // queues
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.coerce.number().int().min(2).max(1000).optional() }).optional(),
  // streams
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  MaximumRetryAttempts: z.coerce.number().int().min(-1).max(10_000).optional(),
  MaximumRecordAgeInSeconds: z.coerce.number().int().min(-1).max(604_800).optional(),
  DestinationConfig: onFailure,
  TumblingWindowInSeconds: z.coerce.number().int().min(0).max(900).optional(),
  ParallelizationFactor: z.literal(1, 'the local cloud reads a shard with one function at a time').optional(),
});

interface Common {
  readonly sourceArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
}

export interface QueueMapping extends Common {
  readonly kind: 'queue';
  readonly maximumConcurrency: number | undefined;
}

export interface StreamMapping extends Common {
  readonly kind: 'stream';
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly bisects: boolean;
  /** Undefined: without windows. */
  readonly tumblingSeconds: number | undefined;
  /** Undefined: until the record is too old. */
  readonly maximumRetries: number | undefined;
  readonly maximumAgeSeconds: number | undefined;
  /** The ARN of the queue that hears of records given up. */
  readonly onFailureArn: string | undefined;
}

export type EventSourceMapping = QueueMapping | StreamMapping;

const streamOnly = [
  'StartingPosition',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'DestinationConfig',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
] as const;

/** Undefined for a mapping that is switched off. @throws Error naming what is not understood */
export function parseMapping(given: unknown): EventSourceMapping | undefined {
  const parsed = properties.safeParse(given);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this event source mapping: ${z.prettifyError(parsed.error)}`);
  }
  const mapping = parsed.data;
  if (!mapping.Enabled) return undefined;
  const service = mapping.EventSourceArn.split(':')[2];
  const common = {
    sourceArn: mapping.EventSourceArn,
    functionName: mapping.FunctionName,
    windowSeconds: mapping.MaximumBatchingWindowInSeconds,
    reportsFailures: mapping.FunctionResponseTypes.length > 0,
  };
  if (service === 'sqs') {
    const misplaced = streamOnly.find((name) => mapping[name] !== undefined);
    if (misplaced !== undefined) throw new Error(`${misplaced} does not go with a queue.`);
    const batchSize = mapping.BatchSize ?? 10;
    if (batchSize > 10 && mapping.MaximumBatchingWindowInSeconds < 1) {
      throw new Error('A BatchSize above 10 wants MaximumBatchingWindowInSeconds of at least 1.');
    }
    return { ...common, kind: 'queue', batchSize, maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency };
  }
  if (service !== 'dynamodb') throw new Error(`The local cloud has no event source like ${mapping.EventSourceArn}.`);
  if (mapping.ScalingConfig !== undefined) throw new Error('ScalingConfig does not go with a stream.');
  if (mapping.StartingPosition === undefined) throw new Error('A stream wants a StartingPosition.');
  return {
    ...common,
    kind: 'stream',
    batchSize: mapping.BatchSize ?? 100,
    startingPosition: mapping.StartingPosition,
    tumblingSeconds: mapping.TumblingWindowInSeconds === 0 ? undefined : mapping.TumblingWindowInSeconds,
    bisects: mapping.BisectBatchOnFunctionError ?? false,
    maximumRetries: limit(mapping.MaximumRetryAttempts),
    maximumAgeSeconds: limit(mapping.MaximumRecordAgeInSeconds),
    onFailureArn: mapping.DestinationConfig?.OnFailure?.Destination,
  };
}

/** -1 is AWS's word for no limit. */
function limit(value: number | undefined): number | undefined {
  return value === undefined || value === -1 ? undefined : value;
}
