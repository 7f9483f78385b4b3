import { expect, test } from 'vitest';
import { inOrder, inOrderByKey, perRecord } from '#functions/record-batch.ts';

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

test('in a stream a record that failed holds up its own key alone, and all after it come again', async () => {
  const changes = ['a1', 'b1', 'b2', 'a2', 'c1', 'b3'];
  const handled: string[] = [];
  const result = await inOrderByKey(
    changes,
    (id) => id,
    (id) => id.slice(0, 1),
    async (id) => {
      if (id === 'b2') throw new Error('poison');
      handled.push(id);
    },
  );
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'b2' }] });
  expect(handled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2']);
  expect(handled.filter((id) => id.startsWith('b'))).toEqual(['b1']);
  expect(handled).toContain('c1');
});
