import { expect, test } from 'vitest';
import { inOrder, inOrderByKey, inTurn, perRecord, together } from '#functions/record-batch.ts';

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

test('what is done in turn goes on behind a poison message, and stops where everybody has to wait', async () => {
  const handled: string[] = [];
  const handle = async (held: string, { id }: { id: string }) => {
    handled.push(id);
    if (id === 'poison') throw new Error('poison');
    if (id === held) throw new Error('slow down');
  };
  const isSlow = (error: unknown) => error instanceof Error && error.message === 'slow down';
  expect(await inTurn(records, 'id', (record) => handle('nobody', record), isSlow)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'poison' }],
    heldUp: false,
  });
  expect(handled.splice(0)).toEqual(['a', 'poison', 'b']);
  expect(await inTurn([...records, { id: 'c' }], 'id', (record) => handle('b', record), isSlow)).toEqual({
    batchItemFailures: ['poison', 'b', 'c'].map((itemIdentifier) => ({ itemIdentifier })),
    heldUp: true,
  });
  expect(handled).toEqual(['a', 'poison', 'b']);
});

test('records of one key are one piece of work; of pieces that failed the first record names from where all comes again', async () => {
  const pieces: string[] = [];
  const result = await together(
    ['a1', 'b1', 'c1', 'b2', 'a2'],
    (id) => id,
    (id) => id.slice(0, 1),
    async (ids) => {
      pieces.push(ids.join());
      if (ids.includes('b2') || ids.includes('c1')) throw new Error('poison');
    },
  );
  expect(pieces.sort()).toEqual(['a1,a2', 'b1,b2', 'c1']);
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'b1' }] });
});
