import { createHash } from 'node:crypto';
import { z } from 'zod';

const attributes = z.record(z.string(), z.unknown());

/** A record as the engine's stream gives it. */
const streamRecord = z.object({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  eventVersion: z.string().default('1.1'),
  dynamodb: z.object({
    ApproximateCreationDateTime: z.number(),
    Keys: attributes,
    NewImage: attributes.optional(),
    OldImage: attributes.optional(),
    SequenceNumber: z.string(),
    SizeBytes: z.number(),
    StreamViewType: z.string(),
  }),
  userIdentity: z.unknown().optional(),
});

export type StreamRecord = z.infer<typeof streamRecord>;

/** A record and when it was first read, by the local clock. */
export interface SeenRecord {
  readonly record: StreamRecord;
  readonly seenAt: number;
  /** The traces that may have caused it. */
  readonly causes?: readonly string[];
}

export const recordsPage = z.object({
  Records: z.array(streamRecord),
  /** Absent when the shard is closed and read to its end. */
  NextShardIterator: z.string().nullish(),
});

export const streamDescription = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.string().nullish() })),
    LastEvaluatedShardId: z.string().nullish(),
  }),
});

export const shardIterator = z.object({ ShardIterator: z.string() });

/** AWS's sequence numbers have at least 21 digits. */
export function sequenceNumber(record: StreamRecord): string {
  return record.dynamodb.SequenceNumber.padStart(21, '0');
}

/** The record as a function sees it (Lambda developer guide, "Using Lambda with DynamoDB"). */
export function eventRecord(record: StreamRecord, streamArn: string, region: string): object {
  const sequence = sequenceNumber(record);
  return {
    eventID: createHash('md5').update(`${streamArn}/${sequence}`).digest('hex'),
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: { ...record.dynamodb, SequenceNumber: sequence },
    ...(record.userIdentity === undefined || record.userIdentity === null ? {} : { userIdentity: record.userIdentity }),
    eventSourceARN: streamArn,
  };
}

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>` */
export function tableOf(streamArn: string): string {
  return streamArn.split('/')[1] ?? '';
}
