import { once } from 'node:events';
import { get } from 'node:https';
import { auth, iot, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '#local/clock.ts';
import type { AccessKey } from '#local/iam/access-keys.ts';
import { Iam } from '#local/iam/iam.ts';
import { iamAuthorizer } from '#local/iot/broker/iam-authorizer.ts';
import { webSocketCaller } from '#local/iot/broker/web-socket-caller.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startWorld, testDirectory, type World } from './fixture.ts';
import { type AddressOptions, signedAddress } from './signed-address.ts';

const region = 'eu-central-1';
const accountId = '000000000000';
const arn = `arn:aws:iot:${region}:${accountId}`;
const clock = new ManualClock();
const iam = new Iam({ accountId, state: new State(testDirectory()), clock: systemClock });
let world: World;
let port: number;
let dashboard: AccessKey;

beforeAll(async () => {
  const roleArn = `arn:aws:iam::${accountId}:role/dashboard`;
  const trustPolicy = {
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  iam.putRole({ roleName: 'dashboard', arn: roleArn, trustPolicy, tags: {} });
  const allow = (action: string, resource: string) => ({
    Effect: 'Allow',
    Action: action,
    Resource: `${arn}:${resource}`,
  });
  iam.putRolePolicy('dashboard', 'watch', {
    Statement: [
      allow('iot:Connect', 'client/dashboard-*'),
      allow('iot:Publish', 'topic/board/*'),
      allow('iot:Subscribe', 'topicfilter/board/*'),
      allow('iot:Receive', 'topic/board/shown'),
    ],
  });
  dashboard = iam.issueKey(roleArn);
  world = await startWorld({
    clock,
    webSocket: {
      port: 0,
      callerOf: (request, from) => webSocketCaller(request, from, { access: iam, region, clock: systemClock }),
      authorizer: iamAuthorizer({ access: iam, region, accountId }),
    },
  });
  port = world.broker.webSocketPort;
});
afterAll(() => world.broker.close());

const credentials = ({ accessKeyId, secretAccessKey }: AccessKey) =>
  auth.AwsCredentialsProvider.newStatic(accessKeyId, secretAccessKey, 'a/session+token==');

async function sdkClient(clientId: string, key = dashboard) {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithSigv4Auth('localhost', {
    region,
    credentialsProvider: credentials(key),
  });
  builder.withPort(port);
  builder.withCertificateAuthority(world.authority.caPem);
  builder.withConnectProperties({ clientId, keepAliveIntervalSeconds: 600 });
  const client = new mqtt5.Mqtt5Client(builder.build());
  const outcome = Promise.race([
    once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS),
    once(client, mqtt5.Mqtt5Client.CONNECTION_FAILURE),
  ]);
  client.start();
  const [event] = await outcome;
  return {
    client,
    event: event as Partial<mqtt5.ConnectionSuccessEvent & mqtt5.ConnectionFailureEvent>,
    async stop() {
      const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
      client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
      await stopped;
      client.close();
    },
  };
}

/** What came of asking for a WebSocket: an HTTP status, or the socket. */
async function ask(address: string, protocols = ['mqtt']): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(address, protocols, { ca: world.authority.caPem });
  const opened = once(socket, 'open').then(() => Promise.reject(new Error('the WebSocket was let in')));
  const [, answer] = await Promise.race([once(socket, 'unexpected-response'), opened]);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, body: Buffer.concat(chunks).toString() };
}

async function raw(options: AddressOptions = {}, key = iam.administratorKey) {
  const socket = new WebSocket(signedAddress(port, key, options), ['mqtt'], { ca: world.authority.caPem });
  await once(socket, 'open');
  const received: Packet[] = [];
  const incoming = parser({ protocolVersion: 5 });
  incoming.on('packet', (packet) => void received.push(packet));
  socket.on('message', (data: Buffer) => void incoming.parse(data));
  const send = (packet: Packet) => socket.send(generate(packet, { protocolVersion: 5 }));
  const next = (cmd: Packet['cmd']) =>
    vi.waitFor(
      () => {
        const at = received.findIndex((packet) => packet.cmd === cmd);
        if (at < 0) throw new Error(`no ${cmd} yet`);
        return received.splice(at, 1)[0];
      },
      { interval: 2, timeout: 5000 },
    );
  return {
    socket,
    send,
    next,
    async connect(clientId: string) {
      send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 1200, clientId });
      return next('connack');
    },
  };
}

const presenceOf = (clientId: string) =>
  world.seen
    .filter(({ topic }) => topic.startsWith('$aws/events/presence/') && topic.endsWith(`/${clientId}`))
    .map(({ payload }) => JSON.parse(payload.toString()));

describe('the device SDK over WebSocket, with AWS keys', () => {
  test('connects with MQTT 5, publishes and receives', async () => {
    const { client, event, stop } = await sdkClient('dashboard-5');
    expect(event.connack).toMatchObject({ reasonCode: 0, serverKeepAlive: 600 });
    const received = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    await client.subscribe({
      subscriptions: [
        { topicFilter: 'board/*', qos: 1 },
        { topicFilter: 'board/shown', qos: 1 },
      ],
    });

    await client.publish({ topicName: 'board/shown', qos: 1, payload: 'x'.repeat(100_000) });

    const [{ message }] = await received;
    expect(message.payload.byteLength).toBe(100_000);
    await stop();
  });

  test('connects with MQTT 3.1.1', async () => {
    const builder = iot.AwsIotMqttConnectionConfigBuilder.new_with_websockets({
      region,
      credentials_provider: credentials(dashboard),
    })
      .with_certificate_authority(world.authority.caPem)
      .with_endpoint('localhost')
      .with_port(port)
      .with_client_id('dashboard-3')
      .with_clean_session(true);
    const connection = new mqtt.MqttClient().new_connection(builder.build());
    await connection.connect();

    await connection.publish('board/shown', 'hello', mqtt.QoS.AtLeastOnce);

    expect(world.seen.at(-1)).toMatchObject({ topic: 'board/shown', clientId: 'dashboard-3' });
    await connection.disconnect();
  });

  test('may do what its IAM policies allow, and nothing else', async () => {
    const { client, stop } = await sdkClient('dashboard-bounds');

    const published = await client.publish({ topicName: 'elsewhere', qos: 1, payload: 'x' });
    const subscribed = await client.subscribe({ subscriptions: [{ topicFilter: 'elsewhere/#', qos: 1 }] });

    expect(published).toMatchObject({ reasonCode: 0x87 });
    expect(subscribed).toMatchObject({ reasonCodes: [0x87] });
    const heard = vi.fn();
    client.on('messageReceived', heard);
    await client.subscribe({ subscriptions: [{ topicFilter: 'board/+', qos: 1 }] });
    await world.broker.publish('board/hidden', 'x', { qos: 1 });
    await client.publish({ topicName: 'board/shown', qos: 1, payload: 'last' });
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    expect(heard.mock.calls.map(([{ message }]) => message.topicName)).toEqual(['board/shown']);
    await stop();
  });

  test('is refused under a client id that its policies do not name', async () => {
    const { event, stop } = await sdkClient('somebody');

    expect(event.connack).toMatchObject({ reasonCode: 0x87 });
    await stop();
  });

  test('is known to presence by the id of its IAM identity', async () => {
    const { stop } = await sdkClient('dashboard-known');
    await stop();

    const [connected, disconnected] = await vi.waitFor(() => {
      expect(presenceOf('dashboard-known')).toHaveLength(2);
      return presenceOf('dashboard-known');
    });
    expect(connected).toMatchObject({
      eventType: 'connected',
      principalIdentifier: expect.stringMatching(/^AROA[A-Z2-7]{17}:/),
    });
    expect(disconnected).toMatchObject({ disconnectReason: 'CLIENT_INITIATED_DISCONNECT' });
  });

  test('does not get in with a wrong secret', async () => {
    const { event, stop } = await sdkClient('dashboard-wrong', { ...dashboard, secretAccessKey: 'wrong' });

    expect(event.connack).toBeUndefined();
    expect(world.log.at(-1)).toContain('SignatureDoesNotMatch');
    await stop();
  });
});

describe('the address of a WebSocket', () => {
  test('carries its session token outside the signature, as AWS IoT wants it', async () => {
    const token = 'a/b+c==';
    const { connect, socket } = await raw({ token: { value: token, place: 'outside' } });
    expect(await connect('token')).toMatchObject({ reasonCode: 0 });
    socket.terminate();

    const inside = await ask(signedAddress(port, dashboard, { token: { value: token, place: 'inside' } }));
    expect(inside).toMatchObject({ status: 403, body: expect.stringContaining('signature') });
  });

  test('is refused when it is old, for another service, or not signed', async () => {
    const day = 24 * 3_600_000;
    for (const options of [
      { at: Date.now() - day },
      { at: Date.now() - 60_000, expiresSeconds: 30 },
      { service: 'iotdata' },
    ]) {
      expect(await ask(signedAddress(port, dashboard, options))).toMatchObject({ status: 403 });
    }
    expect(await ask(`wss://localhost:${port}/mqtt`)).toMatchObject({ status: 403 });
    expect(await ask(signedAddress(port, { ...dashboard, accessKeyId: 'AKIANOBODY' }))).toMatchObject({ status: 403 });
  });

  test('is refused at another path and without the sub-protocol, saying which', async () => {
    const address = signedAddress(port, dashboard);
    expect(await ask(address.replace('/mqtt?', '/other?'))).toMatchObject({
      status: 404,
      body: expect.stringContaining('/mqtt'),
    });
    expect(await ask(address, [])).toMatchObject({ status: 400, body: expect.stringContaining('sub-protocol') });
    expect(await ask(address, ['wamp'])).toMatchObject({ status: 400 });
  });

  test('tells somebody with a browser what it is for', async () => {
    const request = get({ host: 'localhost', port, path: '/mqtt', ca: world.authority.caPem });
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(426);
  });
});

describe('a WebSocket', () => {
  test('ends after a day of the cloud, however lively it is', async () => {
    const { connect, send, next, socket } = await raw();
    await connect('day');
    const quarter = 15 * 60_000;
    for (let passed = quarter; passed < 24 * 3_600_000; passed += quarter) {
      clock.advance(quarter);
      send({ cmd: 'pingreq' });
      await next('pingresp');
    }
    const closed = once(socket, 'close');

    clock.advance(quarter);

    expect(await next('disconnect')).toMatchObject({ reasonCode: 0x98 });
    await closed;
    expect(presenceOf('day').at(-1)).toMatchObject({ disconnectReason: 'WEBSOCKET_TTL_EXPIRATION' });
  });

  test('is cut off when it sends text', async () => {
    const { connect, socket } = await raw();
    await connect('text');

    socket.send('hello');

    await once(socket, 'close');
    expect(world.broker.connections().map(({ clientId }) => clientId)).not.toContain('text');
  });

  test('that goes without a word leaves its will', async () => {
    const { socket, send, next } = await raw();
    const will = { topic: 'board/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clean: true,
      keepalive: 60,
      clientId: 'heir',
      will,
    });
    await next('connack');

    socket.terminate();

    await vi.waitFor(() => expect(world.seen.map(({ topic }) => topic)).toContain('board/will'));
    expect(presenceOf('heir').at(-1)).toMatchObject({ disconnectReason: 'CONNECTION_LOST' });
  });
});
