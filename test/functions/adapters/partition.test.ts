import { expect, test } from 'vitest';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { Partition } from '#functions/adapters/dynamo/partition.ts';
import { tableThatAnswers } from '../../support/answering-table.ts';

const leaving = (...keys: readonly string[]) => {
  const left = keys.map((sk) => ({ DeleteRequest: { Key: { pk: { S: 'veh' }, sk: { S: sk } } } }));
  return [200, { UnprocessedItems: { Any: left } }] as const;
};
const partition = () => new Partition(documentClient(), 'Any', 'veh');

test('what a busy table leaves undone is deleted in another attempt', async () => {
  const asked = await tableThatAnswers(leaving('b', 'c'), leaving('c'), [200, {}]);
  await partition().remove(['a', 'b', 'c']);
  expect(asked).toEqual(['BatchWriteItem', 'BatchWriteItem', 'BatchWriteItem']);
});

test('a table that goes on leaving things undone is told to the caller, who comes back', async () => {
  const asked = await tableThatAnswers(leaving('c'));
  await expect(partition().remove(['a', 'b', 'c'])).rejects.toThrow('1 items');
  expect(asked).toHaveLength(4);
});
