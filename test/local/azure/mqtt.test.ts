import { once } from 'node:events';
import iot from 'azure-iot-device';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type HubScene,
  hostName,
  keyOf,
  openHubScene,
  rawDevice,
  sasDevice,
  sasOf,
  vehicleCertificate,
  x509Device,
} from './hub-scene.ts';

let scene: HubScene;
beforeAll(async () => {
  scene = await openHubScene();
});
afterAll(() => scene.close());

let count = 0;
function newDevice(authentication: object = {}): string {
  count += 1;
  const deviceId = `veh-${count}`;
  scene.hub.identities.create({ deviceId, authentication });
  return deviceId;
}

const events = (deviceId: string) =>
  [0, 1, 2, 3]
    .flatMap((partition) => scene.hub.feed.read(partition, 0))
    .filter((record) => record.deviceId === deviceId && record.source === 'Telemetry');

const message = (text: string, properties: Readonly<Record<string, string>> = {}) => {
  const made = new iot.Message(text);
  for (const [name, value] of Object.entries(properties)) made.properties.add(name, value);
  return made;
};

test('a device with a key sends events with their properties', async () => {
  const deviceId = newDevice();
  const client = await sasDevice(scene, deviceId);
  const sent = message('{"a":1}', { channel: 'telemetry', 'odd & even': 'ü=%' });
  sent.messageId = 'm-1';
  sent.contentType = 'application/json';
  sent.contentEncoding = 'utf-8';
  await client.sendEvent(sent);
  expect(events(deviceId)).toMatchObject([
    {
      properties: { channel: 'telemetry', 'odd & even': 'ü=%' },
      systemProperties: {
        'message-id': 'm-1',
        'content-type': 'application/json',
        'content-encoding': 'utf-8',
        'iothub-connection-device-id': deviceId,
      },
    },
  ]);
  expect(events(deviceId)[0]?.body.toString()).toBe('{"a":1}');
});

test('a vehicle whose plant the hub trusts comes with its certificate', async () => {
  const deviceId = newDevice({ type: 'certificateAuthority' });
  const client = await x509Device(scene, deviceId, await vehicleCertificate(scene, deviceId));
  await client.sendEvent(message('x'));
  expect(events(deviceId)).toHaveLength(1);
  expect(events(deviceId)[0]?.systemProperties['iothub-connection-auth-method']).toContain('x509CertificateAuthority');
});

test('a certificate of another vehicle, and one of nobody whom the hub trusts, open nothing', async () => {
  const deviceId = newDevice({ type: 'certificateAuthority' });
  const other = await x509Device(scene, deviceId, await vehicleCertificate(scene, 'veh-other'));
  await expect(other.open()).rejects.toThrow(/Not authorized/);
  const foreign = await openHubScene();
  try {
    // One that says the trusted plant has issued it, and is signed with another key.
    const forger = { ...foreign.plant, certificatePem: scene.plant.certificatePem };
    for (const plant of [foreign.plant, forger]) {
      const client = await x509Device(scene, deviceId, await vehicleCertificate({ plant }, deviceId));
      await expect(client.open()).rejects.toThrow(/Not authorized/);
    }
  } finally {
    await foreign.close();
  }
});

test('a wrong key, an expired signature, another device’s signature and a disabled device are refused', async () => {
  const [deviceId, other] = [newDevice(), newDevice()];
  const wrong = await sasDevice(scene, deviceId, keyOf(scene, other));
  await expect(wrong.open()).rejects.toThrow(/Not authorized/);
  for (const password of [sasOf(scene, deviceId, Date.now() - 1000), sasOf(scene, other), Buffer.from('me')]) {
    const raw = await rawDevice(scene, { clientId: deviceId, password });
    expect(await raw.next('connack')).toMatchObject({ returnCode: 5 });
    expect(await raw.closed).toBe('closed');
  }
  const good = sasOf(scene, deviceId);
  scene.hub.identities.update({ deviceId, status: 'disabled', authentication: keys(deviceId) });
  const raw = await rawDevice(scene, { clientId: deviceId, password: good });
  expect(await raw.next('connack')).toMatchObject({ returnCode: 5 });
});

const keys = (deviceId: string) => ({
  type: 'sas',
  symmetricKey: { primaryKey: keyOf(scene, deviceId), secondaryKey: '' },
});

test.each([
  ['another version of MQTT', { protocolVersion: 5 as const }, 1],
  ['another client id', { username: `${hostName}/veh-else/?api-version=2021-04-12` }, 2],
  ['a user name without a version', { username: `${hostName}/veh-x` }, 4],
  ['another hub', { username: 'other.azure-devices.net/veh-x/?api-version=2021-04-12' }, 5],
  ['a will for another device', { will: { topic: 'devices/veh-y/messages/events/', payload: Buffer.from('x') } }, 5],
])('CONNECT with %s is refused', async (_, packet, returnCode) => {
  const raw = await rawDevice(scene, { clientId: 'veh-x', password: Buffer.from('x'), ...packet });
  expect(await raw.next('connack')).toMatchObject({ returnCode });
  expect(await raw.closed).toBe('closed');
});

async function connected(deviceId: string, packet: Omit<Parameters<typeof rawDevice>[1], 'clientId'> = {}) {
  const raw = await rawDevice(scene, { clientId: deviceId, password: sasOf(scene, deviceId), ...packet });
  const connack = await raw.next('connack');
  expect(connack).toMatchObject({ returnCode: 0 });
  return { ...raw, connack };
}

const publish = (topic: string, more: object = {}) =>
  ({ cmd: 'publish', topic, payload: Buffer.from('x'), qos: 0, dup: false, retain: false, ...more }) as const;

test.each([
  ['another device’s topic', publish('devices/veh-other/messages/events/')],
  ['an unknown topic', publish('vehicles/telemetry')],
  ['a property that is not encoded', publish('devices/$id/messages/events/a=%zz')],
  ['QoS 2', publish('devices/$id/messages/events/', { qos: 2, messageId: 1 })],
])('publishing to %s ends the connection, and nothing is taken', async (_, packet) => {
  const deviceId = newDevice();
  const raw = await connected(deviceId);
  raw.send({ ...packet, topic: packet.topic.replace('$id', deviceId) });
  expect(await raw.closed).toBe('closed');
  expect(events(deviceId)).toEqual([]);
});

test('a subscription at QoS 2 is granted 1; to another device’s messages, or to a sixth topic, it ends the connection', async () => {
  const deviceId = newDevice();
  const raw = await connected(deviceId);
  const own = { topic: `devices/${deviceId}/messages/devicebound/#`, qos: 2 as const };
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [own] });
  expect(await raw.next('suback')).toMatchObject({ granted: [1] });
  raw.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ ...own, topic: 'devices/+/messages/devicebound/#' }] });
  expect(await raw.closed).toBe('closed');
  const greedy = await connected(deviceId);
  greedy.send({ cmd: 'subscribe', messageId: 1, subscriptions: Array.from({ length: 6 }, () => own) });
  expect(await greedy.closed).toBe('closed');
});

test('nothing is retained, and whoever reads the event is told that it was wished', async () => {
  const deviceId = newDevice();
  const raw = await connected(deviceId);
  raw.send(publish(`devices/${deviceId}/messages/events/`, { retain: true, qos: 1, messageId: 7 }));
  expect(await raw.next('puback')).toMatchObject({ messageId: 7 });
  expect(events(deviceId)[0]?.properties).toMatchObject({ 'mqtt-retain': 'true' });
});

test('the last words of a device that has not said goodbye are an event; those of one that has are not', async () => {
  const deviceId = newDevice();
  const will = { topic: `devices/${deviceId}/messages/events/why=tunnel`, payload: Buffer.from('bye') };
  const polite = await connected(deviceId, { will });
  polite.send({ cmd: 'disconnect' });
  await polite.closed;
  const lost = await connected(deviceId, { will });
  lost.socket.destroy();
  await vi.waitFor(() => expect(events(deviceId)).toHaveLength(1));
  expect(events(deviceId)[0]?.properties).toMatchObject({ why: 'tunnel', 'iothub-MessageType': 'Will' });
});

test('the newest connection of a device is the one that counts', async () => {
  const deviceId = newDevice();
  const first = await connected(deviceId);
  const second = await connected(deviceId);
  expect(await first.closed).toBe('closed');
  second.send({ cmd: 'pingreq' });
  expect(await second.next('pingresp')).toMatchObject({ cmd: 'pingresp' });
  expect(scene.hub.lines.isConnected(deviceId)).toBe(true);
});

test('a silent device is gone after one and a half of its keep-alive time', async () => {
  const deviceId = newDevice();
  const raw = await connected(deviceId, { keepalive: 60 });
  scene.clock.runAhead(91_000);
  expect(await raw.closed).toBe('closed');
  scene.clock.runAhead(0);
});

test('a device reads its twin, reports to it, and hears of what is desired', async () => {
  const deviceId = newDevice();
  const client = await sasDevice(scene, deviceId);
  scene.hub.twins.patchByService(deviceId, { properties: { desired: { climate: { on: true } } } });
  const twin = await client.getTwin();
  expect(twin.properties.desired).toMatchObject({ climate: { on: true }, $version: 2 });
  const report = (patch: object) =>
    new Promise<void>((resolve, reject) => {
      twin.properties['reported']['update'](patch, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  await report({ climate: { on: true } });
  expect(scene.hub.twins.get(deviceId).reported.value).toEqual({ climate: { on: true } });
  const heard = new Promise((resolve) => {
    twin.on('properties.desired', (delta: { $version: number }) => delta.$version === 3 && resolve(delta));
  });
  await vi.waitFor(() => expect(scene.hub.lines.isConnected(deviceId)).toBe(true));
  await subscribed(client);
  scene.hub.twins.patchByService(deviceId, { properties: { desired: { climate: { on: null } } } });
  expect(await heard).toEqual({ climate: { on: null }, $version: 3 });
});

/** The SDK does not say when it has subscribed; the hub answers in order. */
async function subscribed(client: Awaited<ReturnType<typeof sasDevice>>): Promise<void> {
  await client.getTwin();
  await client.sendEvent(message('sync'));
}

test('what is wrong with a report is said in the answer', async () => {
  const deviceId = newDevice();
  const raw = await connected(deviceId);
  raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$iothub/twin/res/#', qos: 0 }] });
  await raw.next('suback');
  raw.send(publish('$iothub/twin/PATCH/properties/reported/?$rid=7', { payload: 'no JSON' }));
  const answer = await raw.next('publish');
  expect(answer.topic).toBe('$iothub/twin/res/400/?$rid=7');
  expect(JSON.parse(answer.payload.toString())).toMatchObject({ errorCode: 400004 });
});

test('a direct method reaches the device and its answer comes back; without a receiver the device is not online', async () => {
  const deviceId = newDevice();
  const call = { methodName: 'commands', payload: { unlock: true }, responseTimeout: 5, connectTimeout: 0 };
  await expect(scene.hub.methods.invoke(deviceId, call)).rejects.toMatchObject({ number: 404103 });
  const client = await sasDevice(scene, deviceId);
  client.onDeviceMethod('commands', (request, response) => {
    response.send(200, { got: request.payload }).catch(() => undefined);
  });
  const answer = await scene.hub.methods.invoke(deviceId, { ...call, connectTimeout: 5 });
  expect(answer).toEqual({ status: 200, payload: { got: { unlock: true } } });
});

test('a queued message comes with its properties, and is gone once the device has taken it', async () => {
  const deviceId = newDevice();
  const body = Buffer.from('{"door":"open"}');
  scene.hub.devicebound.enqueue({ deviceId, messageId: 'c-1', body, properties: { channel: 'commands' } });
  const client = await sasDevice(scene, deviceId);
  const [got]: unknown[] = await once(client, 'message');
  if (!(got instanceof iot.Message)) throw new Error('no message');
  expect(got.getData().toString()).toBe('{"door":"open"}');
  expect(got.messageId).toBe('c-1');
  expect(got.properties.getValue('channel')).toBe('commands');
  await vi.waitFor(() => expect(scene.hub.devicebound.count(deviceId)).toBe(0));
});

test('a message that is not acknowledged comes again, marked as such, and to a kept session without a new subscription', async () => {
  const deviceId = newDevice();
  const first = await connected(deviceId, { clean: false });
  expect(first.connack).toMatchObject({ sessionPresent: false });
  const subscriptions = [{ topic: `devices/${deviceId}/messages/devicebound/#`, qos: 1 as const }];
  first.send({ cmd: 'subscribe', messageId: 1, subscriptions });
  await first.next('suback');
  scene.hub.devicebound.enqueue({ deviceId, messageId: 'c-2', body: Buffer.from('x'), properties: {} });
  expect(await first.next('publish')).toMatchObject({ qos: 1, dup: false });
  first.socket.destroy();
  await vi.waitFor(() => expect(scene.hub.lines.isConnected(deviceId)).toBe(false));
  const second = await connected(deviceId, { clean: false });
  expect(second.connack).toMatchObject({ sessionPresent: true });
  const again = await second.next('publish');
  expect(again).toMatchObject({ qos: 1, dup: true });
  second.send({ cmd: 'puback', messageId: again.messageId ?? 0 });
  await vi.waitFor(() => expect(scene.hub.devicebound.count(deviceId)).toBe(0));
  const clean = await connected(deviceId);
  expect(clean.connack).toMatchObject({ sessionPresent: false });
});

test('a device that is disabled while it is connected is cut off', async () => {
  const deviceId = newDevice();
  const raw = await connected(deviceId);
  scene.hub.identities.update({ deviceId, status: 'disabled', authentication: keys(deviceId) });
  expect(await raw.closed).toBe('closed');
});

test('faults break the link, lose a message, or bring it twice', async () => {
  const deviceId = newDevice();
  const topic = `devices/${deviceId}/messages/events/`;
  const twice = scene.faults.plan({ kind: 'duplicate', hop: 'mqtt', label: `${topic}*`, times: 1 });
  const raw = await connected(deviceId);
  raw.send(publish(topic, { qos: 1, messageId: 1 }));
  await raw.next('puback');
  expect(events(deviceId)).toHaveLength(2);
  scene.faults.end(twice);
  expect(raw.seen).toEqual([]);
  const cut = scene.faults.plan({ kind: 'cut', hop: 'mqtt', label: `${topic}*`, when: 'after' });
  raw.send(publish(topic, { qos: 1, messageId: 2 }));
  expect(await raw.closed).toBe('closed');
  expect(raw.seen).toEqual([]);
  expect(events(deviceId)).toHaveLength(3);
  scene.faults.end(cut);
});
