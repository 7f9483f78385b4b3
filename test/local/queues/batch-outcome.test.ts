import { describe, expect, test } from 'vitest';
import { batchOutcome } from '#local/queues/batch-outcome.ts';
import { answered, crashed } from './scripted-function.ts';

const failures = (...names: unknown[]) => ({ batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })) });

describe('the answer of a function that reports failures', () => {
  test.each([null, undefined, {}, failures(), { batchItemFailures: null }])('%j means that all is done', (payload) => {
    expect(batchOutcome(answered(payload), ['a'], true)).toEqual({ kind: 'done' });
  });

  test('names the records that come again', () => {
    const outcome = batchOutcome(answered(failures('a', 'a')), ['a', 'b'], true);
    expect(outcome).toEqual({ kind: 'partly', failed: new Set(['a']) });
  });

  test.each([failures('stranger'), failures(''), failures(undefined), { batchItemFailures: ['a'] }])(
    '%j fails the whole batch',
    (payload) => {
      expect(batchOutcome(answered(payload), ['a'], true).kind).toBe('failed');
    },
  );

  test('counts for nothing when the mapping does not ask for it, and a crash fails the batch', () => {
    expect(batchOutcome(answered(failures('a')), ['a'], false)).toEqual({ kind: 'done' });
    expect(batchOutcome(crashed, ['a'], false).kind).toBe('failed');
  });
});
