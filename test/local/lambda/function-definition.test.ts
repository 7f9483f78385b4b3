import fc from 'fast-check';
import { expect, test } from 'vitest';
import { functionDefinition } from '#local/lambda/function-definition.ts';
import { arnLike, functionNameOf, functionPermission, permits } from '#local/lambda/function-permission.ts';

const place = {
  region: 'eu-central-1',
  accountId: '000000000000',
  defaultName: 'made-up',
  assetDirectory: (key: string) => `/assets/${key}`,
};

const minimal = {
  Code: { S3Bucket: 'b', S3Key: 'k.zip' },
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/r',
};

test('a function without optional properties gets the defaults of Lambda', () => {
  expect(functionDefinition(minimal, place)).toEqual({
    name: 'made-up',
    arn: 'arn:aws:lambda:eu-central-1:000000000000:function:made-up',
    description: '',
    runtime: 'nodejs24.x',
    architecture: 'x86_64',
    handler: 'index.handler',
    assetDirectory: '/assets/k.zip',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    variables: {},
    memoryMegabytes: 128,
    timeoutSeconds: 3,
    reservedConcurrency: undefined,
    tracing: 'PassThrough',
    logFormat: 'Text',
    logLevel: undefined,
    logGroup: '/aws/lambda/made-up',
    deadLetterArn: undefined,
  });
});

const misunderstood: readonly [what: string, properties: Record<string, unknown>, named: RegExp][] = [
  ['layers', { Layers: ['arn:aws:lambda:…'] }, /Layers/],
  ['a VPC', { VpcConfig: {} }, /VpcConfig/],
  ['another runtime', { Runtime: 'python3.13' }, /Runtime/],
  ['an image', { PackageType: 'Image' }, /PackageType/],
  ['a time-out beyond 15 minutes', { Timeout: 901 }, /Timeout/],
  ['a topic for dead letters', { DeadLetterConfig: { TargetArn: 'arn:aws:sns:eu-central-1:0:t' } }, /TargetArn/],
  ['a reserved variable', { Environment: { Variables: { AWS_REGION: 'x' } } }, /AWS_REGION is reserved/],
  ['too many variables', { Environment: { Variables: { LONG: 'x'.repeat(4097) } } }, /4096/],
];

test.each(misunderstood)('%s stops the start and is named', (_what, properties, named) => {
  expect(() => functionDefinition({ ...minimal, ...properties }, place)).toThrow(named);
});

test('versions and aliases are not taken for the function itself', () => {
  const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:f';
  expect(functionNameOf('f')).toBe('f');
  expect(functionNameOf(arn)).toBe('f');
  expect(functionNameOf(`${arn}:$LATEST`)).toBe('f');
  expect(() => functionNameOf(`${arn}:live`)).toThrow(/versions and aliases/);
  expect(() => functionNameOf('arn:aws:sqs:eu-central-1:000000000000:f')).toThrow();
});

const rule = 'arn:aws:iot:eu-central-1:000000000000:rule/telemetry';
const source = { kind: 'service', principal: 'iot.amazonaws.com', sourceArn: rule } as const;
const statement = { Action: 'lambda:InvokeFunction', FunctionName: 'f', Principal: 'iot.amazonaws.com' };

const permissions: readonly [what: string, properties: Record<string, unknown>, allowed: boolean][] = [
  ['without conditions', {}, true],
  ['with the same source', { SourceArn: rule }, true],
  ['with a pattern', { SourceArn: 'arn:aws:iot:eu-central-1:000000000000:rule/*' }, true],
  ['with another source', { SourceArn: 'arn:aws:iot:eu-central-1:000000000000:rule/other' }, false],
  ['whose pattern ends too early', { SourceArn: 'arn:aws:iot:eu-central-1:000000000000:rule/tele' }, false],
  ['with the account', { SourceAccount: '000000000000' }, true],
  ['with another account', { SourceAccount: '111111111111' }, false],
  ['for another service', { Principal: 'events.amazonaws.com' }, false],
];

test.each(permissions)('a permission %s: %s', (_what, properties, allowed) => {
  const permission = functionPermission({ ...statement, ...properties });
  expect(permits([permission], source, '000000000000')).toBe(allowed);
});

test('no star of an ARN pattern reaches over a colon of the first five parts', () => {
  expect(arnLike('arn:aws:*:rule/telemetry', rule)).toBe(false);
  expect(arnLike('arn:aws:iot:*:*:rule/telemetry', rule)).toBe(true);
});

test('an ARN matches itself and any pattern made from it', () => {
  const part = fc.stringMatching(/^[a-z0-9/.()[\]+$^|-]{0,12}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 6, maxLength: 8 }), fc.nat(), fc.nat(), (parts, which, where) => {
      const arn = parts.join(':');
      expect(arnLike(arn, arn)).toBe(true);
      const index = which % parts.length;
      const text = parts[index] ?? '';
      const cut = where % (text.length + 1);
      const pattern = parts.with(index, `${text.slice(0, cut)}*`).join(':');
      expect(arnLike(pattern, arn)).toBe(true);
      expect(arnLike(`${arn}x`, arn)).toBe(false);
    }),
  );
});
