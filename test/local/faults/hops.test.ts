import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import { EventBuses } from '#local/events/event-bus.ts';
import { eventsService } from '#local/events/service.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import type { EventSources } from '#local/queues/event-sources.ts';
import { queueService } from '#local/queues/service.ts';
import { globalTable, type LocalTables, localTables, place } from '../dynamo/local-tables.ts';
import { eventually, grant, startSources } from '../queues/local-event-sources.ts';
import { type LocalQueues, localQueues } from '../queues/local-queues.ts';
import { ScriptedFunction } from '../queues/scripted-function.ts';

const arn = 'arn:aws:sqs:eu-central-1:000000000000:work';
const streamActions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
  (each) => `dynamodb:${each}`,
);
const reporting = { FunctionResponseTypes: ['ReportBatchItemFailures'] };

let faults: PlannedFaults;
let tables: LocalTables;
let local: LocalQueues;
let gateway: Gateway;
let sqs: SQSClient;
let events: EventBridgeClient;
let buses: EventBuses;
let QueueUrl: string;
let consumer: ScriptedFunction;
let sources: EventSources | undefined;

beforeAll(async () => {
  tables = await localTables();
});
afterAll(() => tables.close());

beforeEach(async () => {
  faults = new PlannedFaults(systemClock);
  local = localQueues({ endpoint: () => gateway.endpoint, faults });
  const { queues, state } = local;
  buses = new EventBuses({
    ...place,
    state,
    clock: systemClock,
    faults,
    queues,
    invoker: new ScriptedFunction(),
    log: () => {},
  });
  gateway = new Gateway({ port: 0, access: local.iam, faults, log: () => {} });
  gateway.add(queueService(queues));
  gateway.add(eventsService(buses, faults));
  await gateway.listen();
  QueueUrl = (await local.create('AWS::SQS::Queue', 'work', { VisibilityTimeout: 1 })).ref;
  const credentials = local.iam.administratorKey;
  const options = { region: 'eu-central-1', endpoint: gateway.endpoint, credentials };
  sqs = new SQSClient({ ...options, maxAttempts: 2 });
  events = new EventBridgeClient({ ...options, maxAttempts: 1 });
  consumer = new ScriptedFunction();
});

afterEach(async () => {
  faults.endAll();
  await sources?.close();
  sources = undefined;
  sqs.destroy();
  events.destroy();
  buses.stop();
  await gateway.close();
  local.close();
});

const start = async (mapping: Readonly<Record<string, unknown>>) => {
  sources = await startSources({ local, tables, clock: systemClock, consumer, faults }, mapping);
};
const visible = () => local.queues.find('work').counts().visible;
const message = (MessageBody: string) => new SendMessageCommand({ QueueUrl, MessageBody });

test('a message whose sender was cut off before it was stored is stored once, by the second attempt', async () => {
  faults.plan({ kind: 'cut', hop: 'queue', times: 1 });
  await sqs.send(message('once'));
  expect(visible()).toBe(1);
});

test('a message whose sender was cut off after it was stored is there twice', async () => {
  faults.plan({ kind: 'cut', hop: 'queue', when: 'after', times: 1 });
  await sqs.send(message('twice'));
  expect(visible()).toBe(2);
});

test('a queue above its rate throttles as SQS does, and the SDK comes again', async () => {
  faults.plan({ kind: 'throttle', hop: 'queue', rate: 1, times: 1 });
  await Promise.all([sqs.send(message('a')), sqs.send(message('b'))]);
  expect(visible()).toBe(2);
  expect(faults.disturbances).toHaveLength(1);
});

test('of a batch of messages those that fail are named and not stored', async () => {
  faults.plan({ kind: 'partial', hop: 'queue', label: 'work:SendMessageBatch', after: 1, times: 1 });
  const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }));
  const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
  expect(Failed).toMatchObject([{ Id: 'b', SenderFault: false }]);
  expect(visible()).toBe(2);
});

test('a message that was worked off and is reported failed comes again, and its neighbours do not', async () => {
  grant(local.iam, { [arn]: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] });
  for (const body of ['a', 'b']) local.queues.find('work').send({ body, attributes: {}, sender: 'test' });
  faults.plan({ kind: 'partial', hop: 'queue', label: 'work', after: 1, times: 1 });
  await start({ EventSourceArn: arn, ...reporting });
  await eventually(() => expect(consumer.batches.flat().map(({ body }) => body)).toEqual(['a', 'b', 'b']));
  await eventually(() => expect(local.queues.find('work').counts()).toMatchObject({ visible: 0, inFlight: 0 }));
});

test('without partial responses one failed record brings the whole batch again', async () => {
  grant(local.iam, { [arn]: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] });
  for (const body of ['a', 'b']) local.queues.find('work').send({ body, attributes: {}, sender: 'test' });
  faults.plan({ kind: 'partial', hop: 'queue', label: 'work', times: 1 });
  await start({ EventSourceArn: arn });
  await eventually(() => expect(consumer.batches.flat()).toHaveLength(4));
});

test('a queue loses its order, and no message', async () => {
  faults.plan({ kind: 'reorder', hop: 'queue', times: 1 });
  await Promise.all([sqs.send(message('first')), sqs.send(message('second'))]);
  const received = await local.queues.find('work').receive(10, 30, 0);
  expect(received.map(({ message: { body } }) => body).sort()).toEqual(['first', 'second']);
  expect(faults.disturbances).toMatchObject([{ kind: 'reorder' }]);
});

test('a stream’s record that was worked off and is reported failed comes again with those behind it', async () => {
  const { attributes } = await tables.create('AWS::DynamoDB::GlobalTable', 'Partly', globalTable);
  const stream = String(attributes['StreamArn']);
  grant(local.iam, { [stream]: streamActions });
  for (const pk of ['a', 'b', 'c']) {
    await tables.client.call('PutItem', { TableName: 'Partly', Item: { pk: { S: pk }, sk: { S: 'x' } } });
  }
  faults.plan({ kind: 'partial', hop: 'stream', label: 'Partly', after: 1, times: 1 });
  await start({ EventSourceArn: stream, StartingPosition: 'TRIM_HORIZON', ...reporting });
  const keys = () => consumer.batches.flat().map(({ dynamodb }) => dynamodb?.Keys.pk.S);
  await eventually(() => expect(keys().slice(-2)).toEqual(['b', 'c']));
  expect(keys()[0]).toBe('a');
  expect(faults.disturbances).toMatchObject([{ kind: 'partial', hop: 'stream' }]);
});

test('a stream that is throttled or held keeps the order of its records', async () => {
  const { attributes } = await tables.create('AWS::DynamoDB::GlobalTable', 'Ordered', globalTable);
  const stream = String(attributes['StreamArn']);
  grant(local.iam, { [stream]: streamActions });
  faults.plan({ kind: 'reorder', hop: 'stream', milliseconds: 50, probability: 0.5 });
  faults.plan({ kind: 'throttle', hop: 'stream', rate: 50 });
  await start({ EventSourceArn: stream, StartingPosition: 'TRIM_HORIZON', BatchSize: 1, ...reporting });
  const pks = Array.from({ length: 10 }, (_, index) => `k${index}`);
  for (const pk of pks) {
    await tables.client.call('PutItem', { TableName: 'Ordered', Item: { pk: { S: pk }, sk: { S: 'x' } } });
  }
  tables.writes.announce('Ordered');
  await eventually(() => expect(consumer.batches.flat().map(({ dynamodb }) => dynamodb?.Keys.pk.S)).toEqual(pks));
});

test('of the entries put onto a bus those that fail say so, and are not put', async () => {
  faults.plan({ kind: 'partial', hop: 'event', label: 'default:PutEvents', times: 1 });
  const Entries = ['one', 'two'].map((DetailType) => ({ Source: 'test', DetailType, Detail: '{}' }));
  const { Entries: answers, FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
  expect(FailedEntryCount).toBe(1);
  expect(answers).toMatchObject([{ ErrorCode: 'InternalFailure' }, { EventId: expect.any(String) }]);
});
