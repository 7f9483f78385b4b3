import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddThingToThingGroupCommand,
  CancelJobCommand,
  CreateJobCommand,
  DescribeJobExecutionCommand,
  RemoveThingFromThingGroupCommand,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { JobsRollout, jobFilters } from '#device-sdk/ota/jobs-rollout.ts';
import type { Connection } from '#device-sdk/transport.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { type IotCloud, startIotCloud } from '../../local/iot/jobs/iot-cloud.ts';
import { temporaryDirectory, until } from '../test-cloud.ts';

let cloud: IotCloud;
beforeAll(async () => {
  cloud = await startIotCloud();
});
afterAll(() => cloud.close());

/** A vehicle's line to the jobs of AWS IoT, over the wire that it really has. */
async function lineOf(vehicleId: string) {
  const { certificatePem, privateKeyPem } = await cloud.device(vehicleId);
  const caFile = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(caFile, cloud.iot.authority.caPem);
  const prefix = `$aws/things/${vehicleId}/jobs`;
  const lines: Connection[] = [];
  const rollout = new JobsRollout({
    prefix: () => prefix,
    publish: async (topic, payload) => lines[0]?.publish(topic, payload),
    ...{ host: thisHost, log: () => {} },
  });
  await new Promise<void>((connected, refused) => {
    const transport = awsIot({ host: 'localhost', port: cloud.ports.mqtt, caFile });
    const line = transport.connect(
      { clientId: vehicleId, certificatePem, privateKeyPem, sessionExpiry: 0 },
      {
        connected: () => connected(),
        disconnected: () => {},
        refused: (reason) => refused(new Error(reason)),
        message: (topic, payload) => void rollout.receive(topic, payload),
      },
    );
    lines.push(line);
  });
  await lines[0]?.subscribe(jobFilters(prefix));
  return { rollout, close: async () => await lines[0]?.close() };
}

const campaignId = 'cmp-000000000aaaaaaaaaaa';

async function job(jobId: string, group: string, document: object): Promise<void> {
  await cloud.operator.send(
    new CreateJobCommand({
      jobId,
      targets: [group],
      targetSelection: 'CONTINUOUS',
      document: JSON.stringify(document),
    }),
  );
}

async function statusOf(jobId: string, thingName: string): Promise<string | undefined> {
  const { execution } = await cloud.operator.send(new DescribeJobExecutionCommand({ jobId, thingName }));
  return execution?.status;
}

test('a campaign is released by its job, begins and ends there; the jobs of others are left alone', async () => {
  const { rollout, close } = await lineOf('veh-released');
  const group = await cloud.group('campaign-a', 'veh-released');
  await job('somebody-elses', group, { reboot: true });
  await job('fleetloom-a', group, { fleetloom: 'update', campaignId });
  rollout.connected();
  rollout.look();
  await until(() => rollout.isReleased(campaignId), 'the release');
  expect(rollout.isReleased('cmp-000000000bbbbbbbbbbb')).toBe(false);
  expect(await rollout.installing(campaignId, 80)).toBe(true);
  expect(await statusOf('fleetloom-a', 'veh-released')).toBe('IN_PROGRESS');
  await rollout.ended(campaignId, true, '');
  expect(await statusOf('fleetloom-a', 'veh-released')).toBe('SUCCEEDED');
  expect(await statusOf('somebody-elses', 'veh-released')).toBe('QUEUED');
  expect(rollout.isReleased(campaignId)).toBe(false);
  // Told twice, or late, it is done already.
  await rollout.ended(campaignId, true, '');
  await close();
});

test('a campaign that is cancelled is released no more, at once, and nothing begins', async () => {
  const { rollout, close } = await lineOf('veh-cancelled');
  rollout.connected();
  rollout.look();
  await job('fleetloom-b', await cloud.group('campaign-b', 'veh-cancelled'), { fleetloom: 'update', campaignId });
  await until(() => rollout.isReleased(campaignId), 'the release');
  await cloud.operator.send(new CancelJobCommand({ jobId: 'fleetloom-b' }));
  await until(() => !rollout.isReleased(campaignId), 'the end of the release');
  expect(await rollout.installing(campaignId, 80)).toBe(false);
  await close();
});

test('what ended while nobody could be told is told on the next line', async () => {
  const { rollout, close } = await lineOf('veh-late');
  await expect(rollout.ended(campaignId, false, 'health')).rejects.toThrow('not known yet');
  await job('fleetloom-c', await cloud.group('campaign-c', 'veh-late'), { fleetloom: 'update', campaignId });
  rollout.connected();
  rollout.look();
  await until(() => rollout.isReleased(campaignId), 'the release');
  await rollout.ended(campaignId, false, 'health');
  expect(await statusOf('fleetloom-c', 'veh-late')).toBe('FAILED');
  await close();
});

test('after its campaign has closed, what has been consented to is released by the job that stands, again and again', async () => {
  const { rollout, close } = await lineOf('veh-standing');
  const own = await cloud.group('campaign-d', 'veh-standing');
  const standing = await cloud.group('standing', 'veh-standing');
  await job('fleetloom-d', own, { fleetloom: 'update', campaignId });
  await job('fleetloom-standing', standing, { fleetloom: 'update' });
  rollout.connected();
  rollout.look();
  await until(() => rollout.isReleased(campaignId) && rollout.isReleased('cmp-000000000bbbbbbbbbbb'), 'the release');
  // The campaign's own job goes: the one that stands is left, and begins.
  await cloud.operator.send(new CancelJobCommand({ jobId: 'fleetloom-d' }));
  await vi.waitFor(async () => expect(await statusOf('fleetloom-d', 'veh-standing')).toBe('CANCELED'));
  expect(await rollout.installing(campaignId, 80)).toBe(true);
  expect(await statusOf('fleetloom-standing', 'veh-standing')).toBe('IN_PROGRESS');
  await rollout.ended(campaignId, true, '');
  expect([await statusOf('fleetloom-standing', 'veh-standing'), rollout.isReleased(campaignId)]).toEqual([
    'SUCCEEDED',
    false,
  ]);
  // Who leaves and joins again has another execution.
  const member = { thingName: 'veh-standing', thingGroupName: 'standing' };
  await cloud.operator.send(new RemoveThingFromThingGroupCommand(member));
  await cloud.operator.send(new AddThingToThingGroupCommand(member));
  await until(() => rollout.isReleased('cmp-000000000bbbbbbbbbbb'), 'the next release');
  expect(await rollout.installing('cmp-000000000bbbbbbbbbbb', 80)).toBe(true);
  await close();
});
