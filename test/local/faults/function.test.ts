import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { rule, SmallCloud } from '../lambda/small-cloud.ts';

let cloud: SmallCloud;
let faults: PlannedFaults;
let arn: string;
let heard: string[] = [];
const server = createServer((request, response) => {
  heard.push(String(request.headers['x-amz-target'] ?? request.url));
  response.end('{}');
});

beforeAll(async () => {
  const port = await listenOnLoopback(server, 0);
  cloud = await SmallCloud.start();
  faults = new PlannedFaults(cloud.clock);
  cloud.faults = faults;
  arn = await cloud.deploy(
    'caller',
    `import { request } from 'node:http';
     const call = (operation) => new Promise((resolve, reject) => {
       const headers = { 'x-amz-target': 'DynamoDB_20120810.' + operation };
       request({ port: ${port}, headers }, (response) => response.resume().on('end', resolve)).on('error', reject).end();
     });
     export const handler = async () => {
       await call('GetItem');
       await call('PutItem');
       await call('PutItem');
       return 'done';
     };`,
    { Timeout: 20 },
  );
  await cloud.permit('caller');
});
afterEach(() => {
  faults.endAll();
  heard = [];
});
afterAll(async () => {
  await cloud.end();
  server.close();
});

const invoke = () => cloud.lambda.invoke(arn, {}, rule);
const exit = { kind: 'failed', errorType: 'Runtime.ExitError' };

test('a function that dies before its work has done nothing', async () => {
  faults.plan({ kind: 'crash', hop: 'function', when: 'before', times: 1 });
  expect(await invoke()).toMatchObject(exit);
  expect(heard).toEqual([]);
  expect(await invoke()).toMatchObject({ kind: 'answered' });
});

test('a function that dies after its side effect has done what it had done, and no more', async () => {
  faults.plan({ kind: 'crash', hop: 'function', calls: 2, times: 1 });
  expect(await invoke()).toMatchObject(exit);
  expect(heard).toEqual(['DynamoDB_20120810.GetItem', 'DynamoDB_20120810.PutItem']);
});

test('the side effect can be named by its operation', async () => {
  faults.plan({ kind: 'crash', hop: 'function', operation: 'PutItem', times: 1 });
  expect(await invoke()).toMatchObject(exit);
  expect(heard).toHaveLength(2);
});

test('a function that dies after its work has done all of it, and nobody hears the answer', async () => {
  faults.plan({ kind: 'crash', hop: 'function', when: 'after', times: 1 });
  expect(await invoke()).toMatchObject(exit);
  expect(heard).toHaveLength(3);
});

test('an event whose function died after its side effect comes again', async () => {
  faults.plan({ kind: 'crash', hop: 'function', operation: 'PutItem', times: 1 });
  await cloud.lambda.invokeLater(arn, {}, rule);
  await vi.waitFor(() => expect(cloud.lines.some((line) => line.includes('attempt 1 failed'))).toBe(true));
  cloud.clock.advance(120_000);
  await vi.waitFor(() => expect(cloud.lambda.pendingEvents).toBe(0));
  expect(heard).toHaveLength(5);
});

test.each([
  ['before', 0],
  ['after', 3],
] as const)('a function that hangs %s its work is stopped at its timeout', async (when, calls) => {
  faults.plan({ kind: 'hang', hop: 'function', when, times: 1 });
  const timers = cloud.clock.timers;
  const result = invoke();
  await vi.waitFor(() => expect(heard).toHaveLength(calls));
  await vi.waitFor(() => {
    expect(cloud.clock.timers).toBeGreaterThan(timers - 2);
    cloud.clock.advance(20_000);
  });
  const settled = await vi.waitFor(async () => {
    cloud.clock.advance(20_000);
    return Promise.race([result, Promise.reject(new Error('not yet'))]);
  });
  expect(settled).toMatchObject({ kind: 'failed', errorType: 'Sandbox.Timedout' });
});

test('a function above its rate is throttled as Lambda does', async () => {
  faults.plan({ kind: 'throttle', hop: 'function', rate: 1 });
  expect(await invoke()).toMatchObject({ kind: 'answered' });
  await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException', status: 429 });
});
