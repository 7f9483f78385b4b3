import { Agent } from 'node:https';
import { ProvisioningDeviceClient } from 'azure-iot-provisioning-device';
import { Mqtt } from 'azure-iot-provisioning-device-mqtt';
import { ProvisioningServiceClient } from 'azure-iot-provisioning-service';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { derivedKey } from '#local/azure/dps/enrollment-groups.ts';
import { ProvisioningLimits } from '#local/azure/dps/limits.ts';
import { LocalProvisioning } from '#local/azure/dps/provisioning.ts';
import type { AllocationRequest, Allocator } from '#local/azure/dps/registrations.ts';
import { listenForServices, type RestServer } from '#local/azure/rest/rest-server.ts';
import { signSas } from '#local/azure/sas.ts';
import { type HubScene, hostName, openHubScene, rawDevice, vehicleCertificate, x509Device } from './hub-scene.ts';
import { pointed } from './service-scene.ts';

const provisioningHost = 'fleetloom-test.azure-devices-provisioning.net';
const scope = '0ne0000TEST';
let scene: HubScene;
let provisioning: LocalProvisioning;
let server: RestServer;
let agent: Agent;

beforeAll(async () => {
  scene = await openHubScene((...visitor) => provisioning.door(...visitor));
  const { hub, state, authority } = scene;
  provisioning = new LocalProvisioning({ hostName: provisioningHost, scope, hub, state, retryAfter: 0 });
  server = await listenForServices({ port: 0, server: authority.server, api: provisioning.api, log: scene.log });
  const address = { host: '127.0.0.1', port: server.port, servername: provisioningHost };
  agent = new Agent({ keepAlive: true, ca: authority.caPem, ...address });
});

afterAll(async () => {
  agent.destroy();
  await server.close();
  await scene.close();
});

const operator = (text = provisioning.connectionString) =>
  pointed(ProvisioningServiceClient.fromConnectionString(text), agent);

const x509 = (pem: string) => ({
  type: 'x509' as const,
  x509: { signingCertificates: { primary: { certificate: pem }, secondary: undefined } },
});

/** The SDK's own client; its transport has no option for the authority's certificate. */
async function register(id: string, security: object, payload?: object) {
  const transport = new Mqtt();
  const base: unknown = Reflect.get(transport, '_mqttBase');
  if (typeof base !== 'object' || base === null) throw new Error('The transport has no base.');
  Object.assign(base, { _options: { ca: scene.authority.caPem } });
  const known: unknown = { getRegistrationId: () => id, ...security };
  const client = ProvisioningDeviceClient.create(`localhost:${scene.port}`, scope, transport, asSecurity(known));
  if (payload !== undefined) client.setProvisioningPayload(payload);
  const result = await client.register();
  if (result === undefined) throw new Error('The registration has no result.');
  return result;
}

type Group = Parameters<ProvisioningServiceClient['createOrUpdateEnrollmentGroup']>[0];
function asGroup(group: object): Group {
  return group as Group; // its types want members that only the service fills in
}

type Security = Parameters<typeof ProvisioningDeviceClient.create>[3];
function asSecurity(client: unknown): Security {
  return client as Security; // the SDK asks which methods it has, its types ask for all of them
}

async function vehicle(id: string, from: HubScene = scene) {
  const certificate = await vehicleCertificate(from, id);
  const security = { getCertificate: (done: (error: null, found: object) => void) => done(null, certificate) };
  return { certificate, security };
}

const asked: AllocationRequest[] = [];
function allocateWith(allocator: Allocator) {
  provisioning.allocateWith((request) => {
    asked.push(request);
    return allocator(request);
  });
}

test('an operator puts, reads, lists, changes and deletes a group', async () => {
  const client = operator();
  const put = async (group: object) => (await client.createOrUpdateEnrollmentGroup(asGroup(group)))?.responseBody;
  const wish = {
    enrollmentGroupId: 'spare',
    attestation: x509(scene.plant.certificatePem),
    provisioningStatus: 'disabled',
  };
  const made = await put(wish);
  expect(made).toMatchObject({
    enrollmentGroupId: 'spare',
    provisioningStatus: 'disabled',
    allocationPolicy: 'hashed',
  });
  const { responseBody: read } = await client.getEnrollmentGroup('spare');
  expect(read.etag).toBe(made?.etag);
  expect(JSON.stringify(read)).toContain('Fleetloom local plant');
  await expect(put(wish)).rejects.toThrow();
  await expect(put({ ...wish, etag: '"none"' })).rejects.toThrow();
  expect(await put({ ...wish, etag: read.etag, provisioningStatus: 'enabled' })).toMatchObject({
    provisioningStatus: 'enabled',
  });
  const { responseBody: page } = await client.createEnrollmentGroupQuery({ query: '*' }).next();
  expect(page).toMatchObject([{ enrollmentGroupId: 'spare' }]);
  await expect(client.deleteEnrollmentGroup('spare', read.etag ?? '')).rejects.toThrow();
  await client.deleteEnrollmentGroup('spare');
  await expect(client.getEnrollmentGroup('spare')).rejects.toThrow();
});

test('nobody manages groups without the key', async () => {
  const stranger = operator(provisioning.connectionString.replace(/SharedAccessKey=.*/, 'SharedAccessKey=AAAA'));
  await expect(stranger.getEnrollmentGroup('spare')).rejects.toThrow(/Unauthorized|401/i);
});

test('a vehicle of the plant is sent to its hub, as the function behind the webhook says, and works there', async () => {
  provisioning.groups.put('plant', {
    enrollmentGroupId: 'plant',
    attestation: x509(scene.plant.certificatePem),
    allocationPolicy: 'custom',
    customAllocationDefinition: { webhookUrl: 'https://example.com', apiVersion: '2021-10-01' },
  });
  const initialTwin = { tags: { brand: 'audi', home: { name: 'weu', epoch: 1 } }, properties: { desired: { a: 1 } } };
  allocateWith(async () => ({
    status: 200,
    body: { iotHubHostName: hostName, initialTwin, payload: { greeting: 'hi' } },
  }));
  const { certificate, security } = await vehicle('veh-1');
  const result = await register('veh-1', security, { vin: 'WAUZZZ' });
  expect(result).toMatchObject({
    status: 'assigned',
    assignedHub: hostName,
    deviceId: 'veh-1',
    payload: { greeting: 'hi' },
  });
  expect(asked).toMatchObject([
    {
      deviceRuntimeContext: {
        registrationId: 'veh-1',
        x509: { clientCertificate: expect.stringContaining('BEGIN CERTIFICATE') },
        payload: { vin: 'WAUZZZ' },
      },
      linkedHubs: [hostName],
    },
  ]);
  expect(scene.hub.identities.get('veh-1').authentication).toEqual({ type: 'certificateAuthority' });
  expect(scene.hub.twins.get('veh-1')).toMatchObject({ tags: initialTwin.tags, desired: { value: { a: 1 } } });
  const client = await x509Device(scene, 'veh-1', certificate);
  expect((await client.getTwin()).properties.desired).toMatchObject({ a: 1 });
});

test('a vehicle that registers again keeps its twin; a group that wants it so resets it', async () => {
  scene.hub.twins.patchByService('veh-1', { properties: { desired: { a: 2 } } });
  const { security } = await vehicle('veh-1');
  await register('veh-1', security, { vin: 'WAUZZZ' });
  expect(scene.hub.twins.get('veh-1').desired.value).toEqual({ a: 2 });
  const reprovisionPolicy = { updateHubAssignment: true, migrateDeviceData: false };
  const webhook = { webhookUrl: 'https://example.com', apiVersion: '2021-10-01' };
  const group = { attestation: x509(scene.plant.certificatePem), allocationPolicy: 'custom', reprovisionPolicy };
  provisioning.groups.put('plant', { enrollmentGroupId: 'plant', ...group, customAllocationDefinition: webhook }, '*');
  await register('veh-1', security, { vin: 'WAUZZZ' });
  expect(scene.hub.twins.get('veh-1').desired.value).toEqual({ a: 1 });
});

test('a vehicle that the platform does not expect has no hub and no identity', async () => {
  allocateWith(async () => ({ status: 400, body: { message: 'Not expected here' } }));
  const { security } = await vehicle('veh-2');
  await expect(register('veh-2', security, { vin: 'none' })).rejects.toThrow('registration failed');
  expect(provisioning.registrations.get('veh-2')).toMatchObject({ status: 'failed', error: { code: 400209 } });
  expect(scene.hub.identities.find('veh-2')).toBeUndefined();
  allocateWith(async () => ({ status: 200, body: { iotHubHostName: 'other.azure-devices.net' } }));
  await expect(register('veh-2', security)).rejects.toThrow('registration failed');
});

test('a certificate of another plant, a name that is not its own and an unknown scope lead nowhere', async () => {
  allocateWith(async () => ({ status: 200, body: { iotHubHostName: hostName } }));
  const foreign = await openHubScene();
  try {
    const { security } = await vehicle('veh-3', foreign);
    await expect(register('veh-3', security)).rejects.toThrow();
  } finally {
    await foreign.close();
  }
  const other = await vehicle('veh-4');
  await expect(register('veh-3', other.security)).rejects.toThrow();
  expect(scene.hub.identities.find('veh-3')).toBeUndefined();
  const username = '0neOTHER/registrations/veh-3/api-version=2019-03-31';
  const raw = await rawDevice(scene, { clientId: 'veh-3', password: Buffer.from('x'), username });
  expect(await raw.next('connack')).toMatchObject({ returnCode: 5 });
});

test('a device of a group with a key comes with the key that is derived for it', async () => {
  const groupKey = Buffer.alloc(64, 7).toString('base64');
  const symmetricKey = { primaryKey: groupKey, secondaryKey: Buffer.alloc(64, 8).toString('base64') };
  provisioning.groups.put('benches', {
    ...{ enrollmentGroupId: 'benches', attestation: { type: 'symmetricKey', symmetricKey } },
    initialTwin: { tags: { kind: 'bench' } },
  });
  const resource = `${scope}/registrations/bench-1`;
  const signed = (key: string) => {
    const password = Buffer.from(signSas(resource, key, Date.now() + 60_000, 'registration'));
    const username = `${resource}/api-version=2019-03-31`;
    return rawDevice(scene, { clientId: 'bench-1', username, password });
  };
  const ask = async (key: string) => {
    const raw = await signed(key);
    expect(await raw.next('connack')).toMatchObject({ returnCode: 0 });
    raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$dps/registrations/res/#', qos: 1 }] });
    await raw.next('suback');
    const topic = '$dps/registrations/PUT/iotdps-register/?$rid=1';
    const payload = JSON.stringify({ registrationId: 'bench-1' });
    raw.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 2, dup: false, retain: false });
    return (await raw.next('publish')).topic;
  };
  expect(await ask(groupKey)).toContain('res/401/?$rid=1');
  expect(await ask(derivedKey(groupKey, 'bench-1'))).toContain('res/202/?$rid=1&retry-after=0');
  await vi.waitFor(() => expect(provisioning.registrations.get('bench-1').status).toBe('assigned'));
  expect(scene.hub.identities.get('bench-1').authentication).toMatchObject({
    primaryKey: derivedKey(groupKey, 'bench-1'),
  });
});

test('who asks too often is told when to come again', () => {
  const counted = new ProvisioningLimits(scene.clock);
  for (let poll = 0; poll < 5; poll += 1) counted.polls('veh-9');
  expect(() => counted.polls('veh-9')).toThrow(expect.objectContaining({ code: 429001, retryAfter: 10 }));
  expect(() => counted.polls('veh-8')).not.toThrow();
});
