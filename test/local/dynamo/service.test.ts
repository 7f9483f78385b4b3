import {
  BatchGetItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoService } from '#local/dynamo/service.ts';
import { type Faults, noFaults } from '#local/faults/faults.ts';
import type { Gateway } from '#local/gateway/gateway.ts';
import { administrator, callers, newGateway, tester } from '../gateway/callers.ts';
import { globalTable, type LocalTables, localTables } from './local-tables.ts';

const arn = 'arn:aws:dynamodb:eu-central-1:000000000000:table/Registry';
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'vehicle' } });

describe('DynamoDB behind the gateway', () => {
  let tables: LocalTables;
  let gateway: Gateway;
  let admin: DynamoDBClient;
  let role: DynamoDBClient;
  let faults: Faults = noFaults;
  const announced: string[] = [];

  beforeAll(async () => {
    tables = await localTables();
    await tables.create('AWS::DynamoDB::GlobalTable', 'Registry', globalTable);
    tables.writes.follow('Registry', () => announced.push('Registry'));
    gateway = newGateway(callers([`dynamodb:PutItem ${arn}`, `dynamodb:Query ${arn}/index/byBrand`]));
    gateway.add(
      dynamoService({
        engine: tables.client,
        writes: tables.writes,
        faults: { at: (hop, label) => faults.at(hop, label) },
      }),
    );
    await gateway.listen();
    const options = { region: 'eu-central-1', endpoint: gateway.endpoint, maxAttempts: 1 };
    admin = new DynamoDBClient({ ...options, credentials: administrator });
    role = new DynamoDBClient({ ...options, credentials: tester });
  });

  afterAll(async () => {
    await gateway.close();
    await tables.close();
  });

  test('keeps what is put, and says that something was written', async () => {
    announced.length = 0;
    await admin.send(new PutItemCommand({ TableName: 'Registry', Item: { ...key('a'), brand: { S: 'audi' } } }));
    const { Item } = await admin.send(new GetItemCommand({ TableName: 'Registry', Key: key('a') }));
    expect(Item).toMatchObject({ brand: { S: 'audi' } });
    expect(announced).toEqual(['Registry']);
  });

  test('keeps a table whose template protects it, even from the administrator', async () => {
    for (const TableName of ['Registry', arn]) {
      await expect(admin.send(new DeleteTableCommand({ TableName }))).rejects.toThrow('protected against deletion');
    }
    await admin.send(new DescribeTableCommand({ TableName: 'Registry' }));
  });

  test('takes the ARN of a table for its name, in every kind of call', async () => {
    await admin.send(new PutItemCommand({ TableName: arn, Item: key('b') }));
    const { Responses } = await admin.send(new BatchGetItemCommand({ RequestItems: { [arn]: { Keys: [key('b')] } } }));
    expect(Object.values(Responses ?? {})).toEqual([[key('b')]]);
    await admin.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: arn, Key: key('b') } }] }));
    expect((await admin.send(new GetItemCommand({ TableName: 'Registry', Key: key('b') }))).Item).toBeUndefined();
  });

  test('answers a failed condition with the SDK error that handlers catch', async () => {
    const put = new PutItemCommand({
      TableName: 'Registry',
      Item: key('a'),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await expect(admin.send(put)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  test('asks for the action of each item of a transaction', async () => {
    await role.send(
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'Registry', Item: key('c') } }] }),
    );
    const mixed = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'Registry', Item: key('d') } },
        { Delete: { TableName: 'Registry', Key: key('c') } },
      ],
    });
    await expect(role.send(mixed)).rejects.toThrow(`may not dynamodb:DeleteItem on ${arn}`);
    expect((await admin.send(new GetItemCommand({ TableName: 'Registry', Key: key('d') }))).Item).toBeUndefined();
  });

  test('knows an index as a resource of its own', async () => {
    const query = {
      TableName: 'Registry',
      KeyConditionExpression: 'brand = :brand',
      ExpressionAttributeValues: { ':brand': { S: 'audi' } },
    };
    await expect(role.send(new QueryCommand({ ...query, IndexName: 'byBrand' }))).resolves.toMatchObject({ Count: 1 });
    await expect(role.send(new QueryCommand(query))).rejects.toThrow(`may not dynamodb:Query on ${arn}`);
  });

  test('gives its ARNs the region and account of the local cloud', async () => {
    const { Table } = await admin.send(new DescribeTableCommand({ TableName: 'Registry' }));
    expect(Table?.TableArn).toBe(arn);
    expect(Table?.LatestStreamArn?.startsWith(`${arn}/stream/`)).toBe(true);
  });

  test('refuses PartiQL by name', async () => {
    const statement = new ExecuteStatementCommand({ Statement: 'SELECT * FROM Registry' });
    await expect(admin.send(statement)).rejects.toThrow(/ExecuteStatement/);
  });

  test('meets the faults of a table by its name and operation', async () => {
    faults = {
      at: (_, label) =>
        label === 'Registry:PutItem' ? { kind: 'fail', error: new Error('disk full') } : { kind: 'deliver' },
    };
    await expect(admin.send(new PutItemCommand({ TableName: 'Registry', Item: key('e') }))).rejects.toThrow(
      'disk full',
    );
    faults = noFaults;
    expect((await admin.send(new GetItemCommand({ TableName: 'Registry', Key: key('e') }))).Item).toBeUndefined();
  });
});
