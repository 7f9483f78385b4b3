import { afterEach, beforeEach, expect, test } from 'vitest';
import { arns, JobWorld, type Sent } from './job-world.ts';

let world: JobWorld;

beforeEach(() => {
  world = new JobWorld();
  world.things('car');
});

afterEach(() => world.close());

/** `notify QUEUED:job1,job2` and `notify-next job1`: what a device learns, without the times. */
function told(messages: readonly Sent[]): readonly string[] {
  return messages.map(({ topic, body }) => {
    const { jobs = {}, execution } = body as {
      jobs?: Record<string, { jobId: string }[]>;
      execution?: { jobId: string };
    };
    const lists = Object.entries(jobs).map(([status, list]) => `${status}:${list.map(({ jobId }) => jobId)}`);
    return [topic, ...lists, ...(execution === undefined ? [] : [execution.jobId])].join(' ');
  });
}

const report = (jobId: string, status: string) => told(world.ask(`${jobId}/update`, { status }));

test('a device hears of each change of the set and of the front of its executions, and of nothing else', () => {
  world.job('job1');
  expect(told(world.heard())).toEqual(['notify QUEUED:job1', 'notify-next job1']);
  world.job('job2');
  expect(told(world.heard())).toEqual(['notify QUEUED:job1,job2']);
  expect(told(world.ask('start-next'))).toEqual(['start-next/accepted job1']);
  world.heard();
  world.job('job3');
  expect(told(world.heard())).toEqual(['notify IN_PROGRESS:job1 QUEUED:job2,job3']);
  expect(report('job1', 'SUCCEEDED')).toEqual(['job1/update/accepted', 'notify QUEUED:job2,job3', 'notify-next job2']);
  expect(report('job3', 'IN_PROGRESS')).toEqual(['job3/update/accepted', 'notify-next job3']);
  expect(report('job2', 'REJECTED')).toEqual(['job2/update/accepted', 'notify IN_PROGRESS:job3']);
  world.heard();
  world.jobs.delete('job3', true);
  world.settle();
  const timestamp = world.clock.now() / 1000;
  expect(world.heard()).toEqual([
    { topic: 'notify', body: { jobs: {}, timestamp } },
    { topic: 'notify-next', body: { timestamp } },
  ]);
});

test('what a device is told of an execution has whole seconds, its version, and the document as an object', () => {
  world.job('job1', { document: JSON.stringify({ campaign: 'c-1' }) });
  const seconds = world.clock.now() / 1000;
  const summary = { jobId: 'job1', queuedAt: seconds, lastUpdatedAt: seconds, versionNumber: 1, executionNumber: 1 };
  const full = { ...summary, thingName: 'car', status: 'QUEUED', jobDocument: { campaign: 'c-1' } };
  expect(world.heard()).toEqual([
    { topic: 'notify', body: { jobs: { QUEUED: [summary] }, timestamp: seconds } },
    { topic: 'notify-next', body: { execution: full, timestamp: seconds } },
  ]);
  expect(world.ask('$next/get', { includeJobDocument: false, clientToken: 'k' })).toEqual([
    {
      topic: '$next/get/accepted',
      body: {
        execution: { ...summary, thingName: 'car', status: 'QUEUED' },
        timestamp: seconds,
        clientToken: 'k',
      },
    },
  ]);
  expect(world.ask('get')).toEqual([
    { topic: 'get/accepted', body: { inProgressJobs: [], queuedJobs: [summary], timestamp: seconds } },
  ]);
});

test('starting twice changes nothing the second time; each update raises the version', () => {
  world.job('job1');
  const first = world.ask('start-next', { statusDetails: { step: '1' } });
  expect(first[0]?.body).toMatchObject({
    execution: { status: 'IN_PROGRESS', versionNumber: 2, statusDetails: { step: '1' } },
  });
  const second = world.ask('start-next', { statusDetails: { step: '2' } });
  expect(second[0]?.body).toMatchObject({ execution: { versionNumber: 2, statusDetails: { step: '1' } } });
  const [updated] = world.ask('job1/update', {
    ...{ status: 'IN_PROGRESS', expectedVersion: '2', statusDetails: { step: '3' } },
    ...{ includeJobExecutionState: true, includeJobDocument: true },
  });
  expect(updated).toMatchObject({
    topic: 'job1/update/accepted',
    body: {
      executionState: { status: 'IN_PROGRESS', statusDetails: { step: '3' }, versionNumber: 3 },
      jobDocument: { is: 'job1' },
    },
  });
});

test('an idle thing is answered without an execution', () => {
  const timestamp = world.clock.now() / 1000;
  for (const topic of ['start-next', '$next/get']) {
    expect(world.ask(topic)).toEqual([{ topic: `${topic}/accepted`, body: { timestamp } }]);
  }
});

test('at most ten executions are told of, what is under way before what waits', () => {
  for (let n = 0; n < 12; n += 1) world.job(`job${n}`);
  world.ask('job11/update', { status: 'IN_PROGRESS' });
  world.heard();
  world.job('job12');
  const [notify] = told(world.heard());
  expect(notify).toBe(`notify IN_PROGRESS:job11 QUEUED:${Array.from({ length: 9 }, (_, n) => `job${n}`)}`);
  const queuedJobs = Array.from({ length: 9 }, (_, n) => expect.objectContaining({ jobId: `job${n}` }));
  expect(world.ask('get')[0]?.body).toMatchObject({ inProgressJobs: [{ jobId: 'job11' }], queuedJobs });
});

test('a job may be named as an operation is', () => {
  world.job('get');
  world.job('start-next');
  expect(told(world.ask('get/get'))).toEqual(['get/get/accepted get']);
  expect(told(world.ask('start-next/update', { status: 'SUCCEEDED' }))[0]).toBe('start-next/update/accepted');
});

test('what is refused says why, with the state where the state is the reason', () => {
  world.job('job1');
  const timestamp = world.clock.now() / 1000;
  const queued = { status: 'QUEUED', versionNumber: 1 };
  const refusals: readonly (readonly [topic: string, body: unknown, refusal: object])[] = [
    [
      'job1/update',
      { status: 'IN_PROGRESS', expectedVersion: 99 },
      { code: 'VersionMismatch', message: 'Expected version 99 but found version 1', executionState: queued },
    ],
    [
      'job1/update',
      {},
      {
        code: 'InvalidRequest',
        message: "Value null at 'status' failed to satisfy constraint: Member must not be null",
      },
    ],
    ['job1/update', { status: 'TIMED_OUT' }, { code: 'InvalidStateTransition', executionState: queued }],
    ['job1/update', { status: 'DONE' }, { code: 'InvalidRequest' }],
    ['job1/update', { status: 'FAILED', statusDetails: { 'a b': 'c' } }, { code: 'InvalidRequest' }],
    ['job1/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 0 }, { code: 'InvalidRequest' }],
    ['job1/update', Buffer.from('{'), { code: 'InvalidJson' }],
    ['job1/update', Buffer.from('[]'), { code: 'InvalidJson' }],
    ['job2/update', { status: 'FAILED' }, { code: 'ResourceNotFound' }],
    ['job2/get', {}, { code: 'ResourceNotFound' }],
    ['job1/get', { executionNumber: 7 }, { code: 'ResourceNotFound' }],
    ['job1/start', {}, { code: 'InvalidTopic' }],
    ['notify', {}, { code: 'InvalidTopic' }],
  ];
  world.heard();
  for (const [topic, body, refusal] of refusals) {
    expect(world.ask(topic, body)).toEqual([
      { topic: `${topic}/rejected`, body: expect.objectContaining({ ...refusal, timestamp }) },
    ]);
  }
  world.ask('job1/update', { status: 'FAILED' });
  expect(world.ask('job1/update', { status: 'SUCCEEDED', clientToken: 'k' })[0]?.body).toMatchObject({
    code: 'InvalidStateTransition',
    executionState: { status: 'FAILED', versionNumber: 2 },
    clientToken: 'k',
  });
  expect(world.ask('job1/get')[0]?.body).toMatchObject({ code: 'TerminalStateReached' });
});

test('a thing that joins the group of a continuous job gets it soon, and loses it when it leaves', () => {
  world.registry.thingGroups.create({ thingGroupName: 'campaign' });
  world.job('job1', { targetSelection: 'CONTINUOUS', targets: [arns.thingGroup('campaign')] });
  expect(world.heard()).toEqual([]);
  world.registry.thingGroups.addThing('campaign', 'car');
  world.settle();
  expect(told(world.heard())).toEqual(['notify QUEUED:job1', 'notify-next job1']);
  world.registry.thingGroups.removeThing('campaign', 'car');
  world.settle();
  expect(told(world.heard())).toEqual(['notify', 'notify-next']);
  expect(world.status('job1')).toBe('REMOVED');
  world.registry.thingGroups.addThing('campaign', 'car');
  world.settle();
  expect(world.jobs.records.latest('job1', 'car')).toMatchObject({ status: 'QUEUED', executionNumber: 2 });
});
