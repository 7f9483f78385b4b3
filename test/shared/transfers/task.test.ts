import { describe, expect, test } from 'vitest';
import { begunExport, overdue } from '#shared/transfers/export.ts';
import { attempted, isHeld } from '#shared/transfers/task.ts';
import { aBrand, anOperationId } from '../../contract/samples.ts';

const minute = 60_000;

describe('the lease of a run', () => {
  const lease = attempted({ until: 0, attempts: 0 }, 15 * minute);

  test('keeps others out until whoever took it must be gone, and not a moment longer', () => {
    expect(isHeld(lease, 15 * minute - 1)).toBe(true);
    expect(isHeld(lease, 15 * minute)).toBe(false);
  });

  test('holds nobody up that is from a future which the clock was set back from', () => {
    expect(isHeld(lease, -24 * 60 * minute)).toBe(false);
  });
});

test('an export that says nothing for an hour came to a standstill, and stays failed where the clock is set back', () => {
  const order = { format: 'csv', query: { brands: [aBrand()] }, withVin: false, reason: 'Test' } as const;
  const task = begunExport({ operationId: anOperationId(), startedAt: minute }, 'partner', order);
  expect(overdue(task, 61 * minute - 1)).toBe(task);
  const stalled = overdue(task, 61 * minute);
  expect(stalled.state).toMatchObject({ status: 'failed', problem: { code: 'stalled' } });
  expect(overdue(stalled, minute)).toBe(stalled);
});
