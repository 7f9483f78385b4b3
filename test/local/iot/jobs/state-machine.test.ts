import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPending } from '#local/iot/jobs/execution.ts';
import { arns, JobWorld } from './job-world.ts';

const byDevices = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'] as const;

type Step =
  | { readonly kind: 'report'; readonly thing: number; readonly job: number; readonly status: string }
  | { readonly kind: 'start' | 'join' | 'leave'; readonly thing: number }
  | { readonly kind: 'cancel' | 'delete'; readonly job: number; readonly force: boolean }
  | { readonly kind: 'create'; readonly job: number }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'restart' };

const thing = fc.nat(2);
const job = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), job }),
  fc.record({ kind: fc.constant('report' as const), thing, job, status: fc.constantFrom(...byDevices) }),
  fc.record({ kind: fc.constantFrom('start' as const, 'join' as const, 'leave' as const), thing }),
  fc.record({ kind: fc.constantFrom('cancel' as const, 'delete' as const), job, force: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.nat(15) }),
  fc.constant({ kind: 'restart' as const }),
);

function take(world: JobWorld, one: Step): unknown {
  const { registry, jobs } = world;
  switch (one.kind) {
    case 'create': {
      const target = one.job === 0 ? arns.thingGroup('group') : arns.thing('car-0');
      const retry = { criteriaList: [{ failureType: 'ALL', numberOfRetries: 1 }] } as const;
      world.job(`job${one.job}`, {
        ...{ targets: [target], targetSelection: one.job === 2 ? 'SNAPSHOT' : 'CONTINUOUS' },
        ...{
          timeoutConfig: { inProgressTimeoutInMinutes: 10 },
          jobExecutionsRetryConfig: { criteriaList: [...retry.criteriaList] },
        },
      });
      return;
    }
    case 'report':
      return world.ask(`job${one.job}/update`, { status: one.status }, `car-${one.thing}`);
    case 'start':
      return world.ask('start-next', {}, `car-${one.thing}`);
    case 'join':
      return registry.thingGroups.addThing('group', `car-${one.thing}`);
    case 'leave':
      return registry.thingGroups.removeThing('group', `car-${one.thing}`);
    case 'cancel':
      return jobs.cancel(`job${one.job}`, one.force, {});
    case 'delete':
      return jobs.delete(`job${one.job}`, one.force);
    case 'wait':
      return world.minutes(one.minutes);
    case 'restart':
      return world.restart();
  }
}

/** What one thing knows from its notifications alone, and what the service says when it is asked. */
function knowledge(world: JobWorld, thingName: string, heard: Map<string, unknown>) {
  for (const { topic, body } of world.sent) {
    const name = new RegExp(`^\\$aws/things/${thingName}/jobs/(notify|notify-next)$`).exec(topic)?.[1];
    if (name !== undefined) heard.set(name, body);
  }
  const pending = world.jobs.records.pendingOf(thingName);
  return {
    heard: [keysOf(heard.get('notify')), frontOf(heard.get('notify-next'))],
    real: [pending.map(({ jobId, executionNumber: n }) => `${jobId}/${n}`).sort(), pending[0]?.jobId],
  };
}

function keysOf(notify: unknown): readonly string[] {
  const { jobs = {} } = (notify ?? {}) as { jobs?: Record<string, { jobId: string; executionNumber: number }[]> };
  return Object.values(jobs)
    .flat()
    .map(({ jobId, executionNumber: n }) => `${jobId}/${n}`)
    .sort();
}

const frontOf = (next: unknown) => (next as { execution?: { jobId: string } } | undefined)?.execution?.jobId;

test('whatever happens, a thing that only listens knows what is pending and what is next, and the counts add up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new JobWorld();
      const heard = [0, 1, 2].map(() => new Map<string, unknown>());
      world.things('car-0', 'car-1', 'car-2');
      world.registry.thingGroups.create({ thingGroupName: 'group' });
      try {
        for (const one of steps) {
          try {
            take(world, one);
          } catch (error) {
            expect(error).toHaveProperty('status');
          }
          world.settle();
          for (const [n, known] of heard.entries()) {
            const { heard: told, real } = knowledge(world, `car-${n}`, known);
            expect(told).toEqual(real);
          }
          world.sent.splice(0);
          for (const { jobId } of world.jobs.list()) {
            const all = [...world.jobs.records.executionsOf(jobId)];
            const things = new Set(all.map(({ thingName }) => thingName));
            const { records } = world.jobs;
            const sum = Object.values(records.tally(jobId)).reduce((a, b) => a + b, 0);
            expect(sum).toBe(things.size);
            expect(Object.values(records.ended(jobId)).reduce((a, b) => a + b, 0)).toBe(
              all.filter((execution) => !isPending(execution)).length,
            );
          }
          expect(world.log).toEqual([]);
        }
      } finally {
        world.close();
      }
    }),
    { numRuns: 60 },
  );
});
