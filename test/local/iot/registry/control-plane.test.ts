import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateJobCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  CreateThingTypeCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  DescribeThingCommand,
  DescribeThingGroupCommand,
  DescribeThingTypeCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListPrincipalThingsCommand,
  ListTargetsForPolicyCommand,
  ListThingGroupsForThingCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  paginateListThings,
  RegisterCertificateWithoutCACommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
  UpdateThingGroupCommand,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { iotControlPlane } from '#local/iot/registry/control-plane.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { State } from '#local/state/collection.ts';

const accountId = '000000000000';
const region = 'eu-central-1';
const arns = iotArns(region, accountId);
const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
});

let directory: string;
let state: State;
let gateway: Gateway;
let iam: Iam;
let operator: IoTClient;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'control-plane-'));
  state = new State(directory);
  iam = new Iam({ accountId, state, clock: systemClock });
  gateway = new Gateway({ port: 0, access: iam, faults: noFaults, log: () => {} });
  const registry = new Registry({ state, arns });
  const authority = await openAuthority(join(directory, 'authority'));
  gateway.add(iotControlPlane({ registry, authority, accountId, endpoint: () => 'localhost' }));
  await gateway.listen();
  operator = client(iam.administratorKey);
});

afterAll(async () => {
  await gateway.close();
  state.close();
  rmSync(directory, { recursive: true });
});

function client(credentials: { accessKeyId: string; secretAccessKey: string }): IoTClient {
  return new IoTClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 });
}

test("an operator's SDK makes a thing with type, group, certificate and policy, and takes it apart again", async () => {
  await operator.send(
    new CreateThingTypeCommand({
      thingTypeName: 'vehicle',
      thingTypeProperties: { thingTypeDescription: 'A vehicle', searchableAttributes: ['brand'] },
    }),
  );
  expect(await operator.send(new DescribeThingTypeCommand({ thingTypeName: 'vehicle' }))).toMatchObject({
    thingTypeProperties: { thingTypeDescription: 'A vehicle' },
    thingTypeMetadata: { deprecated: false, creationDate: expect.any(Date) },
  });
  await operator.send(new CreateThingGroupCommand({ thingGroupName: 'all' }));
  await operator.send(new CreateThingGroupCommand({ thingGroupName: 'opel', parentGroupName: 'all' }));
  expect(await operator.send(new DescribeThingGroupCommand({ thingGroupName: 'opel' }))).toMatchObject({
    thingGroupMetadata: { parentGroupName: 'all', rootToParentThingGroups: [{ groupName: 'all' }] },
  });

  const attributePayload = { attributes: { brand: 'opel' } };
  const made = await operator.send(
    new CreateThingCommand({ thingName: 'a:b', thingTypeName: 'vehicle', attributePayload }),
  );
  expect(made.thingArn).toBe('arn:aws:iot:eu-central-1:000000000000:thing/a:b');
  await operator.send(
    new UpdateThingCommand({ thingName: 'a:b', attributePayload: { attributes: { market: 'DE' }, merge: true } }),
  );
  expect(await operator.send(new DescribeThingCommand({ thingName: 'a:b' }))).toMatchObject({
    thingId: made.thingId,
    thingTypeName: 'vehicle',
    attributes: { brand: 'opel', market: 'DE' },
    version: 2,
  });
  await operator.send(new AddThingToThingGroupCommand({ thingGroupName: 'opel', thingName: 'a:b' }));
  const inAll = await operator.send(new ListThingsInThingGroupCommand({ thingGroupName: 'all', recursive: true }));
  expect(inAll.things).toEqual(['a:b']);
  const groups = await operator.send(new ListThingGroupsForThingCommand({ thingName: 'a:b' }));
  expect(groups.thingGroups?.map(({ groupName }) => groupName)).toEqual(['opel']);

  const {
    certificateArn = '',
    certificateId = '',
    keyPair,
  } = await operator.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  expect(keyPair?.PrivateKey).toContain('PRIVATE KEY');
  await operator.send(new AttachThingPrincipalCommand({ thingName: 'a:b', principal: certificateArn }));
  const principals = await operator.send(new ListThingPrincipalsCommand({ thingName: 'a:b' }));
  expect(principals.principals).toEqual([certificateArn]);
  const things = await operator.send(new ListPrincipalThingsCommand({ principal: certificateArn }));
  expect(things.things).toEqual(['a:b']);

  await operator.send(new CreatePolicyCommand({ policyName: 'p', policyDocument }));
  await operator.send(new AttachPolicyCommand({ policyName: 'p', target: certificateArn }));
  const attached = await operator.send(new ListAttachedPoliciesCommand({ target: certificateArn }));
  expect(attached.policies).toEqual([{ policyName: 'p', policyArn: arns.policy('p') }]);
  const targets = await operator.send(new ListTargetsForPolicyCommand({ policyName: 'p' }));
  expect(targets.targets).toEqual([certificateArn]);

  await operator.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
  const { certificateDescription } = await operator.send(new DescribeCertificateCommand({ certificateId }));
  expect(certificateDescription).toMatchObject({
    status: 'INACTIVE',
    ownedBy: accountId,
    validity: { notAfter: new Date('2049-12-31T23:59:59Z') },
  });
  expect((await operator.send(new ListCertificatesCommand({}))).certificates).toHaveLength(1);
  await expect(operator.send(new DeleteCertificateCommand({ certificateId }))).rejects.toMatchObject({
    name: 'DeleteConflictException',
  });
  await operator.send(new DetachThingPrincipalCommand({ thingName: 'a:b', principal: certificateArn }));
  await operator.send(new DetachPolicyCommand({ policyName: 'p', target: certificateArn }));
  await operator.send(new DeleteCertificateCommand({ certificateId }));
  await operator.send(new DeletePolicyCommand({ policyName: 'p' }));
  await operator.send(new DeleteThingCommand({ thingName: 'a:b' }));
});

test('a policy has versions, and the default one is the policy', async () => {
  await operator.send(new CreatePolicyCommand({ policyName: 'q', policyDocument }));
  const second = policyDocument.replace('iot:Connect', 'iot:Publish');
  const made = await operator.send(
    new CreatePolicyVersionCommand({ policyName: 'q', policyDocument: second, setAsDefault: true }),
  );
  expect(made).toMatchObject({ policyVersionId: '2', isDefaultVersion: true });
  expect(await operator.send(new GetPolicyCommand({ policyName: 'q' }))).toMatchObject({
    policyDocument: second,
    defaultVersionId: '2',
  });
  const first = await operator.send(new GetPolicyVersionCommand({ policyName: 'q', policyVersionId: '1' }));
  expect(first).toMatchObject({ policyDocument, isDefaultVersion: false });
  const { policyVersions } = await operator.send(new ListPolicyVersionsCommand({ policyName: 'q' }));
  expect(policyVersions?.map(({ versionId }) => versionId)).toEqual(['1', '2']);
});

test('things are listed page by page, each once', async () => {
  const names = ['t1', 't2', 't3', 't4', 't5'];
  for (const thingName of names) await operator.send(new CreateThingCommand({ thingName }));
  const seen: string[] = [];
  for await (const page of paginateListThings({ client: operator, pageSize: 2 }, {})) {
    seen.push(...(page.things ?? []).flatMap(({ thingName = '' }) => thingName));
  }
  expect(seen).toEqual(names);
  await expect(operator.send(new ListThingsCommand({ nextToken: 'rubbish' }))).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test('a certificate that another authority has signed is registered once, and known by its fingerprint', async () => {
  const other = await openAuthority(mkdtempSync(join(directory, 'other-')));
  const { certificateId, certificatePem } = await other.createKeysAndCertificate();
  const registration = new RegisterCertificateWithoutCACommand({ certificatePem, status: 'ACTIVE' });
  expect(await operator.send(registration)).toMatchObject({
    ...{ certificateId, certificateArn: arns.certificate(certificateId) },
  });
  const { certificateDescription } = await operator.send(new DescribeCertificateCommand({ certificateId }));
  expect(certificateDescription).toMatchObject({ certificatePem, status: 'ACTIVE', certificateMode: 'SNI_ONLY' });
  await expect(operator.send(registration)).rejects.toMatchObject({
    ...{ name: 'ResourceAlreadyExistsException', resourceId: certificateId },
    resourceArn: arns.certificate(certificateId),
  });
});

test('the endpoint is the host that devices know', async () => {
  const answer = await operator.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
  expect(answer.endpointAddress).toBe('localhost');
});

test('an operation that the local cloud does not have says so', async () => {
  const job = new CreateJobCommand({ jobId: 'j', targets: [arns.thing('t1')], document: '{}' });
  await expect(operator.send(job)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('PUT /jobs/j'),
  });
});

test('what is not understood in a request is refused, not ignored', async () => {
  const tagged = new CreateThingCommand({ thingName: 'x', billingGroupName: 'b' });
  await expect(operator.send(tagged)).rejects.toMatchObject({ name: 'InvalidRequestException' });
});

test('a role may do what its policy names, on these resources and no others', async () => {
  const arn = `arn:aws:iam::${accountId}:role/suspender`;
  iam.putRole({
    roleName: 'suspender',
    arn,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    tags: {},
  });
  iam.putRolePolicy('suspender', 'p', {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'iot:DescribeThing', Resource: arns.thing('t1') },
  });
  const suspender = client(iam.issueKey(arn));
  expect((await suspender.send(new DescribeThingCommand({ thingName: 't1' }))).thingName).toBe('t1');
  await expect(suspender.send(new DescribeThingCommand({ thingName: 't2' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('iot:DescribeThing on resource: arn:aws:iot:eu-central-1:000000000000:thing/t2'),
  });
});

test('lists may be asked for in ascending order, and things by the beginning of an attribute', async () => {
  for (const policyName of ['asc-b', 'asc-a'])
    await operator.send(new CreatePolicyCommand({ policyName, policyDocument }));
  const attributePayload = { attributes: { plant: 'zwickau-2' } };
  await operator.send(new CreateThingCommand({ thingName: 'asc', attributePayload }));

  const { policies = [] } = await operator.send(new ListPoliciesCommand({ ascendingOrder: true }));
  const names = policies.flatMap(({ policyName = '' }) => (policyName.startsWith('asc-') ? [policyName] : []));
  const plants = { attributeName: 'plant', attributeValue: 'zwickau' };
  const exact = await operator.send(new ListThingsCommand(plants));
  const byPrefix = await operator.send(new ListThingsCommand({ ...plants, usePrefixAttributeValue: true }));

  expect(names).toEqual(['asc-a', 'asc-b']);
  await operator.send(new ListCertificatesCommand({ ascendingOrder: true }));
  expect(exact.things).toEqual([]);
  expect(byPrefix.things).toMatchObject([{ thingName: 'asc' }]);
});

test('a thing group can be changed, by whoever has seen its latest version', async () => {
  await operator.send(new CreateThingGroupCommand({ thingGroupName: 'changing' }));
  const change = { thingGroupName: 'changing', thingGroupProperties: { thingGroupDescription: 'new' } };

  const { version } = await operator.send(new UpdateThingGroupCommand({ ...change, expectedVersion: 1 }));

  expect(version).toBe(2);
  await expect(operator.send(new UpdateThingGroupCommand({ ...change, expectedVersion: 1 }))).rejects.toMatchObject({
    name: 'VersionConflictException',
  });
  const described = await operator.send(new DescribeThingGroupCommand({ thingGroupName: 'changing' }));
  expect(described.thingGroupProperties).toEqual({ thingGroupDescription: 'new' });
});
