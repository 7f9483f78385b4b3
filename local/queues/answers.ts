import { AwsError } from '#local/aws-error.ts';
import { attributesMd5, type Message, type MessageAttributes, md5 } from './message.ts';
import type { Queue, ReceivedMessage } from './queue.ts';
import { formerCode } from './sqs-error.ts';

export function sentAnswer(message: Message): object {
  const attributes = attributesMd5(message.attributes);
  const system = systemAttributesMd5(message);
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(message.body),
    ...(attributes === undefined ? {} : { MD5OfMessageAttributes: attributes }),
    ...(system === undefined ? {} : { MD5OfMessageSystemAttributes: system }),
  };
}

function systemAttributesMd5({ traceHeader }: Message): string | undefined {
  if (traceHeader === undefined) return undefined;
  return attributesMd5({ AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } });
}

export function receivedAnswer(
  received: ReceivedMessage,
  systemNames: readonly string[],
  attributeNames: readonly string[],
): object {
  const { message, receiptHandle } = received;
  const system = wanted(systemAttributes(received), systemNames);
  const attributes: MessageAttributes = wanted(message.attributes, attributeNames);
  const digest = attributesMd5(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(system).length === 0 ? {} : { Attributes: system }),
    ...(digest === undefined ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
  };
}

export function systemAttributes({ message, receives, firstReceivedAt }: ReceivedMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(receives),
    ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
    SentTimestamp: String(message.sentAt),
    SenderId: message.sender,
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
  };
}

/** `All`, `.*` and `prefix.*` choose many. */
function wanted<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const chosen = (name: string) =>
    names.some(
      (pattern) =>
        pattern === 'All' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(all).filter(([name]) => chosen(name)));
}

export function queueAttributes(queue: Queue, policy: unknown, names: readonly string[]): Record<string, string> {
  const { settings, createdAt } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const created = String(Math.floor(createdAt / 1000));
  const { redrive } = settings;
  const all: Record<string, string> = {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
    VisibilityTimeout: String(settings.visibilityTimeout),
    MaximumMessageSize: String(settings.maximumMessageSize),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.waitSeconds),
    SqsManagedSseEnabled: 'true',
    ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
    ...(redrive === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.deadLetterArn,
            maxReceiveCount: redrive.maxReceiveCount,
          }),
        }),
  };
  const known = new Set([
    ...Object.keys(all),
    'All',
    'Policy',
    'RedrivePolicy',
    'RedriveAllowPolicy',
    'KmsMasterKeyId',
  ]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new AwsError('InvalidAttributeName', 400, `Unknown Attribute ${unknown}.`);
  }
  return wanted(all, names);
}

/** Runs each entry of a batch by itself: one that fails does not keep the others. */
export async function batchAnswer<T extends { readonly Id: string }>(
  entries: readonly T[],
  one: (entry: T) => object | Promise<object>,
): Promise<object> {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(await one(entry)) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({
        Id: entry.Id,
        Code: formerCode(error.name),
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return { Successful, Failed };
}
