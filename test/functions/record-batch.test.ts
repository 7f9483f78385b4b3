import { expect, test } from 'vitest';
import { inOrder, perRecord } from '#functions/record-batch.ts';

const records = ['a', 'poison', 'b'].map((id) => ({ id }));

test('one poison message comes again, and its neighbours do not', async () => {
  const handled: string[] = [];
  const result = await perRecord(records, 'id', async ({ id }) => {
    if (id === 'poison') throw new Error('poison');
    handled.push(id);
  });
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
  expect(handled).toEqual(['a', 'b']);
});

test('in a stream nothing overtakes a record that failed', async () => {
  const handled: string[] = [];
  const result = await inOrder(
    records,
    ({ id }) => id,
    async ({ id }) => {
      if (id === 'poison') throw new Error('poison');
      handled.push(id);
    },
  );
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
  expect(handled).toEqual(['a']);
});
