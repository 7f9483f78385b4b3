import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteConnectionCommand,
  DeleteThingShadowCommand,
  GetRetainedMessageCommand,
  GetThingShadowCommand,
  IoTDataPlaneClient,
  ListNamedShadowsForThingCommand,
  ListRetainedMessagesCommand,
  PublishCommand,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { type Broker, startBroker } from '#local/iot/broker/broker.ts';
import type { Message } from '#local/iot/broker/message.ts';
import { DataPlane } from '#local/iot/data-plane/data-plane.ts';
import { devicePolicies as policiesOf } from '#local/iot/policy/device-policies.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { ShadowService } from '#local/iot/shadows/shadow-service.ts';
import { State } from '#local/state/collection.ts';

const accountId = '000000000000';
const region = 'eu-central-1';
const arns = iotArns(region, accountId);

let directory: string;
let state: State;
let gateway: Gateway;
let broker: Broker;
let iam: Iam;
let registry: Registry;
let dataPlane: DataPlane;
let operator: IoTDataPlaneClient;
let certificatePem: string;
const messages: Message[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'data-plane-'));
  state = new State(directory);
  iam = new Iam({ accountId, state, clock: systemClock });
  const authority = await openAuthority(join(directory, 'authority'));
  registry = new Registry({ state, arns });
  ({ certificatePem } = await authority.createKeysAndCertificate());
  broker = await startBroker({
    port: 0,
    caPem: authority.caPem,
    server: authority.server,
    authorizer: { connect: () => ({ kind: 'refused', reason: 'nobody connects here' }) },
    clock: systemClock,
    faults: noFaults,
    log: () => {},
    taps: [(message) => void messages.push(message)],
  });
  const shadows = new ShadowService({ state, clock: systemClock, publish: broker.publish, log: () => {} });
  broker.reserve(shadows);
  const devicePolicies = policiesOf(registry);
  dataPlane = new DataPlane({ broker, shadows, arns, clock: systemClock, devicePolicies });
  gateway = new Gateway({ port: 0, access: iam, faults: noFaults, log: () => {} });
  gateway.add(dataPlane);
  await gateway.listen();
  operator = client(iam.administratorKey);
});

beforeEach(() => void messages.splice(0));

afterAll(async () => {
  await gateway.close();
  await broker.close();
  state.close();
  rmSync(directory, { recursive: true });
});

function client(credentials: { accessKeyId: string; secretAccessKey: string }): IoTDataPlaneClient {
  return new IoTDataPlaneClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 });
}

const payload = (document: unknown) => Buffer.from(JSON.stringify(document));
const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());

test('a shadow is updated, read, listed and deleted through the SDK, and MQTT hears of the changes', async () => {
  const thingName = 'car:1';
  const shadowName = 'climate';
  const change = { state: { desired: { on: true } } };
  const updated = await operator.send(
    new UpdateThingShadowCommand({ thingName, shadowName, payload: payload(change) }),
  );
  expect(read(updated.payload)).toMatchObject({ state: change.state, version: 1 });
  expect(messages.map(({ topic }) => topic)).toEqual(
    ['delta', 'documents', 'accepted'].map((suffix) => `$aws/things/car:1/shadow/name/climate/update/${suffix}`),
  );
  const shadow = await operator.send(new GetThingShadowCommand({ thingName, shadowName }));
  expect(read(shadow.payload).state).toEqual({ desired: { on: true }, delta: { on: true } });
  const listed = await operator.send(new ListNamedShadowsForThingCommand({ thingName }));
  expect(listed).toMatchObject({ results: ['climate'], timestamp: expect.any(Number) });
  const deleted = await operator.send(new DeleteThingShadowCommand({ thingName, shadowName }));
  expect(read(deleted.payload)).toMatchObject({ version: 1 });
});

test('an error of a shadow has the name and status that the SDK knows, and MQTT hears nothing', async () => {
  const missing = operator.send(new GetThingShadowCommand({ thingName: 'nobody' }));
  await expect(missing).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "No shadow exists with name: 'nobody'",
    $metadata: { httpStatusCode: 404 },
  });
  const update = (document: unknown) =>
    operator.send(new UpdateThingShadowCommand({ thingName: 'car', payload: payload(document) }));
  await update({ state: {} });
  messages.splice(0);
  await expect(update({ state: {}, version: 9 })).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(update({ state: 1 })).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const large = { state: { desired: { a: 'x'.repeat(9000) } } };
  await expect(update(large)).rejects.toMatchObject({ name: 'RequestEntityTooLargeException' });
  const bytes = operator.send(new UpdateThingShadowCommand({ thingName: 'car', payload: Buffer.from([0xff]) }));
  await expect(bytes).rejects.toMatchObject({ name: 'UnsupportedDocumentEncodingException' });
  expect(messages).toEqual([]);
});

test('a message published by HTTP carries its MQTT 5 properties', async () => {
  await operator.send(
    new PublishCommand({
      topic: 'cars/a b/$x',
      qos: 1,
      payload: payload({ unlock: true }),
      contentType: 'application/json',
      responseTopic: 'cars/replies',
      correlationData: Buffer.from('c-1').toString('base64'),
      userProperties: JSON.stringify([{ trace: 'one' }, { trace: 'two' }, { brand: 'opel' }]),
      payloadFormatIndicator: 'UTF8_DATA',
      messageExpiry: 30,
    }),
  );
  expect(messages).toMatchObject([
    {
      topic: 'cars/a b/$x',
      qos: 1,
      payload: payload({ unlock: true }),
      properties: {
        contentType: 'application/json',
        responseTopic: 'cars/replies',
        correlationData: Buffer.from('c-1'),
        userProperties: { trace: ['one', 'two'], brand: 'opel' },
        payloadFormatIndicator: true,
        messageExpiryInterval: 30,
      },
    },
  ]);
});

test('a shadow can be updated by publishing, and an event of the cloud cannot be forged', async () => {
  const topic = '$aws/things/published/shadow/update';
  await operator.send(new PublishCommand({ topic, payload: payload({ state: { reported: { a: 1 } } }) }));
  const shadow = await operator.send(new GetThingShadowCommand({ thingName: 'published' }));
  expect(read(shadow.payload).state).toEqual({ reported: { a: 1 } });
  messages.splice(0);
  for (const forged of ['$aws/events/presence/connected/car', '$aws/things/car/shadow/update/accepted', '$other']) {
    await expect(operator.send(new PublishCommand({ topic: forged }))).rejects.toMatchObject({
      name: 'ForbiddenException',
    });
  }
  expect(messages).toEqual([]);
});

test.each([
  ['a topic with a wildcard', { topic: 'cars/+' }, 'InvalidRequestException'],
  ['a topic with nine levels', { topic: 'a/b/c/d/e/f/g/h/i' }, 'InvalidRequestException'],
  ['QoS 2', { topic: 'a', qos: 2 }, 'InvalidRequestException'],
  ['user properties that are no list', { topic: 'a', userProperties: '{}' }, 'InvalidRequestException'],
  ['129 KB', { topic: 'a', payload: Buffer.alloc(129 * 1024) }, 'RequestEntityTooLargeException'],
])('%s is refused', async (_what, input, name) => {
  await expect(operator.send(new PublishCommand(input))).rejects.toMatchObject({ name });
});

test('a retained message can be read back', async () => {
  await operator.send(new PublishCommand({ topic: 'signs/a', qos: 1, retain: true, payload: payload('hello') }));
  const message = await operator.send(new GetRetainedMessageCommand({ topic: 'signs/a' }));
  expect(read(message.payload)).toBe('hello');
  const { retainedTopics } = await operator.send(new ListRetainedMessagesCommand({}));
  expect(retainedTopics).toMatchObject([{ topic: 'signs/a', payloadSize: 7, qos: 1 }]);
  await expect(operator.send(new GetRetainedMessageCommand({ topic: 'signs/b' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('disconnecting a client that is not connected is not found', async () => {
  const command = new DeleteConnectionCommand({ clientId: 'nobody', cleanSession: true, preventWillMessage: true });
  await expect(operator.send(command)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a role needs the action on the topic, on the thing, or on the named shadow', async () => {
  const arn = `arn:aws:iam::${accountId}:role/api`;
  const Principal = { Service: 'lambda.amazonaws.com' };
  const trustPolicy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } };
  iam.putRole({ roleName: 'api', arn, trustPolicy, tags: {} });
  iam.putRolePolicy('api', 'p', {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Publish', Resource: arns.topic('cars/1') },
      { Effect: 'Allow', Action: 'iot:UpdateThingShadow', Resource: arns.thing('car/climate') },
    ],
  });
  const api = client(iam.issueKey(arn));
  const state = payload({ state: {} });
  await api.send(new PublishCommand({ topic: 'cars/1' }));
  await api.send(new UpdateThingShadowCommand({ thingName: 'car', shadowName: 'climate', payload: state }));
  const denied = { name: 'ForbiddenException', message: expect.stringContaining('is not authorized to perform') };
  await expect(api.send(new PublishCommand({ topic: 'cars/2' }))).rejects.toMatchObject(denied);
  await expect(api.send(new PublishCommand({ topic: 'cars/1', retain: true }))).rejects.toMatchObject(denied);
  const classic = new UpdateThingShadowCommand({ thingName: 'car', payload: state });
  await expect(api.send(classic)).rejects.toMatchObject(denied);
});

test('a device calls with its certificate, and its IoT policies decide', async () => {
  const { certificateId } = registry.certificates.register(certificatePem, 'ACTIVE');
  const der = new X509Certificate(certificatePem).raw;
  const near = { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } };
  const allow = { Effect: 'Allow', Action: 'iot:GetThingShadow', Resource: arns.thing('car'), Condition: near };
  registry.policies.create('own', JSON.stringify({ Version: '2012-10-17', Statement: [allow] }));
  registry.policies.attach('own', arns.certificate(certificateId));
  const get = (thingName: string, id = certificateId, ipAddress = '127.0.0.1') =>
    dataPlane.handleDeviceRequest(
      {
        method: 'GET',
        path: `/things/${thingName}/shadow`,
        query: new URLSearchParams(),
        headers: {},
        body: Buffer.alloc(0),
      },
      { certificateId: id, certificate: der, ipAddress, domainName: 'localhost' },
    );
  await operator.send(
    new UpdateThingShadowCommand({ thingName: 'car', payload: payload({ state: { reported: null } }) }),
  );
  expect((await get('car')).status).toBe(200);
  await expect(get('truck')).rejects.toMatchObject({ name: 'ForbiddenException', status: 403 });
  await expect(get('car', certificateId, '10.0.0.1')).rejects.toMatchObject({ name: 'ForbiddenException' });
  await expect(get('car', 'ff')).rejects.toMatchObject({ name: 'ForbiddenException' });
  registry.certificates.setStatus(certificateId, 'INACTIVE');
  await expect(get('car')).rejects.toMatchObject({ name: 'ForbiddenException' });
});
