import {
  AddThingToThingGroupCommand,
  CreateJobCommand,
  CreateThingGroupCommand,
  DescribeJobExecutionCommand,
  IoTClient,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '#local/tour/telling.ts';
import { administrator } from '../support/aws-clients.ts';
import { published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { type RawVehicle, rawVehicle } from '../support/raw-vehicle.ts';

let home: JourneyCloud;
let iot: IoTClient;
let vehicle: RawVehicle;

beforeAll(async () => {
  home = await openCloud();
  iot = new IoTClient(administrator(home.cloud.file));
  vehicle = await rawVehicle(home, 'WVWZZZAUZLW000801');
}, startTimeout);
afterAll(() => home.close());

const topicOf = (verb: string) => `$aws/things/${vehicle.vehicleId}/jobs/${verb}`;

/** The next message on this topic of the vehicle's jobs. */
async function heard(verb: string): Promise<unknown> {
  for (;;) {
    const { topic, payload } = await vehicle.client.next('publish');
    if (topic === topicOf(verb)) return JSON.parse(payload.toString());
  }
}

/** A continuous job on a group of its own, which the vehicle joins. */
async function joins(jobId: string): Promise<void> {
  const { thingGroupArn = '' } = await iot.send(new CreateThingGroupCommand({ thingGroupName: jobId }));
  const document = JSON.stringify({ kind: 'test', jobId });
  await iot.send(new CreateJobCommand({ jobId, targets: [thingGroupArn], document, targetSelection: 'CONTINUOUS' }));
  await iot.send(new AddThingToThingGroupCommand({ thingGroupName: jobId, thingName: vehicle.vehicleId }));
}

async function statusOf(jobId: string): Promise<string | undefined> {
  const asked = new DescribeJobExecutionCommand({ jobId, thingName: vehicle.vehicleId });
  return (await iot.send(asked)).execution?.status;
}

test('a vehicle is handed the job of the group that it joins, works it off, and its trace tells so', async () => {
  expect(await vehicle.client.subscribe(topicOf('notify-next'))).toEqual([1]);
  await joins('journey-1');
  expect(await heard('notify-next')).toMatchObject({
    execution: { jobId: 'journey-1', jobDocument: { kind: 'test' } },
  });
  expect(await published(vehicle.client, topicOf('start-next'))).toBe(0);
  expect(await heard('start-next/accepted')).toMatchObject({ execution: { status: 'IN_PROGRESS', versionNumber: 2 } });
  expect(await published(vehicle.client, topicOf('journey-1/update'), JSON.stringify({ status: 'SUCCEEDED' }))).toBe(0);
  expect(await heard('notify-next')).toEqual({ timestamp: expect.any(Number) });
  expect(await statusOf('journey-1')).toBe('SUCCEEDED');
  const hops = home.cloud.traces.find(vehicle.vehicleId).flatMap((trace) => trace.hops);
  const ofJobs = hops.filter(({ kind }) => kind === 'job');
  expect(ofJobs.map(({ label }) => label)).toContain(`update journey-1 ${vehicle.vehicleId}`);
  const queued = ofJobs.find(({ label }) => label === `queue journey-1 ${vehicle.vehicleId}`);
  expect(queued?.units).toEqual({ jobExecutions: 1 });
  expect(hops.filter(({ parents }) => parents.includes(queued?.id ?? '')).map(({ label }) => label)).toEqual(
    ['notify', 'notify-next'].map(topicOf),
  );
});

test("a vehicle can neither ask for another one's jobs nor forge what the cloud says of its own", async () => {
  const others = `$aws/things/${vehicle.vehicleId.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))}/jobs/start-next`;
  expect(await published(vehicle.client, others)).toBe(0x87);
  expect(await published(vehicle.client, topicOf('notify'))).toBe(0x87);
});

test('a report that arrives twice counts once, and the second one is refused', async () => {
  await joins('journey-2');
  await eventually(
    'the execution',
    () => statusOf('journey-2').catch(() => undefined),
    (status) => status === 'QUEUED',
  );
  const fault = home.cloud.faults.plan({ kind: 'duplicate', hop: 'mqtt', label: topicOf('journey-2/update') });
  await published(vehicle.client, topicOf('journey-2/update'), JSON.stringify({ status: 'FAILED' }));
  expect(await heard('journey-2/update/accepted')).toMatchObject({ timestamp: expect.any(Number) });
  expect(await heard('journey-2/update/rejected')).toMatchObject({ code: 'InvalidStateTransition' });
  home.cloud.faults.end(fault);
  expect(await statusOf('journey-2')).toBe('FAILED');
});
