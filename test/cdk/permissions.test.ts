import { expect, test } from 'vitest';
import { z } from 'zod';
import { deployed, ofType, type Statement, statementsOf, textOf } from './stacks.ts';

const resources = deployed();

/** What a role holds beyond 10,000 characters the CDK puts into a managed policy of the stack's own. */
const granted = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
  .flatMap((type) => ofType(resources, type))
  .map(({ id, Properties }) => ({ id: id.replace(/OverflowPolicy(\w+)$/, 'DefaultPolicy$1'), Properties }))
  .flatMap(({ id, Properties }) => statementsOf(Properties['PolicyDocument']).map((statement) => ({ id, statement })));

/** Actions that know no resource, so that IAM wants `*`. */
const withoutResource = ['iot:RegisterThing', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** Every action that a role of ours holds. A typing error here would be a grant that AWS ignores. */
const actionsInUse = [
  'cognito-idp:AdminDeleteUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminUserGlobalSignOut',
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:DescribeStream',
  'dynamodb:GetItem',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
  'events:PutEvents',
  'iot:AddThingToThingGroup',
  'iot:AttachPolicy',
  'iot:AttachPrincipalPolicy',
  'iot:AttachThingPrincipal',
  'iot:CancelJob',
  'iot:CreateJob',
  'iot:CreateThing',
  'iot:CreateThingGroup',
  'iot:DeleteCertificate',
  'iot:DeleteConnection',
  'iot:DeleteJob',
  'iot:DeleteThing',
  'iot:DeleteThingGroup',
  'iot:DeleteThingShadow',
  'iot:DescribeCertificate',
  'iot:DescribeJob',
  'iot:DescribeThing',
  'iot:DescribeThingGroup',
  'iot:DescribeThingType',
  'iot:DetachThingPrincipal',
  'iot:GetPolicy',
  'iot:GetThingShadow',
  'iot:ListAttachedPolicies',
  'iot:ListNamedShadowsForThing',
  'iot:ListPolicyPrincipals',
  'iot:ListPrincipalPolicies',
  'iot:ListPrincipalThings',
  'iot:ListTargetsForPolicy',
  'iot:ListThingGroupsForThing',
  'iot:ListThingPrincipals',
  'iot:Publish',
  'iot:RegisterThing',
  'iot:RemoveThingFromThingGroup',
  'iot:UpdateCertificate',
  'iot:UpdateThing',
  'iot:UpdateThingGroupsForThing',
  'iot:UpdateThingShadow',
  'kms:GenerateMac',
  'kms:GetPublicKey',
  'kms:Sign',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  's3:DeleteObject',
  's3:GetObject',
  's3:ListBucket',
  's3:PutObject',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

function resourcesIn({ Resource = [] }: Statement): readonly string[] {
  return Resource.map(textOf);
}

test('a role holds the actions that AWS knows and that somebody wrote down, none by wildcard', () => {
  const held = new Set(granted.flatMap(({ statement }) => statement.Action));
  expect([...held].sort()).toEqual(actionsInUse);
});

test('a role names the resources it may touch, unless the action knows none', () => {
  const open = granted.filter(({ statement }) => resourcesIn(statement).some((resource) => resource === '*'));
  expect([...new Set(open.flatMap(({ statement }) => statement.Action))].sort()).toEqual([...withoutResource].sort());
});

test('a resource with a wildcard still names the vehicle prefix, or is a certificate, a brand or a folder of files', () => {
  const wild = granted
    .flatMap(({ statement }) => resourcesIn(statement))
    .filter((arn) => arn.includes('*') && arn !== '*');
  const kinds = wild.map((arn) =>
    arn
      .replace('arn:aws:iot:eu-central-1:000000000000:', '')
      .replace(/^<.*:ExportsOutputFnGetAtt(?:Transfers|UpdateFiles|Evidence|FeedFiles|Photos)\w+>/, 'bucket'),
  );
  expect([...new Set(kinds)].sort()).toEqual([
    'bucket/damages/*',
    'bucket/exports/*',
    'bucket/gbfs/*',
    'bucket/images/*',
    'bucket/imports/*',
    'bucket/licences/*',
    'bucket/metadata/*',
    'bucket/notes/*',
    'bucket/receipts/*',
    'bucket/reports/*',
    'bucket/repository/*',
    'bucket/security/*',
    'bucket/state/*',
    'bucket/statements/*',
    'bucket/updates/*',
    'bucket/uses/*',
    'cert/*',
    'client/veh-*',
    'job/fleetloom-dev-cmp-*',
    'thing/veh-*',
    'thing/veh-*/*',
    'thing/veh-*/ota',
    'thing/veh-*/sharing',
    'thinggroup/fleetloom-dev-brand-*',
    'thinggroup/fleetloom-dev-campaign-cmp-*',
    'topic/vehicles/veh-*/code',
    'topic/vehicles/veh-*/commands',
    'topic/vehicles/veh-*/ota',
    'topic/vehicles/veh-*/share',
  ]);
});

test('a record of the audit is put and read, and by nobody changed or taken out', () => {
  const audit = ofType(resources, 'AWS::DynamoDB::GlobalTable').find(({ id }) => id.startsWith('Audit'));
  const onAudit = granted.filter(({ statement }) =>
    resourcesIn(statement).some((arn) => arn.includes(`FnGetAtt${audit?.id}Arn`)),
  );
  expect([...new Set(onAudit.flatMap(({ statement }) => statement.Action))].sort()).toEqual([
    'dynamodb:PutItem',
    'dynamodb:Query',
  ]);
});

test('evidence is put down by two functions, each in folders of its own, and by nobody changed or taken out', () => {
  const onEvidence = granted.filter(({ statement }) =>
    resourcesIn(statement).some((arn) => /FnGetAttEvidence\w+Arn/.test(arn)),
  );
  const writers = onEvidence.filter(({ statement }) => statement.Action.includes('s3:PutObject'));
  const folders = (name: string) =>
    writers
      .filter(({ id }) => id.startsWith(name))
      .flatMap(({ statement }) => resourcesIn(statement).map((arn) => /\w+\/\*$/.exec(arn)?.[0]))
      .sort();
  expect([...new Set(writers.map(({ id }) => id.replace(/RoleDefaultPolicy\w+$/, '')))].sort()).toEqual([
    'EvidenceKept',
    'EvidenceNoted',
  ]);
  expect([folders('EvidenceKept'), folders('EvidenceNoted')]).toEqual([['statements/*', 'updates/*'], ['security/*']]);
  expect([...new Set(onEvidence.flatMap(({ statement }) => statement.Action))].sort()).toEqual([
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ]);
});

test('a certificate or a connection is taken away by who hears of changes or of connections, or erases, and by nobody else', () => {
  const holders = (action: string) =>
    granted
      .filter(({ statement }) => statement.Action.includes(action))
      .map(({ id }) => id.replace(/RoleDefaultPolicy\w+$/, ''))
      .sort();
  expect(holders('iot:DeleteConnection')).toEqual(['RegistryChanged', 'RegistryPresence']);
  expect(holders('iot:UpdateCertificate').filter((id) => !id.startsWith('RegistryProvisioning'))).toEqual([
    'ErasureDue',
    'RegistryChanged',
    'RegistryPresence',
  ]);
});

test('provisioning makes and attaches what its template names, and cannot write a policy or take anything away', () => {
  const making = granted.filter(({ id }) => id.startsWith('RegistryProvisioningMaking'));
  const actions = making.flatMap(({ statement }) => statement.Action);
  expect(actions).toEqual(
    expect.arrayContaining(['iot:RegisterThing', 'iot:AttachPrincipalPolicy', 'iot:UpdateThingGroupsForThing']),
  );
  expect(actions.filter((action) => /Delete|Detach|Remove|Policy(Version)?$/.test(action)).sort()).toEqual([
    'iot:AttachPolicy',
    'iot:AttachPrincipalPolicy',
    'iot:GetPolicy',
    'iot:ListTargetsForPolicy',
  ]);
});

test('nobody but the Director signs with its key, who publishes with that of the Image repository, who issues keys with theirs', () => {
  const signers = (key: string) =>
    granted
      .filter(({ statement }) => statement.Action.includes('kms:Sign'))
      .filter(({ statement }) => resourcesIn(statement).some((arn) => arn.includes(key)))
      .map(({ id }) => id.replace(/(Function)?RoleDefaultPolicy\w+$/, ''))
      .sort();
  expect(signers('OnlineKeysRepository')).toEqual(['Api', 'ReleasesRenewed']);
  expect(signers('OnlineKeysSharing')).toEqual(['SharingApi', 'SharingStated']);
  expect(signers('OnlineKeysDirector')).toEqual(['DirectorAsked']);
});

test('no role borrows a policy that AWS manages', () => {
  for (const { id, Properties } of ofType(resources, 'AWS::IAM::Role')) {
    expect(Properties['ManagedPolicyArns'], id).toBeUndefined();
  }
});

test('AWS IoT takes a role of ours only when it acts for this account', () => {
  const iotRoles = ofType(resources, 'AWS::IAM::Role')
    .flatMap(({ Properties }) => statementsOf(Properties['AssumeRolePolicyDocument']))
    .filter(({ Principal }) => JSON.stringify(Principal).includes('iot.amazonaws.com'));
  expect(iotRoles.length).toBeGreaterThanOrEqual(5);
  for (const { Condition } of iotRoles) {
    expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
  }
});

test('whoever may call a function is named down to the rule, the template or the route', () => {
  for (const { id, Properties } of ofType(resources, 'AWS::Lambda::Permission')) {
    const source = textOf(Properties['SourceArn']);
    expect(source, id).toMatch(
      /:(rule\/fleetloom_dev_|provisioningtemplate\/fleetloom-dev-)|:execute-api:.*\/\*\/\*\/.+|^<(TransfersUploaded|ReleasesRenewal|FeedsEachMinute|Updates(Owner|Vehicle)Rule)\w+\.Arn>$/,
    );
  }
});

test('a queue refuses plain HTTP and encrypts what it holds', () => {
  const queues = ofType(resources, 'AWS::SQS::Queue');
  const guarded = ofType(resources, 'AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
    statementsOf(Properties['PolicyDocument'])
      .filter(({ Effect, Condition }) => Effect === 'Deny' && JSON.stringify(Condition).includes('aws:SecureTransport'))
      .flatMap(() => z.array(z.unknown()).parse(Properties['Queues']).map(textOf)),
  );
  expect([...new Set(guarded)].sort()).toEqual(queues.map(({ id }) => `<${id}>`).sort());
  for (const { id, Properties } of queues) expect(Properties['SqsManagedSseEnabled'], id).toBe(true);
});
