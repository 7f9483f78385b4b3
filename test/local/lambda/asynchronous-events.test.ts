import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rule, SmallCloud } from './small-cloud.ts';

let cloud: SmallCloud;

beforeEach(async () => {
  cloud = await SmallCloud.start();
});

afterEach(() => cloud.end());

const countsAndFails = `
  import { appendFileSync } from 'node:fs';
  export const handler = async (event) => {
    appendFileSync(process.env.CALLS, 'x');
    console.log('called');
    throw new RangeError('cannot take ' + event.vin);
  };
`;
const deadLetters = 'arn:aws:sqs:eu-central-1:000000000000:dead';
const failures = 'arn:aws:sqs:eu-central-1:000000000000:failures';
const successes = 'arn:aws:sqs:eu-central-1:000000000000:successes';

async function calls(name: string, count: number): Promise<void> {
  await vi.waitFor(() => {
    const lines = cloud.lines.filter((line) => line.startsWith(name) && line.includes('called'));
    expect(lines).toHaveLength(count);
  });
}

/** The event was tried `count` times, the last failed, and the next attempt is planned. */
async function planned(count: number): Promise<void> {
  await vi.waitFor(() => expect(cloud.lines).toContainEqual(expect.stringContaining(`attempt ${count} failed`)));
}

async function deployFailing(properties: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const arn = await cloud.deploy('failing', countsAndFails, {
    Environment: { Variables: { CALLS: `${cloud.directory}/calls` } },
    ...properties,
  });
  await cloud.permit('failing');
  return arn;
}

test('a failing event is tried three times, after one and two minutes, then is a dead letter', async () => {
  const arn = await deployFailing({ DeadLetterConfig: { TargetArn: deadLetters } });
  await cloud.lambda.invokeLater(arn, { vin: 'A' }, rule);
  await planned(1);
  cloud.clock.advance(59_000);
  await calls('failing', 1);
  cloud.clock.advance(1000);
  await planned(2);
  cloud.clock.advance(120_000);
  await vi.waitFor(() => expect(cloud.sent).toHaveLength(1));
  await calls('failing', 3);
  expect(cloud.lambda.pendingEvents).toBe(0);
  expect(cloud.sent[0]).toEqual({
    roleArn: 'arn:aws:iam::000000000000:role/failing',
    queueArn: deadLetters,
    body: '{"vin":"A"}',
    attributes: {
      RequestID: { DataType: 'String', StringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'cannot take A' },
    },
  });
});

test('a failure destination gets the event in an envelope', async () => {
  const arn = await deployFailing();
  await cloud.create('AWS::Lambda::EventInvokeConfig', 'config', {
    FunctionName: 'failing',
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: failures } },
  });
  await cloud.lambda.invokeLater(arn, { vin: 'B' }, rule);
  await vi.waitFor(() => expect(cloud.sent).toHaveLength(1));
  expect(cloud.sent[0]?.queueArn).toBe(failures);
  expect(JSON.parse(cloud.sent[0]?.body ?? '')).toEqual({
    version: '1.0',
    timestamp: '2026-01-15T12:00:00.000Z',
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionArn: `${arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 1,
    },
    requestPayload: { vin: 'B' },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'RangeError', errorMessage: 'cannot take B', trace: [] },
  });
});

test('a success destination gets what the function answered', async () => {
  const arn = await cloud.deploy('fine', 'export const handler = async (event) => event.n + 1;');
  await cloud.permit('fine');
  await cloud.create('AWS::Lambda::EventInvokeConfig', 'config', {
    FunctionName: arn,
    Qualifier: '$LATEST',
    DestinationConfig: { OnSuccess: { Destination: successes } },
  });
  await cloud.lambda.invokeLater(arn, { n: 1 }, rule);
  await vi.waitFor(() => expect(cloud.sent).toHaveLength(1));
  expect(JSON.parse(cloud.sent[0]?.body ?? '')).toMatchObject({
    requestContext: { condition: 'Success', approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responsePayload: 2,
  });
});

test('an accepted event survives a crash of the local cloud', async () => {
  const arn = await cloud.deploy('busy', 'export const handler = () => new Promise(() => {});', { Timeout: 60 });
  await cloud.permit('busy');
  await cloud.lambda.invokeLater(arn, { vin: 'C' }, rule);
  cloud = await cloud.restart();
  const code = 'export const handler = async (event) => console.log("called", event.vin);';
  await cloud.deploy('busy', code);
  cloud.lambda.resume();
  await calls('busy: ', 1);
  await vi.waitFor(() => expect(cloud.lambda.pendingEvents).toBe(0));
});

test('attempts are counted across restarts', async () => {
  let arn = await deployFailing({ DeadLetterConfig: { TargetArn: deadLetters } });
  await cloud.lambda.invokeLater(arn, { vin: 'D' }, rule);
  await planned(1);
  cloud = await cloud.restart();
  arn = await deployFailing({ DeadLetterConfig: { TargetArn: deadLetters } });
  cloud.lambda.resume();
  cloud.clock.advance(60_000);
  await planned(2);
  cloud.clock.advance(120_000);
  await vi.waitFor(() => expect(cloud.sent).toHaveLength(1));
  expect(arn).toContain('failing');
});

test('an event that found no room waits without losing an attempt, until it is too old', async () => {
  const arn = await cloud.deploy('closed', 'export const handler = async () => 1;', {
    ReservedConcurrentExecutions: 0,
    DeadLetterConfig: { TargetArn: deadLetters },
  });
  await cloud.permit('closed');
  await cloud.create('AWS::Lambda::EventInvokeConfig', 'config', {
    FunctionName: 'closed',
    Qualifier: '$LATEST',
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: failures } },
  });
  await cloud.lambda.invokeLater(arn, {}, rule);
  await vi.waitFor(() => {
    cloud.clock.advance(10_000);
    expect(cloud.sent).toHaveLength(2);
  });
  expect(JSON.parse(cloud.sent[0]?.body ?? '')).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    responsePayload: { errorType: 'TooManyRequestsException' },
  });
});

test('a role without sqs:SendMessage loses the event, and the log says so', async () => {
  cloud.refuseSending = true;
  const arn = await deployFailing({ DeadLetterConfig: { TargetArn: deadLetters } });
  await cloud.create('AWS::Lambda::EventInvokeConfig', 'config', {
    FunctionName: 'failing',
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
  });
  await cloud.lambda.invokeLater(arn, { vin: 'E' }, rule);
  await vi.waitFor(() => expect(cloud.lambda.pendingEvents).toBe(0));
  expect(cloud.lines).toContainEqual(expect.stringMatching(/could not send to .*:dead: .*AccessDenied/));
});

test('a fault at the function fails, drops or doubles the invocation', async () => {
  const arn = await cloud.deploy('hop', 'let calls = 0; export const handler = async () => ++calls;');
  await cloud.permit('hop');
  const labels: string[] = [];
  cloud.faults = {
    at(hop, label) {
      labels.push(`${hop} ${label}`);
      return { kind: 'fail', error: new RangeError('injected') };
    },
  };
  expect(await cloud.lambda.invoke(arn, {}, rule)).toEqual({
    kind: 'failed',
    errorType: 'RangeError',
    errorMessage: 'injected',
  });
  expect(labels).toEqual(['function hop']);
  cloud.faults = { at: () => ({ kind: 'drop' }) };
  expect(await cloud.lambda.invoke(arn, {}, rule)).toMatchObject({ kind: 'failed' });
  cloud.faults = { at: () => ({ kind: 'duplicate' }) };
  expect(await cloud.lambda.invoke(arn, {}, rule)).toEqual({ kind: 'answered', payload: 2 });
});

test('an event above one megabyte is refused', async () => {
  const arn = await cloud.deploy('big', 'export const handler = async () => 1;');
  await cloud.permit('big');
  const refused = cloud.lambda.invokeLater(arn, 'x'.repeat(1_048_577), rule);
  await expect(refused).rejects.toMatchObject({ name: 'RequestTooLargeException', status: 413 });
});
