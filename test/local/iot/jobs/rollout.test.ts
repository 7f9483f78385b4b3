import { afterEach, expect, test } from 'vitest';
import { arns, JobWorld } from './job-world.ts';

let world: JobWorld;

afterEach(() => world.close());

/** A group of so many things. */
function open(things: number, ratePerMinute?: number): void {
  world = new JobWorld(ratePerMinute);
  world.registry.thingGroups.create({ thingGroupName: 'fleet' });
  const names = Array.from({ length: things }, (_, n) => `car-${String(n).padStart(4, '0')}`);
  world.things(...names);
  for (const name of names) world.registry.thingGroups.addThing('fleet', name);
}

const fleet = { targets: [arns.thingGroup('fleet')], targetSelection: 'SNAPSHOT' } as const;
const reached = () => [...world.jobs.records.executionsOf('job1')].length;

/** How many things the job has reached at once, after a minute, after two … */
function pace(minutes: number): readonly number[] {
  const counts = [reached()];
  for (let n = 0; n < minutes; n += 1) {
    world.minutes(1);
    counts.push(reached());
  }
  return counts;
}

test('a job reaches a thousand things a minute', () => {
  open(2100);
  world.job('job1', fleet);
  expect(pace(3)).toEqual([1000, 2000, 2100, 2100]);
});

test('a local cloud that lifts the rate reaches all of them at once, and cancels all of them at once', () => {
  open(1200, Number.POSITIVE_INFINITY);
  world.job('job1', fleet);
  expect(reached()).toBe(1200);
  world.jobs.cancel('job1', false, {});
  world.settle();
  expect(world.jobs.records.tally('job1').CANCELED).toBe(1200);
});

test('a job goes at its own rate, also after a restart in the middle', () => {
  open(25);
  world.job('job1', { ...fleet, jobExecutionsRolloutConfig: { maximumPerMinute: 10 } });
  world.minutes(0.5);
  world.restart();
  expect(reached()).toBe(10);
  world.minutes(0.5);
  expect(reached()).toBe(20);
  expect(world.jobs.isConcurrent(world.jobs.get('job1'))).toBe(true);
  world.minutes(1);
  expect(reached()).toBe(25);
  expect(world.jobs.isConcurrent(world.jobs.get('job1'))).toBe(false);
});

test('an exponential rate may grow with what has succeeded', () => {
  open(40);
  const rateIncreaseCriteria = { numberOfSucceededThings: 5 };
  world.job('job1', {
    ...fleet,
    jobExecutionsRolloutConfig: { exponentialRate: { baseRatePerMinute: 5, incrementFactor: 2, rateIncreaseCriteria } },
  });
  world.minutes(1);
  expect(reached()).toBe(10);
  for (let n = 0; n < 5; n += 1) world.ask('job1/update', { status: 'SUCCEEDED' }, `car-000${n}`);
  world.minutes(1);
  expect(reached()).toBe(20);
});

test('a snapshot keeps to those that were there when it was made; a continuous job follows the group, at once', () => {
  open(3);
  world.things('late');
  world.job('job1', { ...fleet, jobExecutionsRolloutConfig: { maximumPerMinute: 1 } });
  world.job('job2', { ...fleet, targetSelection: 'CONTINUOUS', jobExecutionsRolloutConfig: { maximumPerMinute: 1 } });
  world.registry.thingGroups.addThing('fleet', 'late');
  world.registry.thingGroups.removeThing('fleet', 'car-0002');
  world.settle();
  expect(world.status('job2', 'late')).toBe('QUEUED');
  world.minutes(5);
  expect(world.status('job1', 'car-0002')).toBe('QUEUED');
  expect(world.status('job1', 'late')).toBeUndefined();
  expect(world.status('job2', 'car-0002')).toBeUndefined();
});

test('things of groups below the target are meant, too', () => {
  open(1);
  world.things('grandchild');
  world.registry.thingGroups.create({ thingGroupName: 'below', parentGroupName: 'fleet' });
  world.job('job1', { ...fleet, targetSelection: 'CONTINUOUS' });
  world.registry.thingGroups.addThing('below', 'grandchild');
  world.settle();
  expect(world.status('job1', 'grandchild')).toBe('QUEUED');
  world.registry.thingGroups.delete('below');
  world.settle();
  expect(world.status('job1', 'grandchild')).toBe('REMOVED');
});

test('who joined or left while no process ran is noticed by the next one', () => {
  open(2);
  world.things('late');
  world.job('job1', { ...fleet, targetSelection: 'CONTINUOUS' });
  // Noted in the registry; the process ends before the jobs have followed.
  world.registry.thingGroups.addThing('fleet', 'late');
  world.registry.thingGroups.removeThing('fleet', 'car-0001');
  world.restart();
  expect(world.status('job1', 'late')).toBe('QUEUED');
  expect(world.status('job1', 'car-0001')).toBe('REMOVED');
});

test('a thing that is deleted holds up no job', () => {
  open(2);
  world.job('job1', fleet);
  world.ask('job1/update', { status: 'SUCCEEDED' }, 'car-0000');
  world.registry.things.delete('car-0001');
  world.settle();
  expect(world.status('job1', 'car-0001')).toBe('REMOVED');
  expect(world.jobs.get('job1').state.status).toBe('COMPLETED');
});

test('a job is cancelled at the rate of a rollout, and what is under way only by force', () => {
  open(2500, 1000);
  world.job('job1', fleet);
  world.minutes(2);
  world.ask('job1/update', { status: 'IN_PROGRESS' }, 'car-0000');
  world.jobs.cancel('job1', false, { reasonCode: 'STOP', comment: 'enough' });
  const cancelled = () => world.jobs.records.tally('job1').CANCELED;
  world.settle();
  expect(cancelled()).toBe(1000);
  world.minutes(1);
  world.restart();
  world.minutes(1);
  expect(cancelled()).toBe(2499);
  expect(world.status('job1', 'car-0000')).toBe('IN_PROGRESS');
  world.jobs.cancel('job1', true, {});
  world.settle();
  expect(world.jobs.records.latest('job1', 'car-0000')).toMatchObject({ status: 'CANCELED', forceCanceled: true });
});
