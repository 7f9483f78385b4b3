import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rule, SmallCloud } from './small-cloud.ts';

let cloud: SmallCloud;

beforeAll(async () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  cloud = await SmallCloud.start();
});

afterAll(() => {
  vi.unstubAllEnvs();
  return cloud.end();
});

async function deployed(name: string, code: string, properties: Readonly<Record<string, unknown>> = {}) {
  const arn = await cloud.deploy(name, code, properties);
  await cloud.permit(name);
  return (event: unknown = {}) => cloud.lambda.invoke(arn, event, rule);
}

test('a function gets its event and its answer goes back', async () => {
  const invoke = await deployed('greet', 'export const handler = async (event) => ({ hello: event.name });');
  expect(await invoke({ name: 'ID.3' })).toEqual({ kind: 'answered', payload: { hello: 'ID.3' } });
});

test('a function sees the environment of Lambda and nothing of the host', async () => {
  vi.stubEnv('HOST_SECRET', 'from the host');
  const invoke = await deployed('environment', 'export const handler = async () => ({ ...process.env });', {
    Environment: { Variables: { STAGE: 'dev', AWS_ENDPOINT_URL_IOT_DATA_PLANE: 'https://aws.example' } },
    MemorySize: 256,
    TracingConfig: { Mode: 'Active' },
  });
  const { payload } = Object(await invoke());
  expect(payload).toMatchObject({
    STAGE: 'dev',
    AWS_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_NAME: 'environment',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_ACCESS_KEY_ID: 'AKIA-arn:aws:iam::000000000000:role/environment',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    LAMBDA_TASK_ROOT: expect.stringContaining('assets/environment'),
    TZ: ':UTC',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/),
  });
  // A deployment may name an endpoint of AWS; from here no function goes there.
  for (const name of ['AWS_ENDPOINT_URL_IOT_DATA_PLANE', 'HOST_SECRET', 'NODE_ENV', 'HOME', 'VITEST', 'NODE_OPTIONS']) {
    expect(payload).not.toHaveProperty(name);
  }
});

test('a function lives in UTC wherever its host stands', async () => {
  const invoke = await deployed('zone', 'export const handler = async () => new Date().getTimezoneOffset();');
  expect(await invoke()).toEqual({ kind: 'answered', payload: 0 });
});

test('the context carries what a function may ask of Lambda', async () => {
  const invoke = await deployed(
    'context',
    'export const handler = async (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
    { Timeout: 7 },
  );
  const { payload } = Object(await invoke());
  expect(payload).toMatchObject({
    functionName: 'context',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:context',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/context',
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(payload.remaining).toBeGreaterThan(5000);
  expect(payload.remaining).toBeLessThanOrEqual(7000);
});

const trouble: readonly [name: string, code: string, errorType: string, errorMessage: RegExp][] = [
  [
    'throws',
    'export const handler = async () => { throw new TypeError("no such car"); };',
    'TypeError',
    /^no such car$/,
  ],
  ['exits', 'export const handler = async () => process.exit(3);', 'Runtime.ExitError', /exit status 3$/],
  [
    'rejects-later',
    'export const handler = () => new Promise(() => { Promise.reject(new Error("forgotten")); });',
    'Runtime.UnhandledPromiseRejection',
    /^forgotten$/,
  ],
  ['does-not-load', 'throw new Error("broken at load"); export const handler = 1;', 'Error', /^broken at load$/],
  ['has-no-handler', 'export const other = 1;', 'Runtime.HandlerNotFound', /^index\.handler is undefined/],
  [
    'hangs',
    'export const handler = () => new Promise(() => {});',
    'Sandbox.Timedout',
    /Task timed out after 1\.00 seconds$/,
  ],
  ['spins', 'export const handler = () => { for (;;); };', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds$/],
  [
    'eats-memory',
    'export const handler = async () => { const all = []; for (;;) all.push(new Array(10000).fill({}).map(() => ({ a: 1 }))); };',
    'Runtime.ExitError',
    /signal: killed$/,
  ],
  [
    'says-too-much',
    'export const handler = async () => "x".repeat(6_300_000);',
    'Function.ResponseSizeTooLarge',
    /6291556/,
  ],
  [
    'circles',
    'export const handler = async () => { const a = {}; a.a = a; return a; };',
    'Error',
    /^Unable to stringify/,
  ],
];

test.each(trouble)('a function that %s fails alone, with its reason', async (name, code, errorType, errorMessage) => {
  const timeout = name === 'eats-memory' ? 30 : 1;
  const invoke = await deployed(name, code, { Timeout: timeout });
  const expected = { kind: 'failed', errorType, errorMessage: expect.stringMatching(errorMessage) };
  expect(await invoke()).toEqual(expected);
  expect(await invoke()).toEqual(expected);
});

test('a worker has one event at a time, and slow ones run beside each other', async () => {
  const invoke = await deployed(
    'slow',
    `let running = 0;
     export const handler = async (ms) => {
       running += 1;
       const seen = running;
       await new Promise((resolve) => setTimeout(resolve, ms));
       running -= 1;
       return { seen, worker: process.env.AWS_LAMBDA_LOG_STREAM_NAME };
     };`,
  );
  const results = await Promise.all(Array.from({ length: 6 }, () => invoke(250)));
  const answers = results.map((result) => Object(result).payload);
  expect(answers.map(({ seen }) => seen)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(new Set(answers.map(({ worker }) => worker)).size).toBeGreaterThan(1);
});

test('a quick function keeps one warm worker', async () => {
  const invoke = await deployed('quick', 'let calls = 0; export const handler = async () => ++calls;');
  for (let call = 1; call <= 20; call += 1) expect(await invoke()).toEqual({ kind: 'answered', payload: call });
});

test('idle workers beyond one retire after twenty seconds, the last after five minutes', async () => {
  const invoke = await deployed(
    'retiring',
    'export const handler = async () => new Promise((resolve) => setTimeout(resolve, 200));',
  );
  await Promise.all([invoke(), invoke(), invoke()]);
  const target = cloud.lambda.find('retiring');
  expect(target.workers).toBeGreaterThan(1);
  await vi.waitFor(() => {
    cloud.clock.advance(31_000);
    expect(target.workers).toBe(1);
  });
  cloud.clock.advance(200_000);
  expect(target.workers).toBe(1);
  cloud.clock.advance(100_000);
  expect(target.workers).toBe(0);
  expect(await invoke()).toMatchObject({ kind: 'answered' });
});

test('of functions that nobody calls eight stay warm: those that were called last', async () => {
  const names = Array.from({ length: 10 }, (_, place) => `resting-${place}`);
  const invokes = await Promise.all(names.map((name) => deployed(name, 'export const handler = async () => 1;')));
  for (const invoke of invokes) {
    await invoke();
    cloud.clock.advance(1_000);
  }
  const warm = () => names.filter((name) => cloud.lambda.find(name).workers > 0);
  expect(warm()).toEqual(names);
  cloud.clock.advance(20_000);
  expect(warm()).toEqual(names.slice(2));
  for (const invoke of invokes) expect(await invoke()).toEqual({ kind: 'answered', payload: 1 });
});

test('reserved concurrency throttles what goes beyond it', async () => {
  const invoke = await deployed(
    'reserved',
    'export const handler = async () => new Promise((resolve) => setTimeout(resolve, 200));',
    { ReservedConcurrentExecutions: 1 },
  );
  const [first, second] = await Promise.allSettled([invoke(), invoke()]);
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ reason: { name: 'TooManyRequestsException', status: 429 } });
});

test('what a function prints reaches the log under its name', async () => {
  const invoke = await deployed(
    'talks',
    'export const handler = async () => { console.log("door", { open: true }); process.stdout.write("raw\\n"); };',
  );
  await invoke();
  await vi.waitFor(() => {
    expect(cloud.lines).toContainEqual(
      expect.stringMatching(/^talks: \S+Z\t[0-9a-f-]{36}\tINFO\tdoor { open: true }$/),
    );
    expect(cloud.lines).toContain('talks: raw');
  });
});

test('a caller without permission is refused and the function does not run', async () => {
  const arn = await cloud.deploy('guarded', 'export const handler = async () => { console.log("ran"); };');
  await expect(cloud.lambda.invoke(arn, {}, rule)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    status: 403,
  });
  await expect(cloud.lambda.invokeLater(arn, {}, rule)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(cloud.lambda.find('guarded').workers).toBe(0);
  const queue = { kind: 'event-source', eventSourceArn: 'arn:aws:sqs:eu-central-1:000000000000:q' } as const;
  expect(await cloud.lambda.invoke(arn, {}, queue)).toMatchObject({ kind: 'answered' });
});

test('a role that does not trust Lambda stops the start', async () => {
  cloud.refuseRoles = true;
  await expect(cloud.deploy('untrusted', 'export const handler = 1;')).rejects.toThrow(/does not admit lambda/);
  cloud.refuseRoles = false;
});

test('the time that a function is shown is the local cloud’s, however it asks', async () => {
  const code = `export const handler = async () => ({
    now: Date.now(), made: new Date().getTime(), said: Date.parse(Date()), given: new Date(0).toISOString(),
    kind: new Date() instanceof Date,
  });`;
  const invoke = await deployed('moved', code);
  const before = cloud.clock.now();
  const { payload } = Object(await invoke());
  for (const shown of [payload.now, payload.made, payload.said]) {
    expect(shown).toBeGreaterThan(before - 2000);
    expect(shown).toBeLessThan(cloud.clock.now() + 2000);
  }
  expect(payload).toMatchObject({ given: '1970-01-01T00:00:00.000Z', kind: true });
});
