import { once } from 'node:events';
import {
  AddThingToThingGroupCommand,
  DeleteJobCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
} from '@aws-sdk/client-iot';
import { iot, iotjobs, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { allow } from '../broker/fixture.ts';
import { type IotCloud, soon, startIotCloud } from './iot-cloud.ts';

let cloud: IotCloud;
const { AtLeastOnce } = mqtt.QoS;
const options = { maxRequestResponseSubscriptions: 6, maxStreamingSubscriptions: 2, operationTimeoutInSeconds: 20 };

beforeAll(async () => {
  cloud = await startIotCloud();
});
afterAll(() => cloud.close());

async function connect5(clientId: string, keys: IssuedKeys) {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    'localhost',
    keys.certificatePem,
    keys.privateKeyPem,
  );
  builder.withCertificateAuthority(cloud.iot.authority.caPem).withPort(cloud.ports.mqtt);
  builder.withConnectProperties({ clientId, keepAliveIntervalSeconds: 600 });
  const client = new mqtt5.Mqtt5Client(builder.build());
  const connected = once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS);
  client.start();
  await connected;
  return {
    client,
    async stop() {
      const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
      client.stop();
      await stopped;
      client.close();
    },
  };
}

async function connect3(clientId: string, keys: IssuedKeys) {
  const builder = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(keys.certificatePem, keys.privateKeyPem)
    .with_certificate_authority(cloud.iot.authority.caPem)
    .with_endpoint('localhost')
    .with_port(cloud.ports.mqtt)
    .with_client_id(clientId)
    .with_clean_session(true);
  const connection = new mqtt.MqttClient().new_connection(builder.build());
  await connection.connect();
  return connection;
}

/** The story of AWS's own tests of its client: a thing joins the group of a continuous job, works, and is idle again. */
async function worksOff(thingName: string, client: iotjobs.IotJobsClientv2): Promise<void> {
  const jobId = `job-of-${thingName}`;
  const thingGroupName = `group-of-${thingName}`;
  await cloud.job(jobId, [await cloud.group(thingGroupName)]);
  const changes = client.createJobExecutionsChangedStream({ thingName });
  const fronts = client.createNextJobExecutionChangedStream({ thingName });
  const opened = [changes, fronts].map((stream) => once(stream, 'subscriptionStatus'));
  changes.open();
  fronts.open();
  await Promise.all(opened);
  expect(await client.getPendingJobExecutions({ thingName })).toMatchObject({ inProgressJobs: [], queuedJobs: [] });
  const joined = [once(changes, 'incomingPublish'), once(fronts, 'incomingPublish')];
  await cloud.operator.send(new AddThingToThingGroupCommand({ thingName, thingGroupName }));
  const [[changed], [next]] = await Promise.all([joined[0] ?? [], joined[1] ?? []]);
  expect(changed.message.jobs).toMatchObject({ QUEUED: [{ jobId, executionNumber: 1 }] });
  expect(next.message.execution).toMatchObject({ jobId, status: 'QUEUED', jobDocument: { is: jobId } });

  const idle = [once(changes, 'incomingPublish'), once(fronts, 'incomingPublish')];
  const started = await client.startNextPendingJobExecution({ thingName, stepTimeoutInMinutes: 5 });
  expect(started.execution).toMatchObject({ jobId, status: 'IN_PROGRESS' });
  const described = await client.describeJobExecution({ thingName, jobId });
  expect(described.execution).toMatchObject({ jobId, status: 'IN_PROGRESS', jobDocument: { is: jobId } });
  const wrong = client.updateJobExecution({
    thingName,
    jobId,
    status: iotjobs.model.JobStatus.FAILED,
    expectedVersion: 9,
  });
  await expect(wrong).rejects.toMatchObject({ modeledError: { code: 'VersionMismatch' } });
  await client.updateJobExecution({ thingName, jobId, status: iotjobs.model.JobStatus.SUCCEEDED });
  const [[emptied], [none]] = await Promise.all([idle[0] ?? [], idle[1] ?? []]);
  expect(emptied.message.jobs).toEqual({});
  expect(none.message.execution).toBeUndefined();
  expect(await client.getPendingJobExecutions({ thingName })).toMatchObject({ inProgressJobs: [], queuedJobs: [] });
  const { execution } = await cloud.operator.send(new DescribeJobExecutionCommand({ thingName, jobId }));
  expect(execution).toMatchObject({ status: 'SUCCEEDED', versionNumber: 3 });
  await cloud.operator.send(new DeleteJobCommand({ jobId, force: true }));
  await soon(() =>
    expect(cloud.operator.send(new DescribeJobCommand({ jobId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    }),
  );
  client.close();
}

test("the second jobs client of AWS's device SDK works a job off over MQTT 5", async () => {
  const { client, stop } = await connect5('car-5', await cloud.device('car-5'));
  await worksOff('car-5', iotjobs.IotJobsClientv2.newFromMqtt5(client, options));
  await stop();
});

test("the second jobs client of AWS's device SDK works a job off over MQTT 3.1.1", async () => {
  const connection = await connect3('car-3', await cloud.device('car-3'));
  await worksOff('car-3', iotjobs.IotJobsClientv2.newFromMqtt311(connection, options));
  await connection.disconnect();
});

test("the first jobs client of AWS's device SDK is notified, starts and reports", async () => {
  const thingName = 'car-1';
  const connection = await connect3(thingName, await cloud.device(thingName));
  const client = new iotjobs.IotJobsClient(connection);
  const heard: unknown[] = [];
  const note = (_: unknown, response: unknown) => void heard.push(response);
  await client.subscribeToNextJobExecutionChangedEvents({ thingName }, AtLeastOnce, note);
  await client.subscribeToStartNextPendingJobExecutionAccepted({ thingName }, AtLeastOnce, note);
  await client.subscribeToUpdateJobExecutionAccepted({ thingName, jobId: 'one' }, AtLeastOnce, note);
  await client.subscribeToUpdateJobExecutionRejected({ thingName, jobId: 'one' }, AtLeastOnce, note);
  await cloud.job('one', [cloud.iot.registry.arns.thing(thingName)], { targetSelection: 'SNAPSHOT' });
  await soon(() => expect(heard.splice(0)).toMatchObject([{ execution: { jobId: 'one', status: 'QUEUED' } }]));
  await client.publishStartNextPendingJobExecution({ thingName }, AtLeastOnce);
  await soon(() => expect(heard.splice(0)).toMatchObject([{ execution: { jobId: 'one', status: 'IN_PROGRESS' } }]));
  const report = (status: iotjobs.model.JobStatus) =>
    client.publishUpdateJobExecution({ thingName, jobId: 'one', status }, AtLeastOnce);
  await report(iotjobs.model.JobStatus.SUCCEEDED);
  await soon(() => expect(heard.splice(0)).toHaveLength(2));
  await report(iotjobs.model.JobStatus.IN_PROGRESS);
  await soon(() => expect(heard.splice(0)).toMatchObject([{ code: 'InvalidStateTransition' }]));
  const { job } = await cloud.operator.send(new DescribeJobCommand({ jobId: 'one' }));
  expect(job).toMatchObject({ status: 'COMPLETED', jobProcessDetails: { numberOfSucceededThings: 1 } });
  await connection.disconnect();
});

test('an answer reaches the asking connection without a subscription, and nobody else, and no rule', async () => {
  const keys = await cloud.device('car-silent');
  const { client, stop } = await connect5('car-silent', keys);
  const other = await connect5('other', keys);
  const topic = '$aws/things/car-silent/jobs/get/accepted';
  const overheard = vi.fn();
  other.client.on('messageReceived', overheard);
  await other.client.subscribe({ subscriptions: [{ topicFilter: '$aws/things/car-silent/jobs/#', qos: 1 }] });
  const received = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
  await client.publish({ topicName: '$aws/things/car-silent/jobs/get', qos: 1, payload: '' });
  const [{ message }] = await received;
  expect(message.topicName).toBe(topic);
  // A round trip of the other one, after which it would have had it.
  await other.client.publish({ topicName: 'any', qos: 1, payload: 'x' });
  expect(overheard).not.toHaveBeenCalled();
  expect(cloud.seen.map((seen) => seen.topic)).not.toContain(topic);
  await stop();
  await other.stop();
});

test("a device whose policy names its own jobs asks for nobody else's", async () => {
  const own = `$aws/things/\${iot:Connection.Thing.ThingName}/jobs/*`;
  const policy = allow('iot:Connect client/*', `iot:Publish topic/${own}`, `iot:Receive topic/${own}`);
  const { client, stop } = await connect5('car-own', await cloud.device('car-own', policy));
  const received = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
  const ask = (thingName: string) =>
    client.publish({ topicName: `$aws/things/${thingName}/jobs/start-next`, qos: 1, payload: '{}' });
  expect(await ask('car-1')).toMatchObject({ reasonCode: mqtt5.PubackReasonCode.NotAuthorized });
  expect(await ask('car-own')).toMatchObject({ reasonCode: mqtt5.PubackReasonCode.Success });
  const [{ message }] = await received;
  expect(message.topicName).toBe('$aws/things/car-own/jobs/start-next/accepted');
  await stop();
});
