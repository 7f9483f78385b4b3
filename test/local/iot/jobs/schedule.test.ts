import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SchedulingConfig } from '#local/iot/jobs/job-settings.ts';
import { JobWorld } from './job-world.ts';

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

test('things are reached in maintenance windows alone', () => {
  // 22:13 UTC; the window opens at 23:00 for half an hour.
  job({ maintenanceWindows: [{ startTime: 'cron(0 23 * * ? *)', durationInMinutes: 30 }] });
  expect(status()).toBe('IN_PROGRESS');
  world.minutes(46);
  expect(world.status('job1')).toBeUndefined();
  world.minutes(1);
  expect(world.status('job1')).toBe('QUEUED');
});

test('an open window is used until it closes', () => {
  world.things('car-2');
  world.minutes(60);
  job({ maintenanceWindows: [{ startTime: 'cron(0 23 * * ? *)', durationInMinutes: 30 }] });
  expect(world.status('job1')).toBe('QUEUED');
  world.minutes(60);
  world.job('job2', {
    schedulingConfig: { maintenanceWindows: [{ startTime: 'cron(0 23 * * ? *)', durationInMinutes: 30 }] },
  });
  expect(world.status('job2')).toBeUndefined();
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
