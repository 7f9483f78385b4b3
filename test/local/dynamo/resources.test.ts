import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalClock } from '#local/clock.ts';
import { globalTable, type LocalTables, localTables } from './local-tables.ts';

const type = 'AWS::DynamoDB::GlobalTable';

describe('a table of the template', () => {
  let tables: LocalTables;
  let now = Date.now();
  const clock: LocalClock = { now: () => now, after: () => () => {} };

  beforeAll(async () => {
    tables = await localTables(clock);
  });
  afterAll(() => tables.close());

  test('is made once and kept at every further start', async () => {
    const first = await tables.create(type, 'Kept', globalTable);
    await tables.client.call('PutItem', { TableName: 'Kept', Item: { pk: { S: 'a' }, sk: { S: 'b' } } });
    expect(await tables.create(type, 'Kept', globalTable)).toEqual(first);
    expect(await tables.client.call('Scan', { TableName: 'Kept' })).toMatchObject({ Count: 1 });
    expect(first).toMatchObject({
      ref: 'Kept',
      attributes: {
        Arn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/Kept',
        StreamArn: expect.stringMatching(/^arn:aws:dynamodb:eu-central-1:000000000000:table\/Kept\/stream\//),
      },
    });
  });

  test('that differs from the existing one is not touched, and the way out is named', async () => {
    await tables.create(type, 'Changed', globalTable);
    const { GlobalSecondaryIndexes: _, ...withoutIndex } = globalTable;
    await expect(tables.create(type, 'Changed', withoutIndex)).rejects.toThrow(
      /Changed .*GlobalSecondaryIndexes.*--fresh/,
    );
  });

  test('with a property that the local cloud does not know stops the start', async () => {
    await expect(tables.create(type, 'Odd', { ...globalTable, Colour: 'red' })).rejects.toThrow(/Colour/);
  });

  test('without a stream has no stream attribute', async () => {
    const { StreamSpecification: _, ...quiet } = globalTable;
    expect((await tables.create(type, 'Quiet', quiet)).attributes['StreamArn']).toBeUndefined();
  });

  test('loses what has expired by the local clock, and keeps what was prolonged', async () => {
    await tables.create(type, 'Expiring', globalTable);
    const put = (pk: string, expiresAt: number) =>
      tables.client.call('PutItem', {
        TableName: 'Expiring',
        Item: { pk: { S: pk }, sk: { S: 'x' }, expiresAt: { N: String(Math.floor(expiresAt / 1000)) } },
      });
    await put('soon', now + 60_000);
    await put('later', now + 7_200_000);
    await put('mistake', 0);
    expect(await tables.timeToLive.sweep()).toBe(0);
    now += 3_600_000;
    expect(await tables.timeToLive.sweep()).toBe(1);
    expect(await tables.client.call('Scan', { TableName: 'Expiring' })).toMatchObject({ Count: 2 });
  });
});
