import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { queueService } from '#local/queues/service.ts';
import { type LocalQueues, localQueues } from './local-queues.ts';

const role = 'arn:aws:iam::000000000000:role/worker';
const arn = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

describe('SQS behind the gateway', () => {
  let local: LocalQueues;
  let gateway: Gateway;
  let sqs: SQSClient;
  let QueueUrl: string;

  beforeAll(async () => {
    local = localQueues({ endpoint: () => gateway.endpoint });
    gateway = new Gateway({ port: 0, access: local.iam, faults: noFaults, log: () => {} });
    gateway.add(queueService(local.queues));
    await gateway.listen();
    await local.create('AWS::SQS::Queue', 'dead', {});
    QueueUrl = (
      await local.create('AWS::SQS::Queue', 'work', {
        RedrivePolicy: { deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 },
      })
    ).ref;
    const { accessKeyId, secretAccessKey } = local.iam.administratorKey;
    const options = { region: 'eu-central-1', endpoint: gateway.endpoint, maxAttempts: 1 };
    sqs = new SQSClient({ ...options, credentials: { accessKeyId, secretAccessKey } });
  });

  afterAll(async () => {
    await gateway.close();
    local.close();
  });

  beforeEach(async () => {
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  test('delivers body and attributes with digests that the SDK finds right', async () => {
    const { MessageId } = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'grüß dich',
        MessageAttributes: {
          b: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
          a: { DataType: 'Number.int', StringValue: '7' },
        },
      }),
    );
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toMatchObject([
      {
        MessageId,
        Body: 'grüß dich',
        Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
        MessageAttributes: { a: { StringValue: '7' }, b: { BinaryValue: new Uint8Array([0, 255]) } },
      },
    ]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
    expect(await counts('work')).toEqual([0, 0]);
  });

  test('wakes a long poll when a message arrives', async () => {
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'at last' }));
    expect((await waiting).Messages?.[0]?.Body).toBe('at last');
  });

  test('gives a message back when its visibility is set to nothing, and up after its last receive', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    for (const round of ['1', '2']) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MessageSystemAttributeNames: ['All'] }),
      );
      expect(Messages[0]?.Attributes?.['ApproximateReceiveCount']).toBe(round);
      const ReceiptHandle = Messages[0]?.ReceiptHandle;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    }
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: local.queues.url('dead'), MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toMatchObject([{ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arn('work') } }]);
  });

  test('reports each entry of a batch', async () => {
    const { Successful = [], Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'x' },
          { Id: 'bad', MessageBody: '\u0000' },
        ],
      }),
    );
    expect([Successful.map(({ Id }) => Id), Failed.map(({ Id }) => Id)]).toEqual([['good'], ['bad']]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(await counts('work')).toEqual([0, 0]);
  });

  test('names the error that handlers look for', async () => {
    const missing = sqs.send(new GetQueueUrlCommand({ QueueName: 'missing' }));
    await expect(missing).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const broken = sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }));
    await expect(broken).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    const empty = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] }));
    await expect(empty).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    const long = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(1_048_577) }));
    await expect(long).rejects.toThrow(/shorter than 1048576/);
    const late = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds: 901 }));
    await expect(late).rejects.toThrow(/900/);
  });

  test('lists its queues under the address of the gateway', async () => {
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'w' }));
    expect(QueueUrls).toEqual([`${gateway.endpoint}/000000000000/work`]);
    const { QueueUrl: found } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'work' }));
    expect(found).toBe(QueueUrl);
  });

  test('asks the policies of the role and of the queue', async () => {
    const trust = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    };
    local.iam.putRole({ roleName: 'worker', arn: role, trustPolicy: trust, tags: {} });
    const worker = new SQSClient({
      region: 'eu-central-1',
      endpoint: gateway.endpoint,
      credentials: local.iam.issueKey(role),
      maxAttempts: 1,
    });
    const send = () => worker.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }));
    await expect(send()).rejects.toThrow(/not authorized to perform: sqs:SendMessage on resource: .*:work/);
    const allowed = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn('work') };
    local.iam.putRolePolicy('worker', 'sends', { Version: '2012-10-17', Statement: allowed });
    await expect(send()).resolves.toMatchObject({ Successful: [{ Id: 'a' }] });
    const PolicyDocument = { Statement: { ...allowed, Effect: 'Deny', Principal: { AWS: '*' } } };
    await local.create('AWS::SQS::QueuePolicy', 'policy', { Queues: [QueueUrl], PolicyDocument });
    await expect(send()).rejects.toThrow(/explicit deny in a resource-based policy/);
  });

  async function counts(name: string): Promise<number[]> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: local.queues.url(name), AttributeNames: ['All'] }),
    );
    return [
      Number(Attributes['ApproximateNumberOfMessages']),
      Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
    ];
  }
});
