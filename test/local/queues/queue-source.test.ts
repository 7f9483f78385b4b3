import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import type { EventSources } from '#local/queues/event-sources.ts';
import type { Queue } from '#local/queues/queue.ts';
import { type LocalTables, localTables } from '../dynamo/local-tables.ts';
import { eventually, grant, startSources } from './local-event-sources.ts';
import { type LocalQueues, localQueues } from './local-queues.ts';
import { answered, crashed, ScriptedFunction } from './scripted-function.ts';

const arn = 'arn:aws:sqs:eu-central-1:000000000000:work';
const rights = { [arn]: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] };

describe('a function that reads a queue', () => {
  let tables: LocalTables;
  let local: LocalQueues;
  let queue: Queue;
  let consumer: ScriptedFunction;
  let sources: EventSources | undefined;

  beforeAll(async () => {
    tables = await localTables();
  });
  afterAll(() => tables.close());

  beforeEach(async () => {
    local = localQueues();
    await local.create('AWS::SQS::Queue', 'work', { VisibilityTimeout: 1 });
    queue = local.queues.find('work');
    consumer = new ScriptedFunction();
  });

  afterEach(async () => {
    await sources?.close();
    sources = undefined;
    local.close();
  });

  const send = (body: string) => queue.send({ body, attributes: {}, sender: 'test' });
  const start = async (mapping = {}) => {
    sources = await startSources(
      { local, tables, clock: systemClock, consumer },
      { EventSourceArn: arn, FunctionResponseTypes: ['ReportBatchItemFailures'], ...mapping },
    );
  };

  test('gets at its start what was on its way to it when the process before died', async () => {
    grant(local.iam, rights);
    send('in flight');
    await queue.receive(1, 3_600, 0);
    expect(queue.counts()).toMatchObject({ visible: 0, inFlight: 1 });
    await start();
    await eventually(() => expect(consumer.batches.flat().map(({ body }) => body)).toEqual(['in flight']));
  });

  test('gets its messages as AWS writes them, and they are gone', async () => {
    grant(local.iam, rights);
    await start();
    const attributes = { kind: { DataType: 'String', StringValue: 'greeting' } };
    const { id } = queue.send({ body: 'hello', attributes, sender: 'AIDA' });
    await eventually(() => expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 }));
    expect(consumer.sources).toEqual([{ kind: 'event-source', eventSourceArn: arn }]);
    expect(consumer.batches).toEqual([
      [
        {
          messageId: id,
          receiptHandle: expect.any(String),
          body: 'hello',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: 'AIDA',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            kind: { stringValue: 'greeting', stringListValues: [], binaryListValues: [], dataType: 'String' },
          },
          md5OfBody: '5d41402abc4b2a76b9719d911017c592',
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: arn,
          awsRegion: 'eu-central-1',
        },
      ],
    ]);
  });

  test('sees only the message again that it reported', async () => {
    grant(local.iam, rights);
    const poison = send('poison');
    send('good');
    consumer.answer = () =>
      consumer.batches.length === 1 ? answered({ batchItemFailures: [{ itemIdentifier: poison.id }] }) : answered();
    await start();
    await eventually(() => expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 }));
    expect(consumer.batches.map((batch) => batch.map(({ body }) => body))).toEqual([['poison', 'good'], ['poison']]);
  });

  test('sees every message of its batch again when it crashes', async () => {
    grant(local.iam, rights);
    send('a');
    send('b');
    consumer.answer = () => (consumer.batches.length === 1 ? crashed : answered());
    await start();
    await eventually(() => expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 }));
    expect(consumer.batches.flatMap((batch) => batch.map(({ body }) => body)).sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  test('waits with a window until its batch is full', async () => {
    grant(local.iam, rights);
    await start({ BatchSize: 12, MaximumBatchingWindowInSeconds: 300 });
    for (let index = 0; index < 12; index++) send(`${index}`);
    await eventually(() => expect(consumer.batches.map(({ length }) => length)).toEqual([12]));
  });

  test('is not started for a role that may not read the queue', async () => {
    grant(local.iam, { [arn]: ['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'] });
    await expect(start()).rejects.toThrow(/Mapping cannot work: .*sqs:DeleteMessage/);
  });

  test.each([
    [{ FilterCriteria: {} }, /FilterCriteria/],
    [{ BatchSize: 11 }, /MaximumBatchingWindowInSeconds/],
    [{ BisectBatchOnFunctionError: true }, /BisectBatchOnFunctionError/],
    [{ EventSourceArn: 'arn:aws:kinesis:eu-central-1:000000000000:stream/x' }, /kinesis/],
  ])('is not started with a setting that the local cloud does not know: %j', async (mapping, error) => {
    grant(local.iam, rights);
    await expect(start(mapping)).rejects.toThrow(error);
  });
});
