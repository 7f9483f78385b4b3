import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { DynamoDBClient, ListTablesCommand, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DescribeEndpointCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  paginateListThings,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  IoTDataPlaneClient,
  ListNamedShadowsForThingCommand,
  PublishCommand,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { iot as builders, iotshadow, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator } from '../support/aws-clients.ts';
import type { Credentials } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const thingName = 'test-bench:1';
const policyName = 'test-bench';
const arn = 'arn:aws:iot:eu-central-1:000000000000';
// biome-ignore lint/suspicious/noTemplateCurlyInString: an IoT policy variable, not a template string
const itself = '${iot:Connection.Thing.ThingName}';
const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'iot:Connect', Resource: `${arn}:client/${itself}` },
    {
      Effect: 'Allow',
      Action: ['iot:Publish', 'iot:Receive'],
      Resource: `${arn}:topic/$aws/things/${itself}/shadow/*`,
    },
    { Effect: 'Allow', Action: 'iot:Subscribe', Resource: `${arn}:topicfilter/$aws/things/${itself}/shadow/*` },
    { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: `${arn}:topic/bench/${itself}/*` },
    { Effect: 'Allow', Action: 'iot:Subscribe', Resource: `${arn}:topicfilter/bench/${itself}/*` },
  ],
});

let home: JourneyCloud;
let iot: IoTClient;
let devices: IoTDataPlaneClient;
let credentials: Credentials & { readonly certificateId: string; readonly certificateArn: string };

beforeAll(async () => {
  home = await openCloud();
  iot = new IoTClient(administrator(home.cloud.file));
  devices = new IoTDataPlaneClient(administrator(home.cloud.file));
}, startTimeout);

afterAll(async () => {
  iot.destroy();
  devices.destroy();
  await home.close();
});

async function connect5(): Promise<mqtt5.Mqtt5Client> {
  const { certificatePem, privateKeyPem } = credentials;
  const { host, port, caFile } = home.cloud.file.mqtt;
  const builder = builders.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    host,
    certificatePem,
    privateKeyPem,
  )
    .withPort(port)
    .withCertificateAuthority(readFileSync(caFile, 'utf8'))
    .withConnectProperties({ clientId: thingName, keepAliveIntervalSeconds: 60 });
  const client = new mqtt5.Mqtt5Client(builder.build());
  const connected = once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS);
  client.start();
  await connected;
  return client;
}

async function stop(client: mqtt5.Mqtt5Client): Promise<void> {
  const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
  client.stop();
  await stopped;
  client.close();
}

async function connect311(): Promise<mqtt.MqttClientConnection> {
  const { certificatePem, privateKeyPem } = credentials;
  const { host, port, caFile } = home.cloud.file.mqtt;
  const builder = builders.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certificatePem, privateKeyPem)
    .with_certificate_authority(readFileSync(caFile, 'utf8'))
    .with_endpoint(host)
    .with_port(port)
    .with_client_id(thingName)
    .with_clean_session(true);
  const connection = new mqtt.MqttClient().new_connection(builder.build());
  await connection.connect();
  return connection;
}

function document(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}

describe('an operator with the AWS SDK', () => {
  test('makes a thing with its certificate and policy', async () => {
    await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { bench: 'one' } } }));
    await iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const { certificateId = '', certificateArn = '', certificatePem = '', keyPair } = made;
    credentials = { certificateId, certificateArn, certificatePem, privateKeyPem: keyPair?.PrivateKey ?? '' };
    expect(certificateId).toMatch(/^[0-9a-f]{64}$/);
    await iot.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
    await iot.send(new AttachThingPrincipalCommand({ thingName, principal: certificateArn }));
    const thing = await iot.send(new DescribeThingCommand({ thingName }));
    expect(thing).toMatchObject({ thingName, attributes: { bench: 'one' }, thingArn: `${arn}:thing/${thingName}` });
    const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
    expect(endpointAddress).toBe(home.cloud.file.mqtt.host);
  });

  test('sees every thing, page by page', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `shelf-${String(index).padStart(2, '0')}`);
    for (const name of names) await iot.send(new CreateThingCommand({ thingName: name }));
    const found: string[] = [];
    let pages = 0;
    for await (const { things = [] } of paginateListThings({ client: iot, pageSize: 10 }, {})) {
      pages += 1;
      expect(things.length).toBeLessThanOrEqual(10);
      found.push(...things.flatMap((thing) => thing.thingName ?? []));
    }
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(found.sort()).toEqual([...names, thingName].sort());
  });

  test('is told by the errors of AWS what does not work', async () => {
    const named = (name: string) => expect.objectContaining({ name });
    const same = new CreateThingCommand({ thingName, attributePayload: { attributes: { bench: 'two' } } });
    await expect(iot.send(same)).rejects.toEqual(named('ResourceAlreadyExistsException'));
    await expect(iot.send(new DescribeThingCommand({ thingName: 'nowhere' }))).rejects.toEqual(
      named('ResourceNotFoundException'),
    );
    const broken = new CreatePolicyCommand({ policyName: 'broken', policyDocument: '{"Version":1}' });
    await expect(iot.send(broken)).rejects.toEqual(named('MalformedPolicyException'));
    const missing = new GetThingShadowCommand({ thingName, shadowName: 'none' });
    await expect(devices.send(missing)).rejects.toEqual(named('ResourceNotFoundException'));
    await expect(devices.send(new DeleteConnectionCommand({ clientId: 'nobody' }))).rejects.toEqual(
      named('ResourceNotFoundException'),
    );
  });

  test('is nobody with a wrong secret', async () => {
    const settings = administrator(home.cloud.file);
    const stranger = new IoTClient({
      ...settings,
      credentials: { ...settings.credentials, secretAccessKey: 'guessed' },
    });
    await expect(stranger.send(new DescribeThingCommand({ thingName }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    stranger.destroy();
  });

  test('reads tables and queues', async () => {
    await home.journey.registered({ vin: 'WVWZZZAUZLW000100', brand: 'volkswagen', model: 'e-Golf', market: 'DE' });
    const client = new DynamoDBClient(administrator(home.cloud.file));
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    const TableName = TableNames.find((name) => name.includes('Registry'));
    const items: unknown[] = [];
    for await (const { Items = [] } of paginateScan({ client, pageSize: 1 }, { TableName })) items.push(...Items);
    expect(items).toHaveLength((await client.send(new ScanCommand({ TableName }))).Count ?? 0);
    expect(JSON.stringify(items)).toContain('WVWZZZAUZLW000100');
    client.destroy();

    const sqs = new SQSClient(administrator(home.cloud.file));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'fleetloom-dev-telemetry-quarantine' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(['hello']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
    sqs.destroy();
  });
});

describe('a device with the AWS device SDK', () => {
  test('connects with MQTT 5, and hears what the operator publishes', async () => {
    const client = await connect5();
    const topic = `bench/${thingName}/orders`;
    const heard = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    await client.subscribe({ subscriptions: [{ topicFilter: `bench/${thingName}/#`, qos: mqtt5.QoS.AtLeastOnce }] });
    await devices.send(
      new PublishCommand({ topic, qos: 1, payload: Buffer.from('measure'), contentType: 'text/plain' }),
    );
    const [{ message }] = await heard;
    expect(message).toMatchObject({ topicName: topic, contentType: 'text/plain' });
    expect(Buffer.from(message.payload).toString()).toBe('measure');
    const foreign = await client.publish({
      topicName: 'bench/another/orders',
      qos: mqtt5.QoS.AtLeastOnce,
      payload: 'x',
    });
    expect(foreign?.reasonCode).toBe(mqtt5.PubackReasonCode.NotAuthorized);
    await stop(client);
  });

  test('connects with MQTT 3.1.1, and hears its shadow', async () => {
    const connection = await connect311();
    const accepted: unknown[] = [];
    const prefix = `$aws/things/${thingName}/shadow`;
    await connection.subscribe(`${prefix}/update/accepted`, mqtt.QoS.AtLeastOnce, (_, payload) => {
      accepted.push(JSON.parse(Buffer.from(payload).toString()));
    });
    await connection.publish(
      `${prefix}/update`,
      { state: { reported: { weight: 12 } }, clientToken: 'abc' },
      mqtt.QoS.AtLeastOnce,
    );
    await eventually(
      'the answer',
      () => accepted.length,
      (count) => count === 1,
    );
    expect(accepted).toEqual([
      expect.objectContaining({ version: 1, clientToken: 'abc', state: { reported: { weight: 12 } } }),
    ]);
    const { payload } = await devices.send(new GetThingShadowCommand({ thingName }));
    expect(at(document(payload), 'state')).toEqual({ reported: { weight: 12 } });
    await connection.disconnect();
  });

  test.each(['MQTT 5', 'MQTT 3.1.1'])('works with its shadows through IotShadowClientv2 over %s', async (protocol) => {
    const limits = { maxRequestResponseSubscriptions: 5, maxStreamingSubscriptions: 5, operationTimeoutInSeconds: 10 };
    const five = protocol === 'MQTT 5' ? await connect5() : undefined;
    const three = five === undefined ? await connect311() : undefined;
    const shadows =
      five !== undefined
        ? iotshadow.IotShadowClientv2.newFromMqtt5(five, limits)
        : iotshadow.IotShadowClientv2.newFromMqtt311(three ?? (await connect311()), limits);
    const shadowName = protocol.replaceAll(/[^0-9A-Za-z]/g, '-');
    const deltas: unknown[] = [];
    const stream = shadows.createNamedShadowDeltaUpdatedStream({ thingName, shadowName });
    const established = once(stream, 'subscriptionStatus');
    stream.on('incomingPublish', ({ message }) => deltas.push(message.state));
    stream.open();
    await established;

    await expect(shadows.getNamedShadow({ thingName, shadowName })).rejects.toThrow();
    const updated = await shadows.updateNamedShadow({ thingName, shadowName, state: { reported: { lamp: 'off' } } });
    expect(updated.version).toBe(1);
    const wish = Buffer.from(JSON.stringify({ state: { desired: { lamp: 'on' } } }));
    await devices.send(new UpdateThingShadowCommand({ thingName, shadowName, payload: wish }));
    await eventually(
      'the delta',
      () => deltas.length,
      (count) => count > 0,
    );
    expect(deltas).toEqual([{ lamp: 'on' }]);
    const read = await shadows.getNamedShadow({ thingName, shadowName });
    expect(read.state).toEqual({ desired: { lamp: 'on' }, reported: { lamp: 'off' }, delta: { lamp: 'on' } });
    await expect(shadows.updateNamedShadow({ thingName, shadowName, version: 1, state: {} })).rejects.toThrow();
    const { results } = await devices.send(new ListNamedShadowsForThingCommand({ thingName }));
    expect(results).toContain(shadowName);
    expect((await shadows.deleteNamedShadow({ thingName, shadowName })).version).toBe(2);

    stream.close();
    shadows.close();
    if (five !== undefined) await stop(five);
    await three?.disconnect();
  });
});

describe('what the operator takes away', () => {
  test('is gone: first the connection, then the certificate, the policy, the thing', async () => {
    const client = await connect5();
    const lost = once(client, mqtt5.Mqtt5Client.DISCONNECTION);
    const { certificateId, certificateArn } = credentials;
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await devices.send(new DeleteConnectionCommand({ clientId: thingName }));
    await lost;
    const [failure] = await once(client, mqtt5.Mqtt5Client.CONNECTION_FAILURE);
    expect(failure.connack?.reasonCode).toBe(mqtt5.ConnectReasonCode.NotAuthorized);
    await stop(client);

    const attached = expect.objectContaining({ name: 'DeleteConflictException' });
    await expect(iot.send(new DeleteCertificateCommand({ certificateId }))).rejects.toEqual(attached);
    await iot.send(new DetachThingPrincipalCommand({ thingName, principal: certificateArn }));
    await iot.send(new DetachPolicyCommand({ policyName, target: certificateArn }));
    await iot.send(new DeleteCertificateCommand({ certificateId }));
    await iot.send(new DeletePolicyCommand({ policyName }));
    await devices.send(new DeleteThingShadowCommand({ thingName }));
    await iot.send(new DeleteThingCommand({ thingName }));
    await expect(iot.send(new DescribeThingCommand({ thingName }))).rejects.toThrow();
  });
});
