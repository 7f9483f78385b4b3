import { once } from 'node:events';
import { Message } from 'azure-iot-common';
import iothub from 'azure-iothub';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openAmqpServer } from '#local/azure/amqp/amqp-server.ts';
import { FeedbackQueue } from '#local/azure/amqp/feedback-queue.ts';
import type { Listener } from '#local/iot/broker/listener.ts';
import { type HubScene, hostName, openHubScene, sasDevice } from './hub-scene.ts';

let scene: HubScene;
let server: Listener;
let feedback: FeedbackQueue;

beforeAll(async () => {
  scene = await openHubScene();
  const { hub, state, clock, log, authority } = scene;
  feedback = new FeedbackQueue({ state, clock, devicebound: hub.devicebound });
  const verifyBearer = async (token: string) => (token === 'good' ? (['ServiceConnect'] as const) : undefined);
  server = await openAmqpServer({ port: 0, server: authority.server, hub, feedback, verifyBearer, log });
});

afterAll(async () => {
  feedback.close();
  await server.close();
  await scene.close();
});

/** The SDK takes the hub's name for its address, and has no option for the authority's certificate. */
function here(client: InstanceType<typeof iothub.Client>) {
  const transport: unknown = Reflect.get(client, '_transport');
  const base: unknown =
    typeof transport === 'object' && transport !== null ? Reflect.get(transport, '_amqp') : undefined;
  if (typeof base !== 'object' || base === null) throw new Error('The SDK has no AMQP transport.');
  const connect: unknown = Reflect.get(base, 'connect');
  if (typeof connect !== 'function') throw new Error('The transport of the SDK does not connect.');
  const place = { uri: `amqps://localhost:${server.port}`, sslOptions: { ca: scene.authority.caPem } };
  Reflect.set(base, 'connect', (config: object, done: unknown) => connect.call(base, { ...config, ...place }, done));
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 });
  onTestFinished(async () => void (await client.close().catch(() => undefined)));
  return client;
}

const operator = (policy = 'service') =>
  here(iothub.Client.fromConnectionString(scene.hub.policies.connectionString(policy)));
const platform = (token: string) =>
  here(
    iothub.Client.fromTokenCredential(hostName, {
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
  );

function newDevice(deviceId: string): string {
  scene.hub.identities.create({ deviceId });
  return deviceId;
}

function message(id: string, ack = 'full') {
  const made = new Message('{"unlock":true}');
  made.messageId = id;
  made.ack = ack;
  made.expiryTimeUtc = Date.now() + 60_000;
  made.properties.add('channel', 'commands');
  return made;
}

test('a service’s message waits for its device, and the service hears that it has arrived', async () => {
  const deviceId = newDevice('veh-1');
  const client = operator();
  await client.open();
  await client.send(deviceId, message('m-1'));
  expect(scene.hub.devicebound.count(deviceId)).toBe(1);
  const receiver = await feedbackOf(client);
  const heard = once(receiver, 'message');
  const device = await sasDevice(scene, deviceId);
  const [got]: unknown[] = await once(device, 'message');
  expect(got).toMatchObject({ messageId: 'm-1' });
  await vi.waitFor(() => expect(scene.hub.devicebound.count(deviceId)).toBe(0));
  scene.clock.runAhead(15_000);
  const [batch]: unknown[] = await heard;
  scene.clock.runAhead(0);
  if (!isMessage(batch)) throw new Error('no feedback');
  expect(JSON.parse(batch.getData().toString())).toMatchObject([
    { originalMessageId: 'm-1', deviceId, statusCode: 'Success' },
  ]);
  await receiver.complete(batch);
  await vi.waitFor(() => expect(scene.state.collection('azure/feedback').size).toBe(0));
});

type Feedback = Awaited<ReturnType<typeof received>>['result'];
const received = (client: InstanceType<typeof iothub.Client>) => client.getFeedbackReceiver();

/** As it comes back from the SDK's older form: without the callback it wraps what is no answer of HTTP. */
function feedbackOf(client: InstanceType<typeof iothub.Client>): Promise<Feedback> {
  return new Promise((resolve, reject) => {
    client.getFeedbackReceiver((error, receiver) => (receiver === undefined ? reject(error) : resolve(receiver)));
  });
}

function isMessage(value: unknown): value is Parameters<Feedback['complete']>[0] {
  return typeof value === 'object' && value !== null && 'getData' in value;
}

test('the platform comes with a token of the directory', async () => {
  const deviceId = newDevice('veh-2');
  const client = platform('good');
  await client.open();
  await client.send(deviceId, message('m-2', 'none'));
  expect(scene.hub.devicebound.next(deviceId)).toMatchObject({
    messageId: 'm-2',
    properties: { channel: 'commands' },
    expiresAt: expect.any(Number),
  });
});

test('a wrong token, a wrong key and a key without the right open nothing', async () => {
  const refused = { amqpError: { name: 'UnauthorizedError' } };
  await expect(platform('bad').open()).rejects.toMatchObject(refused);
  const wrong = scene.hub.policies.connectionString('service').replace(/SharedAccessKey=.*/, 'SharedAccessKey=AAAA');
  await expect(here(iothub.Client.fromConnectionString(wrong)).open()).rejects.toMatchObject(refused);
  const reader = operator('registryRead');
  await reader.open();
  await expect(reader.send(newDevice('veh-3'), message('m-3'))).rejects.toMatchObject({ name: 'UnauthorizedError' });
});

test('a message for nobody and the fifty-first are refused with their reasons', async () => {
  const client = operator();
  await client.open();
  await expect(client.send('nobody', message('m-4'))).rejects.toMatchObject({ name: 'DeviceNotFoundError' });
  const deviceId = newDevice('veh-4');
  for (let i = 0; i < 50; i += 1) scene.hub.devicebound.enqueue({ deviceId, body: Buffer.from('x'), properties: {} });
  await expect(client.send(deviceId, message('m-5'))).rejects.toMatchObject({
    name: 'DeviceMaximumQueueDepthExceededError',
  });
});
