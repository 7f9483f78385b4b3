import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SchedulingConfig } from '#local/iot/jobs/job-settings.ts';
import { arns, JobWorld } from './job-world.ts';

let world: JobWorld;
const hour = 3_600_000;

beforeEach(() => {
  world = new JobWorld();
  world.things('car');
});

afterEach(() => world.close());

const inHours = (hours: number) => new Date(world.clock.now() + hours * hour).toISOString();
const job = (schedulingConfig: SchedulingConfig) => world.job('job1', { schedulingConfig });
const status = () => world.jobs.get('job1').state.status;

test('a scheduled job begins at its time, not before, also after a restart', () => {
  job({ startTime: inHours(1) });
  expect(status()).toBe('SCHEDULED');
  world.minutes(59);
  world.restart();
  expect(world.status('job1')).toBeUndefined();
  world.minutes(1);
  expect(status()).toBe('IN_PROGRESS');
  expect(world.status('job1')).toBe('QUEUED');
});

test('a time without a zone is UTC', () => {
  job({ startTime: inHours(1).slice(0, 16).replace('T', ' ') });
  world.minutes(60);
  expect(status()).toBe('IN_PROGRESS');
});

test.each([
  ['STOP_ROLLOUT', 'QUEUED', 'IN_PROGRESS'],
  ['CANCEL', 'CANCELED', 'CANCELED'],
] as const)('at its end a job does as it was told: %s', (endBehavior, execution, state) => {
  job({ endTime: inHours(1), endBehavior });
  world.minutes(60);
  expect(world.status('job1')).toBe(execution);
  expect(status()).toBe(state);
});

test('at its end a job that cancels by force cancels what is under way', () => {
  job({ endTime: inHours(1), endBehavior: 'FORCE_CANCEL' });
  world.ask('start-next');
  world.minutes(60);
  expect(world.status('job1')).toBe('CANCELED');
});

/** It is 22:13 UTC; the window opens at 23:00, for half an hour. */
const nightly = [{ startTime: 'cron(0 23 * * ? *)', durationInMinutes: 30 }];

test('things are reached in maintenance windows alone, and between them the job is scheduled', () => {
  world.things('late');
  const targets = [arns.thing('car'), arns.thing('late')];
  world.job('job1', {
    ...{ targets, schedulingConfig: { maintenanceWindows: nightly } },
    jobExecutionsRolloutConfig: { maximumPerMinute: 1 },
  });
  world.minutes(46);
  expect([status(), world.status('job1')]).toEqual(['SCHEDULED', undefined]);
  world.minutes(1);
  expect([status(), world.status('job1'), world.status('job1', 'late')]).toEqual(['IN_PROGRESS', 'QUEUED', undefined]);
  world.minutes(1);
  expect(world.status('job1', 'late')).toBe('QUEUED');
});

test('what a window did not suffice for waits for the next one', () => {
  const names = Array.from({ length: 40 }, (_, n) => `car-${n}`);
  world.things(...names);
  world.job('job1', {
    ...{ targets: names.map((name) => arns.thing(name)), schedulingConfig: { maintenanceWindows: nightly } },
    jobExecutionsRolloutConfig: { maximumPerMinute: 1 },
  });
  world.minutes(60 * 2);
  const reached = () => [...world.jobs.records.executionsOf('job1')].length;
  expect([status(), reached()]).toEqual(['SCHEDULED', 30]);
  world.restart();
  world.minutes(60 * 24);
  expect([status(), reached()]).toEqual(['IN_PROGRESS', 40]);
});

test('who joins between two windows waits for the next one, and loses nothing meanwhile', () => {
  world.registry.thingGroups.create({ thingGroupName: 'group' });
  const targets = [arns.thingGroup('group')];
  world.job('job1', { targets, targetSelection: 'CONTINUOUS', schedulingConfig: { maintenanceWindows: nightly } });
  world.minutes(60);
  expect(status()).toBe('IN_PROGRESS');
  world.minutes(60);
  world.registry.thingGroups.addThing('group', 'car');
  world.minutes(10);
  expect([status(), world.status('job1')]).toEqual(['SCHEDULED', undefined]);
  world.minutes(60 * 23);
  expect([status(), world.status('job1')]).toEqual(['IN_PROGRESS', 'QUEUED']);
});

test('a continuous job is completed when its time and its last execution are over', () => {
  const schedulingConfig = { endTime: inHours(1), endBehavior: 'STOP_ROLLOUT' } as const;
  world.job('job1', { targetSelection: 'CONTINUOUS', schedulingConfig });
  world.minutes(60);
  expect(status()).toBe('IN_PROGRESS');
  world.ask('job1/update', { status: 'SUCCEEDED' });
  expect(status()).toBe('COMPLETED');
});

test.each([
  [{ startTime: 'tomorrow' }, /no date/],
  [{ startTime: '2023-11-14 22:30' }, /thirty minutes/],
  [{ startTime: '2033-11-14 22:30' }, /a year/],
  [{ endTime: '2023-11-14 22:30', endBehavior: 'CANCEL' }, /thirty minutes/],
  [{ endTime: '2023-11-15 22:30' }, /together/],
  [{ maintenanceWindows: [{ startTime: 'cron(nonsense)', durationInMinutes: 30 }] }, /schedule/],
] satisfies [SchedulingConfig, RegExp][])('a schedule that AWS would refuse is refused: %j', (config, reason) => {
  expect(() => job(config)).toThrow(reason);
  expect(world.jobs.list()).toEqual([]);
});
