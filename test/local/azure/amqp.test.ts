import { once } from 'node:events';
import { connect } from 'node:tls';
import { Message } from 'azure-iot-common';
import iothub from 'azure-iothub';
import rhea, { type Message as AmqpMessage, type EventContext, type Receiver } from 'rhea';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openAmqpServer } from '#local/azure/amqp/amqp-server.ts';
import { FeedbackQueue } from '#local/azure/amqp/feedback-queue.ts';
import { signSas } from '#local/azure/sas.ts';
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

/** Speaks as the clients of Event Hubs do: a token for the place, then a receiver with a selector. */
async function reader(key: string, entity = 'fleetloom-test') {
  const { caPem: ca } = scene.authority;
  const container = rhea.create_container();
  container.on('disconnected', () => {});
  const { port } = server;
  const connection = container.connect({ transport: 'tls', host: 'localhost', port, ca, reconnect: false });
  onTestFinished(() => connection.close());
  const ask = (address: string) => {
    const [sender, receiver] = [connection.open_sender(address), connection.open_receiver(address)];
    const call = async (properties: object, body = '') => {
      const answered = once(receiver, 'message');
      sender.send({ message_id: '1', application_properties: { ...properties }, body });
      const [context]: EventContext[] = await answered;
      return context?.message;
    };
    return Promise.all([once(sender, 'sendable'), once(receiver, 'receiver_open')]).then(() => call);
  };
  const resource = `sb://localhost/${entity}/$management`;
  const token = signSas(resource, Buffer.from(key).toString('base64'), Date.now() + 60_000, 'service');
  const put = await ask('$cbs');
  const name = { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: resource };
  const status = (await put(name, token))?.application_properties?.['status-code'];
  return { connection, ask, status };
}

function texts(receiver: Receiver): string[] {
  const seen: string[] = [];
  receiver.on('message', ({ message }: EventContext) => seen.push(textOf(message)));
  return seen;
}
const textOf = (message: AmqpMessage | undefined) => String(message?.body.content);

test('what devices say is read as from an Event Hub: what there is, from where somebody wants it, and what comes', async () => {
  const deviceId = newDevice('veh-6');
  const say = (text: string) => {
    const event = { source: 'Telemetry', deviceId, properties: {}, systemProperties: {} } as const;
    return scene.hub.feed.append({ ...event, body: Buffer.from(text) });
  };
  const { partition, offset } = say('one');
  say('two');
  const { connection, ask, status } = await reader(scene.hub.policies.get('service')?.primaryKey ?? '');
  expect(status).toBe(200);
  const manage = await ask('$management');
  const entity = { operation: 'READ', type: 'com.microsoft:eventhub', name: 'fleetloom-test' };
  expect((await manage(entity))?.body).toMatchObject({ partition_ids: ['0', '1', '2', '3'] });
  const place = { ...entity, type: 'com.microsoft:partition', partition: String(partition) };
  expect((await manage(place))?.body).toMatchObject({ is_partition_empty: false });
  const address = `fleetloom-test/ConsumerGroups/$Default/Partitions/${partition}`;
  const from = (position: string) => ({
    ...{ address, filter: rhea.filter.selector(`amqp.annotation.x-opt-offset > '${position}'`) },
  });
  const later = texts(connection.open_receiver({ source: from(offset) }));
  const latest = texts(connection.open_receiver({ source: from('@latest') }));
  await vi.waitFor(() => expect(later).toEqual(['two']));
  say('three');
  await vi.waitFor(() => expect([later, latest]).toEqual([['two', 'three'], ['three']]));
});

test('a wrong key, another hub and a partition that does not exist are not read', async () => {
  expect((await reader('wrong')).status).toBe(401);
  const key = scene.hub.policies.get('service')?.primaryKey ?? '';
  expect((await reader(key, 'other')).status).toBe(401);
  const { connection } = await reader(key);
  const refused = async (address: string, of = connection) => {
    const receiver = of.open_receiver(address);
    await once(receiver, 'receiver_error');
    return receiver.error;
  };
  const nowhere = 'fleetloom-test/ConsumerGroups/$Default/Partitions/9';
  expect(await refused(nowhere)).toMatchObject({ condition: 'amqp:not-found' });
  const stranger = (await reader('wrong')).connection;
  const somewhere = 'fleetloom-test/ConsumerGroups/$Default/Partitions/0';
  expect(await refused(somewhere, stranger)).toMatchObject({ condition: 'amqp:unauthorized-access' });
});

test('what is no AMQP ends its connection and nothing else; who shows no token does not stay', async () => {
  const address = { host: '127.0.0.1', port: server.port, ca: scene.authority.caPem, servername: 'localhost' };
  const wrongFrame = 'AMQP\x00\x01\x00\x00\x00\x00\x00\x10\x02\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff';
  const begins = async (text: string) => {
    const socket = connect(address);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    socket.write(Buffer.from(text, 'latin1'));
    const answered = once(socket, 'data').catch(() => undefined);
    return { answered, closed: once(socket, 'close') };
  };
  await (await begins('GET / HTTP/1.1\r\n\r\n')).closed;
  await (await begins(wrongFrame)).closed;
  const silent = await begins('AMQP\x00\x01\x00\x00');
  await silent.answered;
  scene.clock.runAhead(30_000);
  await silent.closed;
  scene.clock.runAhead(0);
  expect(await reader(scene.hub.policies.get('service')?.primaryKey ?? '')).toMatchObject({ status: 200 });
});
