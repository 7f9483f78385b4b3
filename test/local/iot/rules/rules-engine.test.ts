import { beforeEach, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import type { Fate } from '#local/faults/faults.ts';
import type { Message } from '#local/iot/broker/message.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import type { RuleAction, RuleDefinition } from '#local/iot/rules/rule-definition.ts';
import { RulesEngine } from '#local/iot/rules/rules-engine.ts';
import type { InvocationSource } from '#local/lambda/invoker.ts';

const arns = iotArns('eu-central-1', '000000000000');
const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:f';
const roleArn = 'arn:aws:iam::000000000000:role/rule';
const queueUrl = 'http://127.0.0.1:4566/000000000000/telemetry';
const failuresUrl = 'http://127.0.0.1:4566/000000000000/failures';
const toQueue: RuleAction = { kind: 'sqs', queueUrl, roleArn, useBase64: false };
const toFailures: RuleAction = { kind: 'sqs', queueUrl: failuresUrl, roleArn, useBase64: false };

let engine: RulesEngine;
let invoked: { functionArn: string; event: unknown; source: InvocationSource }[];
let queued: { queueUrl: string; body: string }[];
let submitted: { topic: string; payload: string; qos: unknown }[];
let asked: string[];
let assumed: unknown[];
let allowed: (action: string, resource: string) => boolean;
let fates: Fate[];
let failing: { queueUrl: string; times: number };
let log: string[];

beforeEach(() => {
  invoked = [];
  queued = [];
  submitted = [];
  asked = [];
  assumed = [];
  fates = [];
  log = [];
  failing = { queueUrl: '', times: 0 };
  allowed = () => true;
  engine = new RulesEngine({
    arns,
    clock: {
      now: () => 1_700_000_000_000,
      after(_ms, fire) {
        setImmediate(fire);
        return () => {};
      },
    },
    faults: {
      at(hop, label) {
        asked.push(`${hop}:${label}`);
        return fates.shift() ?? { kind: 'deliver' };
      },
    },
    log: (line) => log.push(line),
    lambda: {
      invoke: () => Promise.reject(new Error('A rule does not wait for a function.')),
      async invokeLater(name, event, source) {
        invoked.push({ functionArn: name, event, source });
      },
    },
    queues: {
      async send(_sender, url, body) {
        if (url === failing.queueUrl && failing.times-- > 0) throw new Error('The queue is not there.');
        queued.push({ queueUrl: url, body });
      },
    },
    broker: {
      async submit(topic, payload, options) {
        submitted.push({ topic, payload: payload.toString(), qos: options?.qos });
        await engine.tap(message(topic, payload.toString()));
      },
    },
    roles: {
      assume(arn, service, context) {
        assumed.push({ arn, service, context });
        return { kind: 'role', arn, roleName: 'rule' };
      },
      authorize(_principal, permissions) {
        for (const { action, resource } of permissions) {
          if (!allowed(action, resource)) throw new AwsError('AccessDeniedException', 403, `${action} on ${resource}`);
        }
      },
    },
  });
});

function rule(definition: Partial<RuleDefinition>): void {
  engine.put({ ruleName: 'r', sql: "SELECT * FROM 'cars/+'", disabled: false, actions: [toQueue], ...definition });
}

function message(topic: string, payload: string | Buffer): Message {
  return {
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: false,
    clientId: 'car-1',
    principal: 'c1',
    properties: {},
    timestamp: 1_700_000_000_000,
  };
}

test('a message that matches goes to the queue, in the name of the role, and others do not', async () => {
  rule({});
  await engine.tap(message('cars/1', '{"a":1}'));
  await engine.tap(message('trucks/1', '{"a":2}'));
  await engine.tap(message('cars/1/doors', '{"a":3}'));
  expect(queued).toEqual([{ queueUrl, body: '{"a":1}' }]);
  expect(assumed).toEqual([
    { arn: roleArn, service: 'iot.amazonaws.com', context: { 'aws:SourceArn': arns.rule('r') } },
  ]);
});

test('a function is invoked as the rule, with what the rule selects', async () => {
  rule({
    sql: "SELECT encode(*, 'base64') AS payload, timestamp() AS receivedAt, topic(2) AS vehicleId FROM 'cars/+'",
    actions: [{ kind: 'lambda', functionArn }],
  });
  await engine.tap(message('cars/1', Buffer.from([0xff])));
  expect(invoked).toEqual([
    {
      functionArn,
      event: { payload: '/w==', receivedAt: 1_700_000_000_000, vehicleId: '1' },
      source: { kind: 'service', principal: 'iot.amazonaws.com', sourceArn: arns.rule('r') },
    },
  ]);
});

test('Basic Ingest reaches the rule it names alone, which sees the rest of the topic', async () => {
  rule({ ruleName: 'named', sql: "SELECT topic(2) AS car FROM 'cars/+'" });
  rule({ ruleName: 'other', sql: "SELECT 'other' AS car FROM 'cars/+'" });
  expect(engine.basicIngest.handles('$aws/rules/named/cars/7')).toBe(true);
  expect(engine.basicIngest.handles('$aws/rules/named')).toBe(false);
  await engine.basicIngest.handle(message('$aws/rules/named/cars/7', '{}'), undefined);
  await engine.basicIngest.handle(message('$aws/rules/nobody/cars/7', '{}'), undefined);
  expect(queued.map(({ body }) => body)).toEqual(['{"car":"7"}']);
  expect(log).toHaveLength(1);
});

test('a disabled rule does nothing', async () => {
  rule({ disabled: true });
  await engine.tap(message('cars/1', '{}'));
  await engine.basicIngest.handle(message('$aws/rules/r/cars/1', '{}'), undefined);
  expect(queued).toEqual([]);
});

test('an action that fails is tried again until it succeeds', async () => {
  rule({ errorAction: toFailures });
  failing = { queueUrl, times: 2 };
  await engine.tap(message('cars/1', '{"a":1}'));
  expect(queued).toEqual([{ queueUrl, body: '{"a":1}' }]);
});

test('what fails for good goes to the error action once, with the original payload and every failure', async () => {
  rule({
    actions: [toQueue, { kind: 'lambda', functionArn }, { ...toQueue, useBase64: true }],
    errorAction: toFailures,
  });
  allowed = (_action, resource) => !resource.endsWith(':telemetry');
  await engine.tap(message('cars/1', '{"a":1}'));
  expect(invoked).toHaveLength(1);
  expect(queued).toHaveLength(1);
  expect(queued[0]?.queueUrl).toBe(failuresUrl);
  const errorMessage = 'sqs:SendMessage on arn:aws:sqs:eu-central-1:000000000000:telemetry';
  const failure = { failedAction: 'SqsAction', failedResource: queueUrl, errorMessage };
  expect(JSON.parse(queued[0]?.body ?? '')).toEqual({
    ruleName: 'r',
    topic: 'cars/1',
    cloudwatchTraceId: expect.any(String),
    clientId: 'car-1',
    base64OriginalPayload: Buffer.from('{"a":1}').toString('base64'),
    failures: [failure, failure],
  });
});

test('a message whose error action fails too is lost with a line in the log', async () => {
  rule({ errorAction: toFailures });
  allowed = () => false;
  await engine.tap(message('cars/1', '{}'));
  expect(log.at(-1)).toContain('the message is lost');
});

test('a fault at a rule can drop, repeat or fail a delivery', async () => {
  rule({});
  fates = [{ kind: 'drop' }];
  await engine.tap(message('cars/1', '1'));
  expect(queued).toEqual([]);
  fates = [{ kind: 'duplicate' }];
  await engine.tap(message('cars/1', '2'));
  expect(queued.map(({ body }) => body)).toEqual(['2', '2']);
  fates = [{ kind: 'fail', error: new Error('injected') }];
  await engine.tap(message('cars/1', '3'));
  expect(queued.map(({ body }) => body)).toEqual(['2', '2', '3']);
  expect(asked.every((place) => place === 'rule:r')).toBe(true);
});

test('a message is republished to a topic made of it, reserved ones included', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a substitution template
  const topic = '$$aws/things/${topic(2)}/shadow/update';
  rule({ actions: [{ kind: 'republish', topic, qos: 1, roleArn }] });
  await engine.tap(message('cars/1', '{"a":1}'));
  expect(submitted).toEqual([{ topic: '$aws/things/1/shadow/update', payload: '{"a":1}', qos: 1 }]);
  allowed = (action) => action !== 'iot:Publish';
  await engine.tap(message('cars/2', '{}'));
  expect(submitted).toHaveLength(1);
});

test('rules that feed each other come to an end', async () => {
  rule({ actions: [{ kind: 'republish', topic: 'cars/again', qos: 0, roleArn }], errorAction: toFailures });
  await engine.tap(message('cars/1', '{}'));
  expect(submitted).toHaveLength(5);
  expect(queued[0]?.body).toContain('run in a circle');
});

test('a payload that is not JSON reaches a queue as it is, and no function', async () => {
  rule({ actions: [toQueue, { kind: 'lambda', functionArn }], errorAction: toFailures });
  await engine.tap(message('cars/1', 'plain text'));
  expect(invoked).toEqual([]);
  expect(queued.map((each) => each.queueUrl)).toEqual([queueUrl, failuresUrl]);
  expect(queued[0]?.body).toBe('plain text');
});

test.each([
  ['SQL', { sql: 'SELECT FROM' }],
  ['a function', { sql: "SELECT aws_lambda('a', 'b') FROM 'a'" }],
  ['a template', { actions: [{ kind: 'republish', topic: 'a/${', qos: 0, roleArn } as const] }],
])('%s that is not understood refuses the rule', (_what, definition) => {
  expect(() => rule(definition)).toThrow();
});
