import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import { dynamoService } from '#local/dynamo/service.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { globalTable, type LocalTables, localTables } from '../dynamo/local-tables.ts';
import { administrator, callers } from '../gateway/callers.ts';

const faults = new PlannedFaults(systemClock);
const clients: DynamoDBClient[] = [];
let tables: LocalTables;
let gateway: Gateway;

beforeAll(async () => {
  tables = await localTables();
  await tables.create('AWS::DynamoDB::GlobalTable', 'Registry', globalTable);
  gateway = new Gateway({ port: 0, access: callers([]), faults, log: () => {} });
  gateway.add(dynamoService({ engine: tables.client, writes: tables.writes, faults }));
  await gateway.listen();
});
afterEach(() => faults.endAll());
afterAll(async () => {
  for (const client of clients) client.destroy();
  await gateway.close();
  await tables.close();
});

function client(maxAttempts = 1): DynamoDBClient {
  const made = new DynamoDBClient({
    ...{ region: 'eu-central-1', endpoint: gateway.endpoint, credentials: administrator, maxAttempts },
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });
  clients.push(made);
  return made;
}

const TableName = 'Registry';
const item = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });
const put = (pk: string, more = {}) => new PutItemCommand({ TableName, Item: item(pk), ...more });
const isThere = async (pk: string) =>
  (await tables.client.call('GetItem', { TableName, Key: item(pk) })) !== undefined &&
  'Item' in Object(await tables.client.call('GetItem', { TableName, Key: item(pk) }));

test('a transaction that meets another one is cancelled with a reason an item, as the SDK reads it', async () => {
  faults.plan({ kind: 'conflict', hop: 'table', times: 1 });
  const TransactItems = ['c1', 'c2'].map((pk) => ({ Put: { TableName, Item: item(pk) } }));
  const error = await client()
    .send(new TransactWriteItemsCommand({ TransactItems }))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TransactionCanceledException);
  expect(error).toMatchObject({
    name: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict, None]',
    CancellationReasons: [
      { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
      { Code: 'None' },
    ],
    $metadata: { httpStatusCode: 400 },
  });
  expect(await isThere('c1')).toBe(false);
});

test('a single write that meets a transaction is told so, a read sees what is committed', async () => {
  faults.plan({ kind: 'conflict', hop: 'table' });
  await expect(client().send(put('c3'))).rejects.toMatchObject({ name: 'TransactionConflictException' });
  await client().send(new GetItemCommand({ TableName, Key: item('c3') }));
});

test.each([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'InternalServerError',
])('%s comes as the SDK knows it, and it tries again', async (error) => {
  faults.plan({ kind: 'fail', hop: 'table', error, times: 1 });
  await expect(client().send(put('f'))).rejects.toMatchObject({ name: error });
  faults.plan({ kind: 'fail', hop: 'table', error, times: 1 });
  await client(3).send(put('f'));
});

test('a connection that is cut before the write leaves nothing, and the SDK tries again', async () => {
  faults.plan({ kind: 'cut', hop: 'table', times: 1 });
  await expect(client().send(put('b'))).rejects.toThrow();
  expect(await isThere('b')).toBe(false);
  faults.plan({ kind: 'cut', hop: 'table', times: 1 });
  await client(3).send(put('b'));
  expect(await isThere('b')).toBe(true);
});

test('a connection that is cut after the write leaves it, and the second try meets the first', async () => {
  faults.plan({ kind: 'cut', hop: 'table', when: 'after', times: 1 });
  const conditional = { ConditionExpression: 'attribute_not_exists(pk)' };
  await expect(client(3).send(put('a', conditional))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
  expect(await isThere('a')).toBe(true);
});

test.each(['before', 'after'] as const)('a table that hangs %s the write never answers', async (when) => {
  faults.plan({ kind: 'hang', hop: 'table', when, times: 1 });
  await expect(client().send(put(`h-${when}`))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(await isThere(`h-${when}`)).toBe(when === 'after');
});

test('of a batch a table leaves a part, and that can be asked for again', async () => {
  const names = ['p0', 'p1', 'p2', 'p3'];
  faults.plan({ kind: 'partial', hop: 'table', times: 2 });
  const requests = names.map((pk) => ({ PutRequest: { Item: item(pk) } }));
  const written = await client().send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  expect(written.UnprocessedItems?.[TableName]).toHaveLength(2);
  expect(await Promise.all(names.map(isThere))).toEqual([false, false, true, true]);
  await client().send(new BatchWriteItemCommand({ RequestItems: written.UnprocessedItems }));

  faults.plan({ kind: 'partial', hop: 'table', times: 4 });
  const RequestItems = { [TableName]: { Keys: names.map(item), ConsistentRead: true } };
  const none = await client().send(new BatchGetItemCommand({ RequestItems }));
  expect(none.UnprocessedKeys?.[TableName]).toMatchObject({ ConsistentRead: true });
  const all = await client().send(new BatchGetItemCommand({ RequestItems: none.UnprocessedKeys }));
  expect(all.Responses?.[TableName]).toHaveLength(4);
});

test('through the gateway each service’s connection can be cut after the work, or hang', async () => {
  faults.plan({ kind: 'cut', hop: 'http', label: 'dynamodb:PutItem', when: 'after', times: 1 });
  await expect(client().send(put('g'))).rejects.toThrow();
  expect(await isThere('g')).toBe(true);
  faults.plan({ kind: 'hang', hop: 'http', label: 'dynamodb:PutItem', times: 1 });
  await expect(client().send(put('g2'))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(await isThere('g2')).toBe(false);
});
