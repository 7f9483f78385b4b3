import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import {
  type Crew,
  done,
  isLive,
  lease,
  notPossible,
  released,
  statusAt,
  type Task,
  taken,
  withdrawn,
} from '#shared/sharing/field/task.ts';
import { taskIdOf } from '#shared/sharing/field/task-id.ts';
import { newTask } from '#shared/sharing/field/task-order.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { sampleOperator, sampleSystem } from '../../../support/sharing-city.ts';

const now = Date.UTC(2026, 10, 22, 8);
const north: Crew = { clientId: 'crews', name: 'North' };
const south: Crew = { clientId: 'crews', name: 'South' };

function aTask(): Task {
  const vehicleId = aVehicleId();
  const { systemId } = sampleSystem;
  const ids = { taskId: taskIdOf('low-charge', vehicleId, 7), vehicleId, systemId };
  return newTask({ ...ids, operatorId: sampleOperator.operatorId, kind: 'charge', why: 'low-charge' }, now);
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof Failure ? error.code : String(error);
  }
}

test('a task is one crew’s until they are done, release it, or their time is over', () => {
  const task = taken(aTask(), north, now);
  expect(codeOf(() => taken(task, south, now + lease - 1))).toBe('task-taken');
  expect(codeOf(() => done(task, south, now))).toBe('task-taken');
  expect(taken(task, north, now + 1).state).toMatchObject({ until: now + 1 + lease });
  expect(statusAt(task, now + lease)).toBe('open');
  expect(taken(task, south, now + lease).state).toMatchObject({ by: south });
  expect(done(task, north, now + 2 * lease)?.state.status).toBe('done');
  const free = released(task, north, now);
  expect(free?.state).toEqual({ status: 'open' });
  expect(codeOf(() => done(aTask(), north, now))).toBe('task-not-taken');
});

test('what is said twice counts once, and what is over stays so', () => {
  const over = done(taken(aTask(), north, now), north, now);
  if (over === undefined) throw new Error('not done');
  expect(done(over, north, now + 1)).toBeUndefined();
  expect(withdrawn(over, 'no-longer-needed', now)).toBeUndefined();
  expect(codeOf(() => done(over, south, now))).toBe('task-over');
  expect(codeOf(() => taken(over, south, now))).toBe('task-over');
  const gone = withdrawn(taken(aTask(), north, now), 'no-longer-needed', now);
  expect(gone && codeOf(() => notPossible(gone, north, 'locked in', now))).toBe('task-over');
});

test('whatever crews do, in whichever order: no two ever have the same task, and nothing comes back', () => {
  const step = fc.record({
    what: fc.constantFrom('take', 'release', 'done', 'not-possible', 'withdraw'),
    crew: fc.constantFrom(north, south),
    wait: fc.constantFrom(0, 1, lease - 1, lease, 2 * lease),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let task = aTask();
      let at = now;
      for (const { what, crew, wait } of steps) {
        at += wait;
        const before = task;
        try {
          task = taskAfter(task, what, crew, at);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect(task).toBe(before);
        }
        const had = before.state.status === 'taken' && before.state.until > at ? before.state.by : undefined;
        if (had !== undefined && had !== crew && what !== 'withdraw') expect(task).toBe(before);
        if (!isLive(before)) expect(task).toBe(before);
      }
    }),
  );
});

function taskAfter(task: Task, what: string, crew: Crew, at: number): Task {
  switch (what) {
    case 'take':
      return taken(task, crew, at);
    case 'release':
      return released(task, crew, at) ?? task;
    case 'done':
      return done(task, crew, at) ?? task;
    case 'not-possible':
      return notPossible(task, crew, 'behind a gate', at) ?? task;
    default:
      return withdrawn(task, 'no-longer-needed', at) ?? task;
  }
}
