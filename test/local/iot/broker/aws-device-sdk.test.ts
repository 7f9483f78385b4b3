import { once } from 'node:events';
import { iot, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { openPolicy, startWorld, type World } from './fixture.ts';

let world: World;
let keys: IssuedKeys;

beforeAll(async () => {
  world = await startWorld();
  keys = await world.device(openPolicy);
});
afterAll(() => world.broker.close());

async function connect5(
  clientId: string,
  adapt: (builder: iot.AwsIotMqtt5ClientConfigBuilder) => void = () => undefined,
) {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    'localhost',
    keys.certificatePem,
    keys.privateKeyPem,
  );
  builder.withCertificateAuthority(world.authority.caPem);
  builder.withPort(world.broker.port);
  builder.withConnectProperties({ clientId, keepAliveIntervalSeconds: 600 });
  adapt(builder);
  const client = new mqtt5.Mqtt5Client(builder.build());
  const payloads: string[] = [];
  client.on('messageReceived', ({ message: { payload } }) => {
    payloads.push(payload instanceof ArrayBuffer ? Buffer.from(payload).toString() : String(payload));
  });
  const connected = once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS);
  client.start();
  const [event] = await connected;
  return {
    client,
    payloads,
    connack: event as mqtt5.ConnectionSuccessEvent,
    async stop() {
      const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
      client.stop();
      await stopped;
      client.close();
    },
  };
}

async function connect3(
  clientId: string,
  adapt: (builder: iot.AwsIotMqttConnectionConfigBuilder) => void = () => undefined,
) {
  const builder = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(keys.certificatePem, keys.privateKeyPem)
    .with_certificate_authority(world.authority.caPem)
    .with_endpoint('localhost')
    .with_port(world.broker.port)
    .with_client_id(clientId)
    .with_clean_session(true);
  adapt(builder);
  const connection = new mqtt.MqttClient().new_connection(builder.build());
  const sessionPresent = await connection.connect();
  return { connection, sessionPresent };
}

describe('the Mqtt5Client of the AWS device SDK', () => {
  test('connects and learns the quotas of AWS IoT', async () => {
    const { connack, stop } = await connect5('sdk5-quotas');

    expect(connack.settings).toMatchObject({
      clientId: 'sdk5-quotas',
      maximumQos: 1,
      receiveMaximumFromServer: 100,
      maximumPacketSizeToServer: 149_504,
      topicAliasMaximumToServer: 8,
      serverKeepAlive: 600,
      retainAvailable: true,
      wildcardSubscriptionsAvailable: true,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionsAvailable: true,
      rejoinedSession: false,
    });
    await stop();
  });

  test('publishes and receives with every property', async () => {
    const { client, stop } = await connect5('sdk5-round');
    const received = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    await client.subscribe({ subscriptions: [{ topicFilter: 'round/+', qos: mqtt5.QoS.AtLeastOnce }] });

    const acknowledged = await client.publish({
      topicName: 'round/trip',
      qos: mqtt5.QoS.AtLeastOnce,
      payload: 'hello',
      responseTopic: 'round/answer',
      correlationData: Buffer.from('42'),
      contentType: 'text/plain',
      messageExpiryIntervalSeconds: 60,
      userProperties: [{ name: 'a', value: 'b' }],
    });

    expect(acknowledged).toMatchObject({ reasonCode: mqtt5.PubackReasonCode.Success });
    const [{ message }] = await received;
    expect(Buffer.from(message.payload).toString()).toBe('hello');
    expect(Buffer.from(message.correlationData).toString()).toBe('42');
    expect(message).toMatchObject({
      topicName: 'round/trip',
      qos: 1,
      responseTopic: 'round/answer',
      contentType: 'text/plain',
      messageExpiryIntervalSeconds: 60,
      userProperties: [{ name: 'a', value: 'b' }],
    });
    await stop();
  });

  test('leaves a will that reaches another client and disturbs nobody', async () => {
    const heir = await connect5('sdk5-heir');
    const received = once(heir.client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    const disturbed = vi.fn();
    heir.client.on('disconnection', disturbed);
    await heir.client.subscribe({ subscriptions: [{ topicFilter: 'wills/+', qos: mqtt5.QoS.AtLeastOnce }] });
    const dying = await connect5('sdk5-dying', (builder) =>
      builder.withConnectProperties({
        clientId: 'sdk5-dying',
        keepAliveIntervalSeconds: 600,
        willDelayIntervalSeconds: 0,
        will: { topicName: 'wills/last', qos: mqtt5.QoS.AtLeastOnce, payload: 'gone', contentType: 'text/plain' },
      }),
    );

    world.broker.disconnect('sdk5-dying');

    const [{ message }] = await received;
    expect(message.topicName).toBe('wills/last');
    expect(disturbed).not.toHaveBeenCalled();
    await dying.stop();
    await heir.stop();
  });

  test('resumes its session and gets what was stored meanwhile', async () => {
    const rejoin = (builder: iot.AwsIotMqtt5ClientConfigBuilder) =>
      builder.withSessionBehavior(mqtt5.ClientSessionBehavior.RejoinAlways).withConnectProperties({
        clientId: 'sdk5-resume',
        keepAliveIntervalSeconds: 600,
        sessionExpiryIntervalSeconds: 600,
      });
    const first = await connect5('sdk5-resume', rejoin);
    await first.client.subscribe({ subscriptions: [{ topicFilter: 'stored/a', qos: mqtt5.QoS.AtLeastOnce }] });
    await first.stop();
    await world.broker.publish('stored/a', 'while away', { qos: 1 });

    const second = await connect5('sdk5-resume', rejoin);

    expect(second.connack.connack.sessionPresent).toBe(true);
    await vi.waitFor(() => expect(second.payloads).toEqual(['while away']));
    await second.stop();
  });
});

describe('the MQTT 3.1.1 client of the AWS device SDK', () => {
  test('publishes and receives', async () => {
    const { connection, sessionPresent } = await connect3('sdk3-round');
    const received: string[] = [];
    await connection.subscribe('three/#', mqtt.QoS.AtLeastOnce, (topic, payload) => {
      received.push(`${topic} ${Buffer.from(payload).toString()}`);
    });

    await connection.publish('three/x', 'hello', mqtt.QoS.AtLeastOnce);

    expect(sessionPresent).toBe(false);
    await vi.waitFor(() => expect(received).toEqual(['three/x hello']));
    await connection.unsubscribe('three/#');
    await connection.disconnect();
  });

  test('resumes a persistent session', async () => {
    const first = await connect3('sdk3-resume', (builder) => builder.with_clean_session(false));
    await first.connection.subscribe('three-stored/a', mqtt.QoS.AtLeastOnce);
    await first.connection.disconnect();
    await world.broker.publish('three-stored/a', 'kept', { qos: 1 });

    const second = await connect3('sdk3-resume', (builder) => builder.with_clean_session(false));
    const received: string[] = [];
    await second.connection.subscribe('three-stored/a', mqtt.QoS.AtLeastOnce, (_, payload) => {
      received.push(Buffer.from(payload).toString());
    });

    expect(second.sessionPresent).toBe(true);
    await second.connection.disconnect();
  });

  test('leaves a will that reaches a client of MQTT 5', async () => {
    const heir = await connect5('sdk3-heir');
    const received = once(heir.client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    await heir.client.subscribe({ subscriptions: [{ topicFilter: 'wills3/+', qos: mqtt5.QoS.AtLeastOnce }] });
    const dying = await connect3('sdk3-dying', (builder) =>
      builder.with_will(new mqtt.MqttWill('wills3/last', mqtt.QoS.AtLeastOnce, 'gone')),
    );

    world.broker.disconnect('sdk3-dying');

    const [{ message }] = await received;
    expect(message.topicName).toBe('wills3/last');
    await dying.connection.disconnect();
    await heir.stop();
  });
});
