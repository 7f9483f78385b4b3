import { Agent } from 'node:https';
import { CreateJobCommand, DescribeEndpointCommand, DescribeJobExecutionCommand } from '@aws-sdk/client-iot';
import {
  DescribeJobExecutionCommand as AskCommand,
  GetPendingJobExecutionsCommand,
  IoTJobsDataPlaneClient,
  StartNextPendingJobExecutionCommand,
  UpdateJobExecutionCommand,
} from '@aws-sdk/client-iot-jobs-data-plane';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allow } from '../broker/fixture.ts';
import { arns, type IotCloud, region, soon, startIotCloud } from './iot-cloud.ts';

let cloud: IotCloud;
let operator: IoTJobsDataPlaneClient;

beforeAll(async () => {
  cloud = await startIotCloud();
  operator = new IoTJobsDataPlaneClient({
    ...{ region, endpoint: cloud.gateway.endpoint, credentials: cloud.iam.administratorKey, maxAttempts: 1 },
  });
});
afterAll(() => cloud.close());

/** The client as a device uses it: its certificate in place of a signature, at the endpoint that the cloud names. */
async function deviceClient(thingName: string, policy?: string): Promise<IoTJobsDataPlaneClient> {
  const { certificatePem: cert, privateKeyPem: key } = await cloud.device(thingName, policy);
  const { endpointAddress } = await cloud.operator.send(new DescribeEndpointCommand({ endpointType: 'iot:Jobs' }));
  return new IoTJobsDataPlaneClient({
    ...{ region, endpoint: `https://${endpointAddress}:${cloud.ports.deviceHttps}`, maxAttempts: 1 },
    requestHandler: { httpsAgent: new Agent({ ca: cloud.iot.authority.caPem, cert, key }) },
    // Nobody signs: the certificate says who calls.
    httpAuthSchemes: [
      {
        schemeId: 'aws.auth#sigv4',
        identityProvider: () => async () => ({}),
        signer: { sign: async (request) => request },
      },
    ],
  });
}

async function queued(jobId: string, thingName: string, more: object = {}): Promise<void> {
  await cloud.job(jobId, [arns.thing(thingName)], { targetSelection: 'SNAPSHOT', ...more });
  const asked = new DescribeJobExecutionCommand({ jobId, thingName });
  await soon(async () => expect((await cloud.operator.send(asked)).execution).toMatchObject({ status: 'QUEUED' }));
}

async function worksOff(client: IoTJobsDataPlaneClient, thingName: string): Promise<void> {
  const jobId = `job-of-${thingName}`;
  await queued(jobId, thingName);
  const pending = await client.send(new GetPendingJobExecutionsCommand({ thingName }));
  expect(pending).toMatchObject({ inProgressJobs: [], queuedJobs: [{ jobId, versionNumber: 1 }] });
  expect(pending.queuedJobs?.[0]?.queuedAt).toBeCloseTo(cloud.clock.now() / 1000, -2);
  const peeked = await client.send(new AskCommand({ thingName, jobId: '$next', includeJobDocument: false }));
  expect(peeked.execution).toMatchObject({ jobId, status: 'QUEUED' });
  expect(peeked.execution?.jobDocument).toBeUndefined();
  const started = await client.send(new StartNextPendingJobExecutionCommand({ thingName, stepTimeoutInMinutes: 5 }));
  expect(started.execution).toMatchObject({
    ...{ jobId, status: 'IN_PROGRESS', approximateSecondsBeforeTimedOut: 300 },
    // Text, not an object as over MQTT.
    jobDocument: JSON.stringify({ is: jobId }),
  });
  const statusDetails = { percent: '100' };
  const wish = { thingName, jobId, status: 'SUCCEEDED', statusDetails, includeJobExecutionState: true } as const;
  const stale = client.send(new UpdateJobExecutionCommand({ ...wish, expectedVersion: 1 }));
  await expect(stale).rejects.toMatchObject({
    name: 'InvalidStateTransitionException',
    $metadata: { httpStatusCode: 409 },
  });
  const { executionState } = await client.send(new UpdateJobExecutionCommand(wish));
  expect(executionState).toEqual({ status: 'SUCCEEDED', statusDetails, versionNumber: 3 });
  const over = client.send(new AskCommand({ thingName, jobId }));
  await expect(over).rejects.toMatchObject({ name: 'TerminalStateException', $metadata: { httpStatusCode: 410 } });
  const unknown = client.send(new AskCommand({ thingName, jobId: 'unknown' }));
  await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const nothing = await client.send(new StartNextPendingJobExecutionCommand({ thingName }));
  expect(nothing.execution).toBeUndefined();
}

test('a caller with AWS keys works a job off', async () => {
  cloud.iot.registry.things.create({ thingName: 'car-signed' });
  await worksOff(operator, 'car-signed');
});

test('a device with its certificate works a job off', async () => {
  await worksOff(await deviceClient('car-mtls'), 'car-mtls');
});

test('a device does over HTTPS what its policy allows of the jobs data plane, and nothing more', async () => {
  const read = await deviceClient('car-reader', allow('iotjobsdata:GetPendingJobExecutions thing/car-reader'));
  await read.send(new GetPendingJobExecutionsCommand({ thingName: 'car-reader' }));
  const others = read.send(new GetPendingJobExecutionsCommand({ thingName: 'car-mtls' }));
  await expect(others).rejects.toMatchObject({ name: 'ForbiddenException', $metadata: { httpStatusCode: 403 } });
  const more = read.send(new StartNextPendingJobExecutionCommand({ thingName: 'car-reader' }));
  await expect(more).rejects.toMatchObject({ name: 'ForbiddenException' });
});

test('what came by HTTP is told over MQTT', async () => {
  cloud.iot.registry.things.create({ thingName: 'car-told' });
  await queued('told', 'car-told');
  cloud.seen.splice(0);
  await operator.send(new UpdateJobExecutionCommand({ thingName: 'car-told', jobId: 'told', status: 'REJECTED' }));
  expect(cloud.seen.map(({ topic }) => topic)).toEqual(
    ['notify', 'notify-next'].map((name) => `$aws/things/car-told/jobs/${name}`),
  );
});

test('a document comes from S3, and its placeholders become addresses that open for a while', async () => {
  const settings = {
    announces: false,
    versioned: false,
    locks: false,
    defaultRetention: undefined,
    lifecycle: [],
    cors: [],
  };
  cloud.buckets.open('images', settings);
  const credentials = cloud.iam.administratorKey;
  const s3 = new S3Client({ region, endpoint: cloud.gateway.endpoint, credentials, forcePathStyle: true });
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'images', Key, Body }));
  await put('ecu/engine 4.bin', 'the image');
  const image = `\${aws:iot:s3-presigned-url:https://s3.${region}.amazonaws.com/images/ecu/engine%204.bin}`;
  await put('document.json', JSON.stringify({ image }));
  const roleArn = 'arn:aws:iam::000000000000:role/downloads';
  const trust = { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' };
  cloud.iam.putRole({
    roleName: 'downloads',
    arn: roleArn,
    trustPolicy: { Version: '2012-10-17', Statement: [trust] },
    tags: {},
  });
  const grant = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::images/ecu/*' };
  cloud.iam.putRolePolicy('downloads', 'read', { Version: '2012-10-17', Statement: [grant] });
  cloud.iot.registry.things.create({ thingName: 'car-s3' });

  await queued('s3', 'car-s3', {
    ...{ document: undefined, documentSource: 'https://images.s3.amazonaws.com/document.json' },
    presignedUrlConfig: { roleArn, expiresInSec: 60 },
  });

  const { execution } = await operator.send(new AskCommand({ thingName: 'car-s3', jobId: '$next' }));
  const { image: address } = JSON.parse(execution?.jobDocument ?? '{}');
  expect(await (await fetch(address)).text()).toBe('the image');
  cloud.clock.runAhead(61_000);
  expect((await fetch(address)).status).toBe(403);
  const untrusting = 'arn:aws:iam::000000000000:role/untrusting';
  cloud.iam.putRole({
    roleName: 'untrusting',
    arn: untrusting,
    trustPolicy: { Version: '2012-10-17', Statement: [{ ...trust, Principal: { Service: 'lambda.amazonaws.com' } }] },
    tags: {},
  });
  const refused = cloud.operator.send(
    new CreateJobCommand({
      ...{ jobId: 'no', targets: [arns.thing('car-s3')], document: '{}' },
      presignedUrlConfig: { roleArn: untrusting },
    }),
  );
  await expect(refused).rejects.toMatchObject({ name: 'InvalidRequestException' });
});
