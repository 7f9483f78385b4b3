import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AbortConfig, RetryConfig } from '#local/iot/jobs/job-settings.ts';
import { arns, JobWorld } from './job-world.ts';

let world: JobWorld;
const cars = Array.from({ length: 10 }, (_, n) => `car-${n}`);

beforeEach(() => {
  world = new JobWorld();
  world.things('car', ...cars);
});

afterEach(() => world.close());

const report = (status: string, thingName = 'car') => world.ask('job1/update', { status }, thingName);
const numbers = () =>
  world.jobs.records.executionsOn('job1', 'car').map(({ executionNumber: n, status }) => [n, status]);

function retrying(criteriaList: RetryConfig['criteriaList']): void {
  world.job('job1', { jobExecutionsRetryConfig: { criteriaList }, timeoutConfig: { inProgressTimeoutInMinutes: 1 } });
}

test('a failed execution is tried again as often as the job says, each time under a new number', () => {
  retrying([{ failureType: 'FAILED', numberOfRetries: 2 }]);
  const told = report('FAILED').map(({ topic }) => topic);
  expect(told).toEqual(['job1/update/accepted', 'notify', 'notify-next']);
  report('FAILED');
  report('FAILED');
  expect(numbers()).toEqual([
    [1, 'FAILED'],
    [2, 'FAILED'],
    [3, 'FAILED'],
  ]);
  expect(world.jobs.get('job1').state.status).toBe('COMPLETED');
});

test('each kind of failure has its own count; all kinds together have one', () => {
  retrying([
    { failureType: 'FAILED', numberOfRetries: 1 },
    { failureType: 'TIMED_OUT', numberOfRetries: 1 },
  ]);
  report('FAILED');
  report('IN_PROGRESS');
  world.minutes(1);
  expect(numbers().at(-1)).toEqual([3, 'QUEUED']);
  report('FAILED');
  expect(numbers().at(-1)).toEqual([3, 'FAILED']);
  world.jobs.delete('job1', true);
  world.settle();
  retrying([{ failureType: 'ALL', numberOfRetries: 1 }]);
  report('FAILED');
  report('IN_PROGRESS');
  world.minutes(1);
  expect(numbers()).toEqual([
    [1, 'FAILED'],
    [2, 'TIMED_OUT'],
  ]);
});

test('what a device refused, or somebody cancelled, is not tried again', () => {
  retrying([{ failureType: 'ALL', numberOfRetries: 5 }]);
  report('REJECTED');
  expect(numbers()).toEqual([[1, 'REJECTED']]);
  world.jobs.delete('job1', true);
  world.settle();
  retrying([{ failureType: 'ALL', numberOfRetries: 5 }]);
  world.jobs.cancelExecution({ jobId: 'job1', thingName: 'car' }, { force: false });
  expect(numbers()).toEqual([[1, 'CANCELED']]);
});

test('a try that a process had no time for is made by the next one', () => {
  retrying([{ failureType: 'FAILED', numberOfRetries: 1 }]);
  const { records } = world.jobs;
  const first = records.latest('job1', 'car') ?? expect.fail('no execution');
  // As the disk looks when the process dies right after the report.
  records.put({ ...first, status: 'FAILED', versionNumber: 2 });
  world.restart();
  expect(numbers()).toEqual([
    [1, 'FAILED'],
    [2, 'QUEUED'],
  ]);
  world.restart();
  expect(numbers()).toHaveLength(2);
});

test('whoever leaves and joins a group again is tried as often as at first', () => {
  world.registry.thingGroups.create({ thingGroupName: 'group' });
  world.registry.thingGroups.addThing('group', 'car');
  world.job('job1', {
    ...{ targetSelection: 'CONTINUOUS', targets: [arns.thingGroup('group')] },
    jobExecutionsRetryConfig: { criteriaList: [{ failureType: 'FAILED', numberOfRetries: 1 }] },
  });
  report('FAILED');
  report('FAILED');
  expect(numbers().at(-1)).toEqual([2, 'FAILED']);
  world.registry.thingGroups.removeThing('group', 'car');
  world.settle();
  world.registry.thingGroups.addThing('group', 'car');
  world.settle();
  expect(numbers().at(-1)).toEqual([3, 'QUEUED']);
  report('FAILED');
  expect(numbers().at(-1)).toEqual([4, 'QUEUED']);
});

function aborting(criteria: Partial<AbortConfig['criteriaList'][number]> = {}): void {
  const criterion = {
    failureType: 'FAILED',
    action: 'CANCEL',
    thresholdPercentage: 50,
    minNumberOfExecutedThings: 4,
  } as const;
  world.job('job1', {
    targets: cars.map((car) => arns.thing(car)),
    abortConfig: { criteriaList: [{ ...criterion, ...criteria }] },
  });
}

test('a job stops itself when too many of enough things have failed; what is under way goes on', () => {
  aborting();
  report('IN_PROGRESS', 'car-9');
  for (const car of ['car-0', 'car-1', 'car-2']) report('FAILED', car);
  expect(world.jobs.get('job1').state.status).toBe('IN_PROGRESS');
  report('SUCCEEDED', 'car-3');
  world.settle();
  expect(world.jobs.get('job1').state).toMatchObject({ status: 'CANCELED', forceCanceled: false });
  expect(world.status('job1', 'car-4')).toBe('CANCELED');
  expect(world.status('job1', 'car-9')).toBe('IN_PROGRESS');
  expect(world.jobs.records.tally('job1')).toMatchObject({ CANCELED: 5, FAILED: 3, SUCCEEDED: 1, IN_PROGRESS: 1 });
});

test('a job below its threshold goes on, and other failures than the named ones do not count', () => {
  aborting({ thresholdPercentage: 60, failureType: 'REJECTED' });
  for (const car of ['car-0', 'car-1', 'car-2', 'car-3']) report('FAILED', car);
  expect(world.jobs.get('job1').state.status).toBe('IN_PROGRESS');
  for (const car of ['car-4', 'car-5', 'car-6', 'car-7', 'car-8']) report('REJECTED', car);
  expect(world.jobs.get('job1').state.status).toBe('IN_PROGRESS');
  report('REJECTED', 'car-9');
  expect(world.jobs.get('job1').state.status).toBe('CANCELED');
});

test('a job that stopped itself tries nothing again', () => {
  aborting({ minNumberOfExecutedThings: 1 });
  report('IN_PROGRESS', 'car-0');
  report('FAILED', 'car-1');
  world.settle();
  report('FAILED', 'car-0');
  expect(world.status('job1', 'car-0')).toBe('FAILED');
});
