import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import { Iam } from '#local/iam/iam.ts';
import type { Permission, Principal } from '#local/iam/principal.ts';
import { iamResourceTypes } from '#local/iam/resources.ts';
import { State } from '#local/state/collection.ts';
import type { Provisioned, ResourceScope } from '#local/template/resource-type.ts';

const accountId = '000000000000';
const queue = 'arn:aws:sqs:eu-central-1:000000000000:telemetry';
const send: Permission = { action: 'sqs:SendMessage', resource: queue };
const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') };

function newIam(directory = temporaryDirectory()): Iam {
  return new Iam({ accountId, state: new State(directory), clock });
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-iam-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Makes a resource as the template's executor does. */
async function make(
  iam: Iam,
  type: string,
  logicalId: string,
  properties: Record<string, unknown>,
): Promise<Provisioned> {
  const handler = iamResourceTypes(iam).find((candidate) => candidate.type === type);
  const scope: ResourceScope = {
    region: 'eu-central-1',
    accountId,
    stackName: 'S',
    logicalId,
    physicalName: `S-${logicalId}`,
    assemblyDirectory: '',
    metadata: {},
  };
  if (handler === undefined) throw new Error(`${type} is not handled`);
  return await handler.create(properties, scope);
}

const trusting = (service: string, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service }, ...more }],
});

const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const sending = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };

async function roleOf(iam: Iam, properties: Record<string, unknown> = {}): Promise<string> {
  const role = { AssumeRolePolicyDocument: trusting('lambda.amazonaws.com'), ...properties };
  const { attributes } = await make(iam, 'AWS::IAM::Role', 'Role', role);
  return String(attributes['Arn']);
}

function principalOf(iam: Iam, roleArn: string): Principal {
  const found = iam.find(iam.issueKey(roleArn).accessKeyId);
  if (found === undefined) throw new Error('the key is not known');
  return found.principal;
}

describe('roles of the template', () => {
  test('a role may do what an inline policy, a policy of its own or a managed policy allows, and nothing else', async () => {
    const iam = newIam();
    const arn = await roleOf(iam, {
      Policies: [{ PolicyName: 'inline', PolicyDocument: policy(sending) }],
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    });
    const receive = { action: 'sqs:ReceiveMessage', resource: queue };
    const principal = principalOf(iam, arn);
    expect(principal).toEqual({ kind: 'role', arn: 'arn:aws:iam::000000000000:role/S-Role', roleName: 'S-Role' });
    expect(() =>
      iam.authorize(principal, [send, { action: 'logs:PutLogEvents', resource: 'arn:aws:logs:::x' }]),
    ).not.toThrow();
    expect(() => iam.authorize(principal, [receive])).toThrow(AwsError);

    await make(iam, 'AWS::IAM::Policy', 'Policy', {
      PolicyName: 'more',
      PolicyDocument: policy({ ...sending, Action: 'sqs:ReceiveMessage' }),
      Roles: ['S-Role'],
    });
    expect(() => iam.authorize(principal, [send, receive])).not.toThrow();
  });

  test('a managed policy of the template reaches the roles it names', async () => {
    const iam = newIam();
    const arn = await roleOf(iam);
    await make(iam, 'AWS::IAM::ManagedPolicy', 'Managed', { PolicyDocument: policy(sending), Roles: ['S-Role'] });
    expect(() => iam.authorize(principalOf(iam, arn), [send])).not.toThrow();
  });

  test('a second start of the same template takes away what the template no longer grants', async () => {
    const iam = newIam();
    const arn = await roleOf(iam, { Policies: [{ PolicyName: 'inline', PolicyDocument: policy(sending) }] });
    await roleOf(iam);
    expect(() => iam.authorize(principalOf(iam, arn), [send])).toThrow(AwsError);
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'a managed policy that is not known',
      'AWS::IAM::Role',
      { AssumeRolePolicyDocument: trusting('x'), ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
      'AdministratorAccess is not known',
    ],
    [
      'a permissions boundary',
      'AWS::IAM::Role',
      { AssumeRolePolicyDocument: trusting('x'), PermissionsBoundary: 'arn' },
      'PermissionsBoundary',
    ],
    [
      'a federated trust',
      'AWS::IAM::Role',
      {
        AssumeRolePolicyDocument: policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Federated: 'x' } }),
      },
      'Federated',
    ],
    ['no trust', 'AWS::IAM::Role', {}, 'AssumeRolePolicyDocument'],
    [
      'a policy for users',
      'AWS::IAM::Policy',
      { PolicyName: 'p', PolicyDocument: policy(sending), Roles: ['r'], Users: ['u'] },
      'Users',
    ],
    [
      'a policy for a role that is not there',
      'AWS::IAM::Policy',
      { PolicyName: 'p', PolicyDocument: policy(sending), Roles: ['r'] },
      'The role r does not exist',
    ],
    [
      'an unknown operator',
      'AWS::IAM::Role',
      { AssumeRolePolicyDocument: trusting('x', { Condition: { Odd: { a: 'b' } } }) },
      'the condition operator Odd is not known',
    ],
  ])('%s stops the start', async (_, type, properties, reason) => {
    await expect(make(newIam(), type, 'R', properties)).rejects.toThrow(reason);
  });
});

describe('refusals are worded as AWS words them', () => {
  const user =
    'User: arn:aws:sts::000000000000:assumed-role/S-Role/local is not authorized to perform: sqs:SendMessage';

  test('without an allow', async () => {
    const iam = newIam();
    const principal = principalOf(iam, await roleOf(iam));
    expect(() => iam.authorize(principal, [send])).toThrow(
      expect.objectContaining({
        name: 'AccessDeniedException',
        status: 403,
        message: `${user} on resource: ${queue} because no identity-based policy allows the sqs:SendMessage action`,
      }),
    );
  });

  test('with a deny', async () => {
    const iam = newIam();
    const denying = policy(sending, { ...sending, Effect: 'Deny' });
    const principal = principalOf(iam, await roleOf(iam, { Policies: [{ PolicyName: 'p', PolicyDocument: denying }] }));
    expect(() => iam.authorize(principal, [send])).toThrow(
      `${user} on resource: ${queue} with an explicit deny in an identity-based policy`,
    );
  });
});

describe('trust', () => {
  test('only the service that a role trusts can take it', async () => {
    const iam = newIam();
    const arn = await roleOf(iam, { AssumeRolePolicyDocument: trusting('iot.amazonaws.com') });
    expect(iam.canAssume(arn, 'iot.amazonaws.com')).toBe(true);
    expect(iam.canAssume(arn, 'lambda.amazonaws.com')).toBe(false);
    expect(iam.canAssume('arn:aws:iam::000000000000:role/nobody', 'iot.amazonaws.com')).toBe(false);
    expect(iam.assume(arn, 'iot.amazonaws.com')).toMatchObject({ kind: 'role', arn });
    expect(() => iam.assume(arn, 'lambda.amazonaws.com')).toThrow(
      expect.objectContaining({ name: 'AccessDeniedException' }),
    );
  });

  test('a trust can ask for the rule that uses it', async () => {
    const iam = newIam();
    const rule = 'arn:aws:iot:eu-central-1:000000000000:rule/telemetry';
    const condition = {
      Condition: { ArnEquals: { 'aws:SourceArn': rule }, StringEquals: { 'aws:SourceAccount': accountId } },
    };
    const arn = await roleOf(iam, { AssumeRolePolicyDocument: trusting('iot.amazonaws.com', condition) });
    expect(iam.canAssume(arn, 'iot.amazonaws.com', { 'aws:SourceArn': rule })).toBe(true);
    expect(iam.canAssume(arn, 'iot.amazonaws.com', { 'aws:SourceArn': `${rule}-other` })).toBe(false);
    expect(iam.canAssume(arn, 'iot.amazonaws.com')).toBe(false);
  });
});

describe('the policy of a resource', () => {
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };

  test('lets in a service that it names, under its conditions', () => {
    const iam = newIam();
    const bus = 'arn:aws:events:eu-central-1:000000000000:rule/r';
    const named = {
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': bus } },
    };
    iam.putResourcePolicy(queue, policy({ ...statement, ...named }));
    const from = (sourceArn: string) => ({ ...send, context: { 'aws:SourceArn': sourceArn } });
    expect(() => iam.authorizeService('events.amazonaws.com', from(bus))).not.toThrow();
    expect(() => iam.authorizeService('events.amazonaws.com', from(`${bus}2`))).toThrow(AwsError);
    expect(() => iam.authorizeService('sns.amazonaws.com', from(bus))).toThrow(AwsError);
  });

  test('allows a role of the account that it names, or refuses it in spite of its own policy', async () => {
    const iam = newIam();
    const bare = await roleOf(iam);
    iam.putResourcePolicy(queue, policy({ ...statement, Principal: { AWS: bare } }));
    expect(() => iam.authorize(principalOf(iam, bare), [send])).not.toThrow();

    const sender = await roleOf(iam, { Policies: [{ PolicyName: 'p', PolicyDocument: policy(sending) }] });
    iam.putResourcePolicy(queue, policy({ ...statement, Effect: 'Deny', Principal: { AWS: sender } }));
    expect(() => iam.authorize(principalOf(iam, sender), [send])).toThrow('explicit deny in a resource-based policy');
  });

  test('that names the whole account leaves the decision to the policy of the role', async () => {
    const iam = newIam();
    const arn = await roleOf(iam);
    iam.putResourcePolicy(queue, policy({ ...statement, Principal: { AWS: 'arn:aws:iam::000000000000:root' } }));
    expect(() => iam.authorize(principalOf(iam, arn), [send])).toThrow(AwsError);
  });

  test('that enforces TLS refuses nobody on the loopback interface', async () => {
    const iam = newIam();
    const arn = await roleOf(iam, { Policies: [{ PolicyName: 'p', PolicyDocument: policy(sending) }] });
    const insecure = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: queue };
    iam.putResourcePolicy(queue, policy({ ...insecure, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }));
    expect(() => iam.authorize(principalOf(iam, arn), [send])).not.toThrow();
  });
});

test('the administrator may do everything but what the policy of a resource refuses to everybody', () => {
  const iam = newIam();
  const administrator = iam.find(iam.administratorKey.accessKeyId)?.principal;
  if (administrator === undefined) throw new Error('There is no administrator');
  const bucket = 'arn:aws:s3:::evidence';
  const kept = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:DeleteObject', Resource: `${bucket}/*` };
  iam.putResourcePolicy(bucket, policy(kept));
  const on = (action: string) => [{ action, resource: `${bucket}/record.json` }];
  expect(() => iam.authorize(administrator, on('s3:GetObject'))).not.toThrow();
  expect(() => iam.authorize(administrator, on('s3:DeleteObject'))).toThrow('explicit deny in a resource-based policy');
});

describe('access keys', () => {
  test('the administrator keeps the key from start to start and may do everything', () => {
    const directory = temporaryDirectory();
    const key = newIam(directory).administratorKey;
    const again = newIam(directory);
    expect(again.administratorKey).toEqual(key);
    const found = again.find(key.accessKeyId);
    expect(found).toMatchObject({ secretAccessKey: key.secretAccessKey, principal: { kind: 'administrator' } });
    if (found !== undefined) expect(() => again.authorize(found.principal, [send])).not.toThrow();
  });

  test('each key of a role is its own, and a key that nobody issued is nobody', async () => {
    const iam = newIam();
    const arn = await roleOf(iam);
    const [one, other] = [iam.issueKey(arn), iam.issueKey(arn)];
    expect(one.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(one.secretAccessKey).toHaveLength(40);
    expect(one).not.toEqual(other);
    expect(iam.find('AKIAAAAAAAAAAAAAAAAA')).toBeUndefined();
  });
});
