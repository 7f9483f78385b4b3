import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agenda } from '#local/iot/jobs/agenda.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { JobWorld } from './job-world.ts';

let world: JobWorld;

beforeEach(() => {
  world = new JobWorld();
  world.things('car');
});

afterEach(() => world.close());

const step = (minutes: number | undefined) =>
  world.ask('job1/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: minutes });

/** Whole minutes until it times out; the time has passed then. */
function minutesLeft(): number {
  for (let minutes = 0; ; minutes += 1) {
    if (world.status('job1') === 'TIMED_OUT') return minutes;
    world.minutes(1);
  }
}

/** The developer guide's example: begun at 12:00 with twenty minutes for the whole; 7 at 12:05, 5 at 12:10, 9 at 12:13. */
function documented(steps: number): void {
  world.job('job1', { timeoutConfig: { inProgressTimeoutInMinutes: 20 } });
  world.ask('start-next');
  for (const [pause, minutes] of [
    [5, 7],
    [5, 5],
    [3, 9],
  ].slice(0, steps)) {
    world.minutes(pause ?? 0);
    step(minutes);
  }
}

test('each step timer replaces the one before, and none outlives that of the whole', () => {
  const ends = [0, 1, 2, 3].map((steps) => {
    documented(steps);
    const left = minutesLeft();
    world.jobs.delete('job1', true);
    world.settle();
    return left;
  });
  // 12:20; 12:12, seven minutes after 12:05; 12:15, five after 12:10; 12:20, seven after 12:13.
  expect(ends).toEqual([20, 7, 5, 7]);
});

test('a device is told how long it has, while a timer runs', () => {
  documented(3);
  const left = () => world.ask('$next/get')[0]?.body;
  expect(left()).toMatchObject({ execution: { approximateSecondsBeforeTimedOut: 7 * 60 } });
  step(-1);
  world.minutes(2);
  expect(left()).toMatchObject({ execution: { approximateSecondsBeforeTimedOut: 5 * 60 } });
});

test('a step timer that is ended, or never set, ends nothing', () => {
  world.job('job1');
  world.ask('start-next', { stepTimeoutInMinutes: 1 });
  step(-1);
  world.minutes(20_000);
  expect(world.status('job1')).toBe('IN_PROGRESS');
  expect(world.ask('$next/get')[0]?.body).not.toHaveProperty('execution.approximateSecondsBeforeTimedOut');
});

test('an update without a step time-out lets the timer run', () => {
  world.job('job1');
  world.ask('start-next', { stepTimeoutInMinutes: 5 });
  world.minutes(2);
  step(undefined);
  expect(minutesLeft()).toBe(3);
});

test('what timed out is told as any other end, and takes no report any more', () => {
  world.job('job1');
  world.job('job2');
  world.ask('start-next', { stepTimeoutInMinutes: 5 });
  world.heard();
  world.minutes(5);
  expect(world.heard()).toMatchObject([
    { topic: 'notify', body: { jobs: { QUEUED: [{ jobId: 'job2' }] } } },
    { topic: 'notify-next', body: { execution: { jobId: 'job2' } } },
  ]);
  expect(world.ask('job1/update', { status: 'SUCCEEDED' })[0]?.body).toMatchObject({
    code: 'InvalidStateTransition',
    executionState: { status: 'TIMED_OUT', versionNumber: 3 },
  });
});

test('a report in time ends the timers', () => {
  documented(1);
  world.ask('job1/update', { status: 'SUCCEEDED' });
  world.minutes(60);
  expect(world.status('job1')).toBe('SUCCEEDED');
});

test('the timers of a former process run on', () => {
  documented(1);
  world.minutes(2);
  world.restart();
  expect(minutesLeft()).toBe(5);
});

test('no timer waits for a future that the clock was set back from, also over a restart', () => {
  documented(1);
  world.clock.setBack(365 * 86_400_000);
  expect(minutesLeft()).toBeLessThanOrEqual(7);
  world.job('job2');
  world.ask('start-next', { stepTimeoutInMinutes: 5 });
  world.clock.setBack(365 * 86_400_000);
  world.restart();
  world.minutes(5);
  expect(world.status('job2')).toBe('TIMED_OUT');
});

test('an agenda keeps each appointment once, in time, however many there are', () => {
  const clock = new ManualClock();
  const agenda = new Agenda(clock, () => {});
  const start = clock.now();
  const kept: number[] = [];
  for (let n = 0; n < 1000; n += 1) {
    const at = (n * 7919) % 1000;
    agenda.set(`appointment ${at}`, start + at * 1000, () => void kept.push(at));
  }
  agenda.set('appointment 5', start + 999_500, () => void kept.push(-5));
  agenda.cancel('appointment 6');
  expect(clock.timers).toBe(1);
  clock.advance(1_000_000);
  const expected = Array.from({ length: 1000 }, (_, n) => n).filter((n) => n !== 5 && n !== 6);
  expect(kept).toEqual([...expected, -5]);
});
