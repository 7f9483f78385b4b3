import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import type { EventSources } from '#local/queues/event-sources.ts';
import { eventually, grant, startSources } from '../queues/local-event-sources.ts';
import { type LocalQueues, localQueues } from '../queues/local-queues.ts';
import { answered, crashed, type EventRecord, ScriptedFunction } from '../queues/scripted-function.ts';
import { globalTable, type LocalTables, localTables } from './local-tables.ts';

const dead = 'arn:aws:sqs:eu-central-1:000000000000:dead';
const actions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `dynamodb:${name}`);
const keys = (records: readonly EventRecord[]) => records.map(({ dynamodb }) => dynamodb?.Keys.pk.S);

describe('a function that reads the stream of a table', () => {
  let tables: LocalTables;
  let local: LocalQueues;
  let consumer: ScriptedFunction;
  let sources: EventSources | undefined;
  let stream: string;
  let table: string;
  let serial = 0;

  beforeAll(async () => {
    tables = await localTables();
  });
  afterAll(() => tables.close());

  beforeEach(async () => {
    table = `Table${serial++}`;
    const { attributes } = await tables.create('AWS::DynamoDB::GlobalTable', table, globalTable);
    stream = String(attributes['StreamArn']);
    local = localQueues();
    await local.create('AWS::SQS::Queue', 'dead', {});
    grant(local.iam, { [stream]: actions, [dead]: ['sqs:SendMessage'] });
    consumer = new ScriptedFunction();
  });

  afterEach(async () => {
    await sources?.close();
    sources = undefined;
    local.close();
  });

  const start = async (mapping = {}) => {
    sources = await startSources(
      { local, tables, clock: systemClock, consumer },
      {
        EventSourceArn: stream,
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...mapping,
      },
    );
  };
  const put = async (pk: string, value = '1') => {
    const Item = { pk: { S: pk }, sk: { S: 'x' }, value: { S: value } };
    await tables.client.call('PutItem', { TableName: table, Item });
    tables.writes.announce(table);
  };

  test('gets inserts, changes and removals as AWS writes them', async () => {
    await start();
    await put('a');
    await put('a', '2');
    await tables.client.call('DeleteItem', { TableName: table, Key: { pk: { S: 'a' }, sk: { S: 'x' } } });
    tables.writes.announce(table);
    await eventually(() => expect(consumer.batches.flat()).toHaveLength(3));
    const [insert, modify, remove] = consumer.batches.flat();
    expect(consumer.sources[0]).toEqual({ kind: 'event-source', eventSourceArn: stream });
    expect(insert).toMatchObject({
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      eventSourceARN: stream,
      awsRegion: 'eu-central-1',
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      dynamodb: {
        Keys: { pk: { S: 'a' }, sk: { S: 'x' } },
        NewImage: { value: { S: '1' } },
        SequenceNumber: expect.stringMatching(/^\d{21,}$/),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        SizeBytes: expect.any(Number),
        ApproximateCreationDateTime: expect.any(Number),
      },
    });
    expect(modify).toMatchObject({
      eventName: 'MODIFY',
      dynamodb: { OldImage: { value: { S: '1' } }, NewImage: { value: { S: '2' } } },
    });
    expect(remove).toMatchObject({ eventName: 'REMOVE', dynamodb: { OldImage: { value: { S: '2' } } } });
    expect(remove?.dynamodb?.NewImage).toBeUndefined();
  });

  test('hears of a write at once, not at the next poll', async () => {
    await start();
    await put('first');
    await eventually(() => expect(consumer.batches.flat()).toHaveLength(1));
    const before = performance.now();
    await put('second');
    await eventually(() => expect(consumer.batches.flat()).toHaveLength(2));
    expect(performance.now() - before).toBeLessThan(500);
  });

  test('goes on after a restart where it stopped, and misses nothing in between', async () => {
    await start();
    await put('before');
    await eventually(() => expect(consumer.batches.flat()).toHaveLength(1));
    await sources?.close();
    await put('while stopped');
    await start();
    await put('after');
    await eventually(() => expect(consumer.batches.flat()).toHaveLength(3));
    expect(keys(consumer.batches.flat())).toEqual(['before', 'while stopped', 'after']);
  });

  test('begins at the end when the mapping says LATEST', async () => {
    await put('history');
    await start({ StartingPosition: 'LATEST' });
    await eventually(async () => {
      await put('news');
      expect(consumer.batches.flat().length).toBeGreaterThan(0);
    });
    expect(keys(consumer.batches.flat())).not.toContain('history');
  });

  test('continues at the record that it reported', async () => {
    for (const pk of ['a', 'b', 'c']) await put(pk);
    consumer.answer = (records) => {
      const failed = records.find(({ dynamodb }) => dynamodb?.Keys.pk.S === 'b');
      if (consumer.batches.length > 1 || failed === undefined) return answered();
      return answered({ batchItemFailures: [{ itemIdentifier: failed.dynamodb?.SequenceNumber }] });
    };
    await start();
    await eventually(() =>
      expect(consumer.batches.map(keys)).toEqual([
        ['a', 'b', 'c'],
        ['b', 'c'],
      ]),
    );
  });

  test('loses only the poison record: it is cut out by halving, and its place is told to the failure queue', async () => {
    for (const pk of ['a', 'b', 'poison', 'd']) await put(pk);
    const done: (string | undefined)[] = [];
    consumer.answer = (records) => {
      if (keys(records).includes('poison')) return crashed;
      done.push(...keys(records));
      return answered();
    };
    await start({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: dead } },
    });
    await eventually(() => expect(done).toEqual(['a', 'b', 'd']));
    const [notice] = await local.queues.find('dead').receive(10, 30, 5);
    expect(JSON.parse(notice?.message.body ?? '')).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: stream, startSequenceNumber: '3'.padStart(21, '0') },
    });
    await put('e');
    await eventually(() => expect(done).toEqual(['a', 'b', 'd', 'e']));
  });

  test('gets tumbling windows: its shard, what it answered before, and one last call at the end of each', async () => {
    consumer.answer = (records) => answered({ state: { seen: keys(records) }, batchItemFailures: [] });
    await start({ TumblingWindowInSeconds: 1 });
    await put('a');
    await eventually(() => expect(consumer.events.at(-1)).toMatchObject({ Records: [], isFinalInvokeForWindow: true }));
    const [first, last] = [consumer.events[0], consumer.events.at(-1)];
    expect(first).toMatchObject({ state: {}, isFinalInvokeForWindow: false, eventSourceARN: stream });
    expect(last).toMatchObject({ state: { seen: ['a'] }, shardId: expect.stringMatching(/./) });
    await put('b');
    await eventually(() => expect(keys(consumer.batches.flat())).toEqual(['a', 'b']));
    expect(consumer.events[consumer.batches.findIndex((batch) => keys(batch).includes('b'))]).toMatchObject({
      ...{ state: {}, window: { start: expect.stringMatching(/Z$/), end: expect.stringMatching(/Z$/) } },
    });
  });

  test('that answers no state to a window gets its batch again', async () => {
    consumer.answer = () => answered(consumer.batches.length < 3 ? {} : { state: {} });
    await start({ TumblingWindowInSeconds: 300 });
    await put('a');
    await eventually(() => expect(consumer.batches.map(keys)).toEqual([['a'], ['a'], ['a']]));
  });

  test('is not started for a role that may not read the stream', async () => {
    grant(local.iam, { [stream]: actions.filter((name) => name !== 'dynamodb:GetRecords') });
    await expect(start()).rejects.toThrow(/Mapping cannot work: .*dynamodb:GetRecords/);
  });
});
