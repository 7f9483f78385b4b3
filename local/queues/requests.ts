import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import { messageAttributes } from './message.ts';

const visibility = z.number().int().min(0).max(43_200);
const names = z.array(z.string()).optional();

const systemAttributes = z
  .strictObject({ AWSTraceHeader: z.object({ DataType: z.literal('String'), StringValue: z.string() }).optional() })
  .optional();

const sent = {
  MessageBody: z.string(),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
  MessageAttributes: messageAttributes.default({}),
  MessageSystemAttributes: systemAttributes,
};
const entryId = { Id: z.string() };
const queueUrl = { QueueUrl: z.string().optional() };

/** The inputs of the operations, of which SQS refuses unknown members of FIFO queues in particular. */
export const sendMessage = z.strictObject({ ...queueUrl, ...sent });
export const sendMessageBatch = z.strictObject({
  ...queueUrl,
  Entries: z.array(z.strictObject({ ...entryId, ...sent })).default([]),
});
export const receiveMessage = z.strictObject({
  ...queueUrl,
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
  MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
  VisibilityTimeout: visibility.optional(),
  WaitTimeSeconds: z.number().int().min(0).max(20).optional(),
});
export const deleteMessage = z.strictObject({ ...queueUrl, ReceiptHandle: z.string() });
export const deleteMessageBatch = z.strictObject({
  ...queueUrl,
  Entries: z.array(z.strictObject({ ...entryId, ReceiptHandle: z.string() })).default([]),
});
export const changeVisibility = z.strictObject({
  ...queueUrl,
  ReceiptHandle: z.string(),
  VisibilityTimeout: visibility,
});
export const changeVisibilityBatch = z.strictObject({
  ...queueUrl,
  Entries: z
    .array(z.strictObject({ ...entryId, ReceiptHandle: z.string(), VisibilityTimeout: visibility }))
    .default([]),
});
export const getQueueAttributes = z.strictObject({ ...queueUrl, AttributeNames: names });
export const getQueueUrl = z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() });
export const listQueues = z.strictObject({
  QueueNamePrefix: z.string().default(''),
  MaxResults: z.number().int().min(1).max(1000).optional(),
  NextToken: z.string().optional(),
});
export const justQueue = z.strictObject(queueUrl);

export type SentEntry = z.infer<typeof sendMessage>;

export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError('InvalidParameterValue', 400, z.prettifyError(parsed.error));
}

/** The rules that all batches share. */
export function checkBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length === 0) throw batch('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) {
    throw batch('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
  }
  const ids = entries.map(({ Id }) => Id);
  if (new Set(ids).size !== ids.length) throw batch('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  const odd = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (odd !== undefined) throw batch('InvalidBatchEntryId', `The Id "${odd}" is not 1-80 letters, digits, - or _.`);
}

function batch(name: string, message: string): AwsError {
  return new AwsError(name, 400, message);
}
