import type { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsRequest, AwsResponse, AwsService } from '#local/gateway/service.ts';
import { batchAnswer, queueAttributes, receivedAnswer, sentAnswer } from './answers.ts';
import { messageSize } from './message.ts';
import type { Queue } from './queue.ts';
import { type Queues, queueName } from './queues.ts';
import * as requests from './requests.ts';
import { sqsErrorAnswer } from './sqs-error.ts';

interface Call<T> {
  readonly queues: Queues;
  readonly request: AwsRequest;
  readonly input: T;
  /** Throws QueueDoesNotExist. */
  readonly queue: () => Queue;
}

interface Operation {
  /** The IAM action: a batch needs that of its single form. */
  readonly action: string;
  run(call: Call<unknown>): object | Promise<object>;
}

const longestBatchBytes = 1_048_576;

function operation<T>(
  action: string,
  schema: z.ZodType<T>,
  run: (call: Call<T>) => object | Promise<object>,
): Operation {
  return { action, run: (call) => run({ ...call, input: requests.parseInput(schema, call.input) }) };
}

const operations: Readonly<Record<string, Operation>> = {
  SendMessage: operation('SendMessage', requests.sendMessage, async (call) => sentAnswer(await send(call, call.input))),
  SendMessageBatch: operation('SendMessage', requests.sendMessageBatch, (call) => {
    const { Entries: entries } = call.input;
    requests.checkBatch(entries);
    const bytes = entries.reduce((sum, entry) => sum + messageSize(entry.MessageBody, entry.MessageAttributes), 0);
    if (bytes > longestBatchBytes) {
      throw new AwsError(
        'BatchRequestTooLong',
        400,
        `Batch requests cannot be longer than ${longestBatchBytes} bytes.`,
      );
    }
    const refused = call.queues.refusedBy(
      call.queue(),
      entries.map(({ Id }) => Id),
    );
    return batchAnswer(entries, async (entry) => {
      if (refused.has(entry.Id)) throw new AwsError('InternalError', 500, 'The entry was not taken, by a fault.');
      return sentAnswer(await send(call, entry));
    });
  }),
  ReceiveMessage: operation('ReceiveMessage', requests.receiveMessage, async ({ input, queue }) => {
    const { settings } = queue();
    const messages = await queue().receive(
      input.MaxNumberOfMessages,
      input.VisibilityTimeout ?? settings.visibilityTimeout,
      input.WaitTimeSeconds ?? settings.waitSeconds,
    );
    const systemNames = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
    const names = input.MessageAttributeNames ?? [];
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => receivedAnswer(message, systemNames, names)) };
  }),
  DeleteMessage: operation('DeleteMessage', requests.deleteMessage, ({ input, queue }) => {
    queue().delete(input.ReceiptHandle);
    return {};
  }),
  DeleteMessageBatch: operation('DeleteMessage', requests.deleteMessageBatch, ({ input, queue }) => {
    requests.checkBatch(input.Entries);
    return batchAnswer(input.Entries, (entry) => {
      queue().delete(entry.ReceiptHandle);
      return {};
    });
  }),
  ChangeMessageVisibility: operation('ChangeMessageVisibility', requests.changeVisibility, ({ input, queue }) => {
    queue().changeVisibility(input.ReceiptHandle, input.VisibilityTimeout);
    return {};
  }),
  ChangeMessageVisibilityBatch: operation(
    'ChangeMessageVisibility',
    requests.changeVisibilityBatch,
    ({ input, queue }) => {
      requests.checkBatch(input.Entries);
      return batchAnswer(input.Entries, (entry) => {
        queue().changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout);
        return {};
      });
    },
  ),
  GetQueueAttributes: operation('GetQueueAttributes', requests.getQueueAttributes, ({ input, queue, queues }) => {
    const Attributes = queueAttributes(queue(), queues.policy(queue()), input.AttributeNames ?? []);
    return Object.keys(Attributes).length === 0 ? {} : { Attributes };
  }),
  GetQueueUrl: operation('GetQueueUrl', requests.getQueueUrl, ({ input, queues }) => ({
    QueueUrl: queues.url(queues.find(input.QueueName).settings.name),
  })),
  ListQueues: operation('ListQueues', requests.listQueues, ({ input, queues }) => {
    const names = queues.all().map(({ settings }) => settings.name);
    const found = names.filter((name) => name.startsWith(input.QueueNamePrefix)).sort();
    return found.length === 0 ? {} : { QueueUrls: found.map((name) => queues.url(name)) };
  }),
  PurgeQueue: operation('PurgeQueue', requests.justQueue, ({ queue }) => {
    queue().purge();
    return {};
  }),
};

function send(
  { queue, queues, request }: Call<unknown>,
  { MessageBody: body, MessageAttributes: attributes, DelaySeconds: delaySeconds, ...rest }: requests.SentEntry,
) {
  const traceHeader = rest.MessageSystemAttributes?.AWSTraceHeader?.StringValue;
  const sender = request.principal.arn;
  return queues.accept(queue(), { body, attributes, sender, delaySeconds, traceHeader });
}

/** SQS for SDK clients (the JSON protocol of today's SDKs). */
export function queueService(queues: Queues): AwsService {
  return { names: ['sqs'], understand: (request) => understand(request, queues) };
}

function understand(request: AwsRequest, queues: Queues): AwsOperation {
  const target = request.headers['x-amz-target'];
  if (target === undefined) {
    throw new AwsError('InvalidAction', 400, 'The local SQS speaks the JSON protocol: use an SDK of 2024 or later.');
  }
  const name = target.slice(target.indexOf('.') + 1);
  const found = operations[name];
  if (found === undefined) {
    throw new AwsError('UnsupportedOperation', 400, `The local SQS has no operation "${name}".`);
  }
  const input = parse(request.body);
  const reference = name === 'GetQueueUrl' ? input['QueueName'] : input['QueueUrl'];
  const queue = typeof reference === 'string' ? queueName(reference) : '';
  return {
    name,
    permissions: [{ action: `sqs:${found.action}`, resource: name === 'ListQueues' ? '*' : queues.arn(queue) }],
    run: () => answer(() => found.run({ queues, request, input, queue: () => queues.find(queue) })),
  };
}

async function answer(run: () => object | Promise<object>): Promise<AwsResponse> {
  try {
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: await run() };
  } catch (error) {
    if (error instanceof AwsError) return sqsErrorAnswer(error);
    throw error;
  }
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // falls through to the one answer for anything that is not an object
  }
  throw new AwsError('SerializationException', 400, 'The body is not a JSON object.');
}
