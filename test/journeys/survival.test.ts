import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateJobCommand, DescribeJobExecutionCommand, IoTClient } from '@aws-sdk/client-iot';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { cloudAssembly } from '#local/assembly.ts';
import { startCloud } from '#local/cloud.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { fleetPlan } from '#local/factory/fleet-plan.ts';
import { freePorts } from '#local/options.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { Journey } from '#local/tour/journey.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator, QueueReader } from '../support/aws-clients.ts';
import { CloudProcess, freePortBase, isAlive } from '../support/cloud-process.ts';
import { attempt, claimOf } from '../support/device.ts';
import { startTimeout } from '../support/journey-cloud.ts';
import { assemblyWith } from '../support/other-assembly.ts';

/** The simulated fleet has the first e-Golf. */
const traveller = { ...golf, vin: 'WVWZZZAUZLW000777' };

const directories: string[] = [];
const processes: CloudProcess[] = [];

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'fleetloom-survival-'));
  directories.push(made);
  return made;
}

function start(stateDirectory: string, portBase: number, vehicles: number): CloudProcess {
  const started = new CloudProcess(stateDirectory, portBase, vehicles);
  processes.push(started);
  return started;
}

beforeAll(() => cloudAssembly(() => {}), startTimeout);

afterAll(async () => {
  for (const started of processes) await started.end('SIGKILL');
  for (const made of directories) rmSync(made, { recursive: true, force: true });
});

async function allGone(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThanOrEqual(2); // the engine of the tables and the simulator
  await eventually(
    'no process left',
    () => pids.filter(isAlive),
    (alive) => alive.length === 0,
  );
}

test('two clouds side by side know nothing of each other, and stop cleanly with their children', async () => {
  const [one, two] = await Promise.all([freePortBase(), freePortBase()]);
  const stale = directory();
  writeFileSync(join(stale, 'cloud.json'), '{"left":"behind"}');
  const first = start(stale, one, 1);
  const second = start(directory(), two, 1);
  await eventually(
    'the stale file removed',
    () => existsSync(first.file),
    (exists) => !exists,
    30_000,
  );
  const [a, b] = await Promise.all([first.ready(), second.ready()]);
  expect(statSync(first.file).mode & 0o777).toBe(0o600);
  expect(a.aws.endpoint).toBe(`http://127.0.0.1:${one}`);
  expect(b.mqtt.port).toBe(two + 1);

  await strangers(a, b);

  const third = start(directory(), one, 0);
  await eventually(
    'the third cloud to give up',
    () => third.ended,
    (ended) => ended,
    30_000,
  );
  expect(third.child.exitCode).toBe(1);
  expect(third.output).toContain(String(one));

  const families = [first, second].map((cloud) => cloud.family());
  expect(await Promise.all([first.end('SIGTERM'), second.end('SIGINT')])).toEqual([0, 0]);
  for (const family of families) await allGone(family);
  expect([first, second, third].map(({ file }) => existsSync(file))).toEqual([false, false, false]);
}, 90_000);

/** Vehicles, tokens and claims of one open nothing at the other. */
async function strangers(a: CloudFile, b: CloudFile): Promise<void> {
  const [here, there] = [new ApiClient(a, 'operator'), new ApiClient(b, 'operator')];
  const made = await here.post('/v1/vehicles', golf);
  expect(made.status).toBe(201);
  const path = `/v1/vehicles/${at(made.body, 'vehicleId')}`;
  expect((await here.get(path)).status).toBe(200);
  expect((await there.get(path)).status).toBe(404);
  const headers = { authorization: `Bearer ${await here.token()}` };
  expect((await fetch(`${b.api.baseUrl}/v1/vehicles`, { headers })).status).toBe(401);
  await expect(attempt(b, claimOf(a), 'claim-astray')).rejects.toThrow();
}

describe('kill -9', () => {
  test('in the middle of work costs nothing that was acknowledged, and no vehicle', async () => {
    const state = directory();
    const base = await freePortBase();
    const before = start(state, base, 2);
    const cloud = await before.ready();
    const journey = new Journey(cloud, join(state, 'journey'));
    const vehicleId = await journey.registered(traveller);
    const vehicle = journey.vehicle(traveller.vin);
    await vehicle.connect();

    const load = new Load(cloud, vehicle, vehicleId);
    const working = load.work();
    await eventually(
      'enough acknowledged',
      () => load.size,
      (size) => size >= 60,
      40_000,
    );
    const iot = new IoTClient(administrator(cloud));
    const thing = `arn:aws:iot:${cloud.region}:${cloud.accountId}:thing/${vehicleId}`;
    await iot.send(new CreateJobCommand({ jobId: 'survivor', targets: [thing], document: '{}' }));
    const family = before.family();
    await before.end('SIGKILL');
    await working;
    await allGone(family);
    expect(existsSync(before.file)).toBe(true);

    const after = start(state, base, 2);
    await after.ready();
    await load.isAllThere();
    const execution = new DescribeJobExecutionCommand({ jobId: 'survivor', thingName: vehicleId });
    await eventually(
      'the job at the vehicle',
      async () => (await iot.send(execution).catch(() => undefined))?.execution?.status,
      (status) => status === 'QUEUED',
    );
    await everyVehicleIsBack(
      cloud,
      [...fleetPlan(2), traveller].map(({ vin }) => vin),
    );
    await journey.end();
    expect(await after.end('SIGTERM')).toBe(0);
  }, 120_000);
});

async function everyVehicleIsBack(cloud: CloudFile, vins: readonly string[]): Promise<void> {
  const operator = new ApiClient(cloud, 'operator');
  for (const vin of vins) {
    await eventually(
      `${vin} active and connected`,
      () => operator.get(`/v1/vehicles?vin=${vin}`),
      ({ body }) =>
        at(body, 'items', 0, 'status') === 'active' && at(body, 'items', 0, 'connection', 'connected') === true,
      20_000,
    );
  }
}

/** A queue that nothing reads. */
const restingPlace = 'fleetloom-dev-rule-failures';

/** Writes of every kind, each noted once it was acknowledged. */
class Load {
  readonly #operator: ApiClient;
  readonly #cloud: CloudFile;
  readonly #vehicle: Vehicle;
  readonly #vehicleId: string;
  readonly #registered = new Map<string, string>();
  readonly #sent: string[] = [];
  readonly #driven: number[] = [];
  readonly #began = Date.now() - 3_600_000;
  #wish = 0;

  constructor(cloud: CloudFile, vehicle: Vehicle, vehicleId: string) {
    this.#operator = new ApiClient(cloud, 'operator');
    this.#cloud = cloud;
    this.#vehicle = vehicle;
    this.#vehicleId = vehicleId;
  }

  get size(): number {
    return Math.min(this.#registered.size * 3, this.#sent.length, this.#wish * 3, this.#driven.length);
  }

  /** Until the cloud is gone. */
  async work(): Promise<void> {
    const sqs = new SQSClient({ ...administrator(this.#cloud), maxAttempts: 1 });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: restingPlace }));
    const kinds = [
      (turn: number) => this.#register(turn),
      (turn: number) => this.#wishFor(turn),
      (turn: number) => this.#send(sqs, QueueUrl, turn),
      (turn: number) => this.#drive(turn),
    ];
    await Promise.all(kinds.map((kind) => untilItFails(kind)));
    sqs.destroy();
  }

  async #register(turn: number): Promise<void> {
    const vin = `WVWZZZAUZLW1${String(turn).padStart(5, '0')}`;
    const { status, body } = await this.#operator.post('/v1/vehicles', { ...golf, vin });
    if (status === 201) this.#registered.set(String(at(body, 'vehicleId')), vin);
  }

  async #wishFor(turn: number): Promise<void> {
    const path = `/v1/vehicles/${this.#vehicleId}/twins/survival`;
    const { status } = await this.#operator.patch(path, { desired: { turn: turn + 1 } });
    if (status === 200) this.#wish = turn + 1;
  }

  async #send(sqs: SQSClient, queueUrl: string | undefined, turn: number): Promise<void> {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(turn) }));
    this.#sent.push(String(turn));
  }

  /** Kept on board as soon as it is recorded: the vehicle has promised it then. */
  async #drive(turn: number): Promise<void> {
    if (this.#vehicle.presence.status === 'offline') throw new Error('the line broke');
    this.#vehicle.telemetry.record('Vehicle.TraveledDistance', turn, { at: this.#began + turn });
    this.#driven.push(turn);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }

  async isAllThere(): Promise<void> {
    for (const [vehicleId, vin] of this.#registered) {
      expect(at((await this.#operator.get(`/v1/vehicles/${vehicleId}`)).body, 'vin')).toBe(vin);
    }
    const twin = await this.#operator.get(`/v1/vehicles/${this.#vehicleId}/twins/survival`);
    expect(at(twin.body, 'desired', 'turn')).toBeGreaterThanOrEqual(this.#wish);
    const reader = new QueueReader(this.#cloud, restingPlace);
    const found = (await reader.all()).map(String);
    reader.close();
    expect(found).toEqual(expect.arrayContaining(this.#sent));
    expect(found).toHaveLength(new Set(found).size);
    await this.#vehicle.telemetry.flush();
    const from = encodeURIComponent(new Date(this.#began).toISOString());
    const path = `/v1/vehicles/${this.#vehicleId}/telemetry/history?signal=Vehicle.TraveledDistance&limit=1000&from=${from}`;
    await eventually(
      'every reading once, in order',
      async () => readingsOf((await this.#operator.get(path)).body),
      (values) => JSON.stringify(values) === JSON.stringify(this.#driven),
      20_000,
    );
  }
}

async function untilItFails(kind: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      await kind(turn);
    } catch {
      return;
    }
  }
}

function readingsOf(body: unknown): readonly unknown[] {
  const readings = at(body, 'readings');
  return Array.isArray(readings) ? readings.map((reading: unknown) => at(reading, 'value')) : [];
}

describe('a start that would not be what is deployed', () => {
  const newcomer = (Type: string, Properties: Record<string, unknown> = {}) =>
    assemblyWith(({ Resources }) => {
      Resources['Newcomer'] = { Type, Properties };
    });

  test.each([
    ['a resource type that nobody plays', () => newcomer('AWS::Kinesis::Stream'), /AWS::Kinesis::Stream: \S+Newcomer/],
    [
      'a rule with a function that SQL does not have',
      () =>
        newcomer('AWS::IoT::TopicRule', {
          TopicRulePayload: {
            Sql: "SELECT machine_magic(*) AS x FROM 'a'",
            Actions: [],
            AwsIotSqlVersion: '2016-03-23',
          },
        }),
      /Newcomer.*machine_magic/s,
    ],
    [
      'an intrinsic function that is none',
      () => newcomer('AWS::SQS::Queue', { QueueName: { 'Fn::Guess': 'a name' } }),
      /Newcomer.*Fn::Guess/s,
    ],
    ['a property that nobody plays', () => newcomer('AWS::SQS::Queue', { Turbo: true }), /Newcomer.*Turbo/s],
  ])('stops at %s, and names it', async (_, assembly, says) => {
    const assemblyDirectory = await assembly();
    directories.push(assemblyDirectory);
    const starting = startCloud({ stateDirectory: directory(), assemblyDirectory, ports: freePorts, log: () => {} });
    await expect(starting).rejects.toThrow(says);
  });
});
