import { afterEach, beforeEach, expect, test } from 'vitest';
import { arns, body, claim, FactoryFloor, grants, newCsr } from './factory-floor.ts';
import { waitFor } from './wait-for.ts';

let floor: FactoryFloor;

beforeEach(async () => {
  floor = await FactoryFloor.open();
});

afterEach(() => floor.close());

const csrTopic = '$aws/certificates/create-from-csr/json';
const denied = { how: 'rejected', body: { statusCode: 403, errorCode: 'AccessDenied' } };

test('a vehicle that the hook admits gets its certificate, thing, groups, policies and topics', async () => {
  const { certificateId, token } = await floor.certificate();
  expect(floor.registry.certificate(certificateId)?.status).toBe('PENDING_ACTIVATION');
  expect(await floor.provision(token)).toEqual({
    how: 'accepted',
    body: { deviceConfiguration: { topic: 'vehicles/veh-1' }, thingName: 'veh-1' },
  });
  const certificate = floor.registry.certificates.get(certificateId);
  expect(certificate).toMatchObject({ status: 'ACTIVE', policies: ['vehicle'], things: ['veh-1'] });
  expect(floor.registry.things.get('veh-1')).toMatchObject({
    thingTypeName: 'vehicle',
    attributes: { brand: 'opel' },
    groups: ['all', 'brand-opel'],
  });
});

test('the hook learns who asks, with what claim, for which certificate', async () => {
  const { certificateId, token } = await floor.certificate();
  await floor.provision(token);
  expect(floor.hookCalls).toEqual([
    {
      event: {
        claimCertificateId: 'c1a1',
        certificateId,
        certificatePem: floor.registry.certificates.get(certificateId).certificatePem,
        templateArn: arns.provisioningTemplate('vehicles'),
        clientId: 'claim-1',
        parameters: { Vin: 'W0L00000000000001' },
      },
      source: {
        kind: 'service',
        principal: 'iot.amazonaws.com',
        sourceArn: arns.provisioningTemplate('vehicles'),
      },
    },
  ]);
});

test.each([
  ['says no', { kind: 'answered', payload: { allowProvisioning: false } } as const],
  ['fails', { kind: 'failed', errorType: 'Error', errorMessage: 'no table' } as const],
  ['answers something else', { kind: 'answered', payload: 'yes' } as const],
])('when the hook %s, nothing is made', async (_what, result) => {
  floor.hook = async () => result;
  const { certificateId, token } = await floor.certificate();
  expect(await floor.provision(token)).toMatchObject(denied);
  expect(floor.registry.things.list()).toEqual([]);
  expect(floor.registry.certificate(certificateId)?.status).toBe('PENDING_ACTIVATION');
});

test('a hook that may not be invoked, or takes more than five seconds, lets nobody in', async () => {
  floor.hook = () => Promise.reject(new Error('not permitted'));
  const { token } = await floor.certificate();
  expect(await floor.provision(token)).toMatchObject(denied);
  let answerLate = (_: { kind: 'answered'; payload: unknown }) => {};
  floor.hook = () => new Promise((resolve) => (answerLate = resolve));
  const waiting = floor.provision(token);
  await waitFor(() => floor.hookCalls.length === 2);
  floor.pass(5_000);
  expect(await waiting).toMatchObject(denied);
  answerLate({
    kind: 'answered',
    payload: { allowProvisioning: true, parameterOverrides: { VehicleId: 'v', Brand: 'opel' } },
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(floor.registry.things.list()).toEqual([]);
});

test.each(grants)('without the grant of iot:%s to the provisioning role, nothing is made', async (missing) => {
  floor.grant(grants.filter((action) => action !== missing));
  // A thing of a former reservation: only then all grants are needed.
  floor.registry.things.create({ thingName: 'veh-1', attributes: { brand: 'other' } });
  if (missing === 'CreateThing') floor.registry.things.delete('veh-1');
  const { certificateId, token } = await floor.certificate();
  expect(await floor.provision(token)).toMatchObject(denied);
  expect(floor.registry.certificates.get(certificateId)).toMatchObject({
    status: 'PENDING_ACTIVATION',
    things: [],
    policies: [],
  });
});

test('a thing that is there already is brought up to date as the template says', async () => {
  floor.registry.thingGroups.create({ thingGroupName: 'museum' });
  floor.registry.things.create({ thingName: 'veh-1', attributes: { brand: 'other' } });
  floor.registry.thingGroups.addThing('museum', 'veh-1');
  await floor.provision((await floor.certificate()).token);
  expect(floor.registry.things.get('veh-1')).toMatchObject({
    attributes: { brand: 'opel' },
    thingTypeName: 'vehicle',
    groups: ['museum', 'all', 'brand-opel'],
  });
  const thing = { ...body.Resources.thing, OverrideSettings: { AttributePayload: 'FAIL' } };
  floor.template({ ...body, Resources: { ...body.Resources, thing } });
  floor.registry.things.update('veh-1', { attributes: { brand: 'changed' } });
  expect(await floor.provision((await floor.certificate()).token)).toMatchObject({
    how: 'rejected',
    body: { statusCode: 409, errorCode: 'ResourceConflicts' },
  });
});

test('a token is used once, by the claim and client that it was given to, within an hour', async () => {
  const invalid = { how: 'rejected', body: { statusCode: 400, errorCode: 'InvalidCertificateOwnershipToken' } };
  expect(await floor.provision('')).toEqual({
    how: 'rejected',
    body: { ...invalid.body, errorMessage: 'Certificate ownership token cannot be empty.' },
  });
  expect(await floor.provision('made up')).toMatchObject(invalid);
  const { token } = await floor.certificate();
  expect(await floor.provision(token, undefined, claim('claim-2'))).toMatchObject(invalid);
  expect(await floor.provision(token, undefined, claim('claim-1', 'another claim'))).toMatchObject(invalid);
  expect(await floor.provision(token)).toMatchObject({ how: 'accepted' });
  expect(await floor.provision(token)).toMatchObject(invalid);
  const late = await floor.certificate();
  floor.pass(3_600_000);
  expect(await floor.provision(late.token)).toMatchObject(invalid);
  expect(floor.registry.certificate(late.certificateId)).toBeUndefined();
});

test('a certificate that was provisioned is kept when its hour is over', async () => {
  const { certificateId, token } = await floor.certificate();
  await floor.provision(token);
  floor.pass(3_600_000);
  expect(floor.registry.certificate(certificateId)?.status).toBe('ACTIVE');
});

test('a request that comes twice is answered once and provisioned once', async () => {
  const { token } = await floor.certificate();
  const payload = { certificateOwnershipToken: token, parameters: { Vin: 'W0L00000000000001' } };
  const before = floor.answers.length;
  for (let i = 0; i < 2; i += 1) floor.publish('$aws/provisioning-templates/vehicles/provision/json', payload);
  await waitFor(() => floor.answers.length > before);
  expect(floor.hookCalls).toHaveLength(1);
  expect(floor.answers.at(-1)?.topic).toMatch(/accepted$/);
});

test('answers go to the vehicle that asked, and to nobody else', async () => {
  await floor.certificate(claim('claim-7'));
  expect(floor.answers.map(({ to }) => to)).toEqual(['claim-7']);
});

test('a message without a connection makes nothing', async () => {
  floor.service.handle({ topic: csrTopic, payload: Buffer.from('{}') }, undefined);
  expect(floor.answers).toEqual([]);
  expect(floor.registry.certificates.list()).toEqual([]);
});

test.each([
  ['not JSON', Buffer.from('{'), 'InvalidCSR'],
  ['not UTF-8', Buffer.from([0xff]), 'InvalidCSR'],
  ['no request', {}, 'InvalidCSR'],
  ['rubbish as a request', { certificateSigningRequest: 'rubbish' }, 'InvalidCSR'],
])('a signing request that is %s is refused', async (_what, payload, errorCode) => {
  expect(await floor.ask(csrTopic, payload)).toMatchObject({ how: 'rejected', body: { statusCode: 400, errorCode } });
});

test('a template that is not there or not enabled is not found', async () => {
  const { token } = await floor.certificate();
  const missing = { how: 'rejected', body: { statusCode: 404, errorCode: 'ResourceNotFound' } };
  floor.template(body, false);
  expect(await floor.provision(token)).toMatchObject(missing);
  expect(
    await floor.ask('$aws/provisioning-templates/others/provision/json', { certificateOwnershipToken: token }),
  ).toMatchObject(missing);
});

test('a parameter that is missing, or no text, is refused', async () => {
  const invalid = { how: 'rejected', body: { statusCode: 400, errorCode: 'InvalidParameters' } };
  const { token } = await floor.certificate();
  expect(await floor.provision(token, { Vin: 5 })).toMatchObject(invalid);
  expect(await floor.provision(token, {})).toMatchObject(invalid);
});

test('keys can be made by the cloud where the policy of the claim allows it', async () => {
  const { how, body: made } = await floor.ask('$aws/certificates/create/json', {});
  expect(how).toBe('accepted');
  expect(made['privateKey']).toContain('PRIVATE KEY');
});

test('a device that speaks CBOR is refused in CBOR', async () => {
  floor.publish('$aws/certificates/create-from-csr/cbor', Buffer.from([0xa0]));
  await waitFor(() => floor.answers.length === 1);
  const [answer] = floor.answers;
  expect(answer?.topic).toBe('$aws/certificates/create-from-csr/cbor/rejected');
  expect(answer?.payload[0]).toBe(0xa3);
  expect(answer?.payload.includes('InvalidRequest')).toBe(true);
});

test('a signing request of a real key becomes a certificate', async () => {
  const { body: made } = await floor.ask(csrTopic, { certificateSigningRequest: await newCsr() });
  expect(made['certificatePem']).toContain('BEGIN CERTIFICATE');
  expect(made['certificateId']).toMatch(/^[0-9a-f]{64}$/);
});
