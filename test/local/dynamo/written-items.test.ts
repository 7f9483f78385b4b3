import { expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { itemsWrittenBy, WrittenItems } from '#local/dynamo/written-items.ts';
import { currentHeader } from '#local/trace/context.ts';
import { Traces } from '#local/trace/traces.ts';

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'vehicle' } });
const all = new Traces({ clock: new MovableClock(), limit: 1000 });

/** Writes as a part of a trace of its own; gives its header. */
async function write(items: WrittenItems, pk: string, now = 0): Promise<string | undefined> {
  return all.begin({ kind: 'call', label: 'dynamodb:PutItem' }, () => {
    items.remember([{ table: 'Registry', item: { ...key(pk), brand: { S: 'audi' } } }], now);
    return currentHeader();
  });
}

test('a record is traced to who wrote its item', async () => {
  const items = new WrittenItems();
  const header = await write(items, 'a');
  await write(items, 'b');
  expect(items.take('Other', key('a'), 1)).toEqual([]);
  expect(items.take('Registry', key('a'), 1)).toEqual([header]);
  expect(items.take('Registry', key('a'), 1)).toEqual([]);
});

test('where several wrote it, each of them may have been the cause', async () => {
  const items = new WrittenItems();
  const first = await write(items, 'a');
  const second = await write(items, 'a');
  expect(items.take('Registry', key('a'), 1)).toEqual([first, second]);
  expect(items.take('Registry', key('a'), 1)).toEqual([second]);
});

test('a write that was refused or lies long back caused nothing', async () => {
  const items = new WrittenItems();
  await all.begin({ kind: 'call', label: 'dynamodb:PutItem' }, () =>
    items.remember([{ table: 'Registry', item: key('a') }], 0)(),
  );
  await write(items, 'a', 0);
  expect(items.take('Registry', key('a'), 60_000)).toEqual([]);
});

test('every kind of write names its items', () => {
  const named = (operation: string, input: Readonly<Record<string, unknown>>) =>
    itemsWrittenBy(operation, input, String).map(({ table, item }) => [table, item]);
  const expected = [['T', key('a')]];
  expect(named('PutItem', { TableName: 'T', Item: key('a') })).toEqual(expected);
  expect(named('UpdateItem', { TableName: 'T', Key: key('a') })).toEqual(expected);
  expect(named('DeleteItem', { TableName: 'T', Key: key('a') })).toEqual(expected);
  expect(named('BatchWriteItem', { RequestItems: { T: [{ DeleteRequest: { Key: key('a') } }] } })).toEqual(expected);
  const items = [{ Put: { TableName: 'T', Item: key('a') } }, { ConditionCheck: { TableName: 'T', Key: key('b') } }];
  expect(named('TransactWriteItems', { TransactItems: items })).toEqual(expected);
  expect(named('GetItem', { TableName: 'T', Key: key('a') })).toEqual([]);
});
