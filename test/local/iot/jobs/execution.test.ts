import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deadlineOf,
  type Execution,
  type ExecutionStatus,
  finalStatuses,
  isPending,
  queued,
  type UpdateWish,
  updated,
} from '#local/iot/jobs/execution.ts';
import { JobsRejection } from '#local/iot/jobs/rejection.ts';

const facts = {
  ...{ jobId: 'job1', thingName: 'car', executionNumber: 1, sequence: 1 },
  retries: { FAILED: 0, TIMED_OUT: 0 },
};
const statuses = ['QUEUED', 'IN_PROGRESS', ...finalStatuses] as const;

const wish: fc.Arbitrary<UpdateWish> = fc.record(
  {
    status: fc.constantFrom(...statuses),
    expectedVersion: fc.nat(6),
    statusDetails: fc.dictionary(fc.constantFrom('step', 'percent'), fc.constantFrom('1', '2')),
    stepTimeoutInMinutes: fc.constantFrom(-1, 1, 60, 10_080),
  },
  { requiredKeys: ['status'] },
);

const byDevices: readonly ExecutionStatus[] = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'];

test('whatever a device reports, in whatever order: versions rise by one, ends are final, timers only run under way', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(wish, fc.nat(120))), fc.option(fc.nat(30)), (reports, limit) => {
      const timeout = limit === null ? {} : { inProgressTimeoutInMinutes: limit + 1 };
      let now = 1_700_000_000_000;
      let execution: Execution = queued(facts, now);
      for (const [report, minutes] of reports) {
        now += minutes * 60_000;
        const before = execution;
        const { status, expectedVersion = before.versionNumber } = report;
        const allowed = expectedVersion === before.versionNumber && isPending(before) && byDevices.includes(status);
        try {
          execution = updated(before, report, timeout, now);
        } catch (error) {
          expect(error).toBeInstanceOf(JobsRejection);
          expect(allowed).toBe(false);
          continue;
        }
        expect(allowed).toBe(true);
        expect(execution).toMatchObject({ status, versionNumber: before.versionNumber + 1, lastUpdatedAt: now });
        expect(execution.statusDetails).toEqual(report.statusDetails ?? before.statusDetails);
        const deadline = deadlineOf(execution, now);
        if (status !== 'IN_PROGRESS') expect(deadline).toBeUndefined();
        if (status === 'IN_PROGRESS' && limit !== null) {
          expect(deadline).toBeLessThanOrEqual(now + (limit + 1) * 60_000);
          const started = before.status === 'IN_PROGRESS' ? before.startedAt : now;
          expect(execution).toMatchObject({ startedAt: started, endsAt: started + (limit + 1) * 60_000 });
        }
      }
    }),
  );
});
