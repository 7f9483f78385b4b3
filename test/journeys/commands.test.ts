import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandRejected } from '#device-sdk/commands.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { repository } from '#local/assembly.ts';
import { MovableClock } from '#local/clock.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { commandTopic } from '#shared/vehicle-cloud/topics.ts';
import { administrator } from '../support/aws-clients.ts';
import { published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { rawVehicle } from '../support/raw-vehicle.ts';

const clock = new MovableClock();
const children: ChildProcess[] = [];

let home: JourneyCloud;
let vehicle: Vehicle;
let vehicleId: string;
let devices: IoTDataPlaneClient;
let serial = 100;

beforeAll(async () => {
  home = await openCloud({ clock });
  devices = new IoTDataPlaneClient(administrator(home.cloud.file));
  ({ vehicle, vehicleId } = await onTheRoad());
}, startTimeout);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  devices.destroy();
  await home.close();
});

function newVin(): string {
  return `WVWZZZAUZLW000${serial++}`;
}

async function registered(): Promise<{ readonly vin: string; readonly vehicleId: string }> {
  const vin = newVin();
  return { vin, vehicleId: await home.journey.registered({ ...golf, vin }) };
}

async function onTheRoad() {
  const car = await registered();
  const opened = home.journey.vehicle(car.vin);
  await opened.connect();
  await connected(car.vehicleId, true);
  return { ...car, vehicle: opened };
}

function connected(id: string, wanted: boolean) {
  const ask = () => home.journey.operator.get(`/v1/vehicles/${id}`);
  return eventually(
    `${id} active and ${wanted ? '' : 'not '}connected`,
    ask,
    ({ body }) => at(body, 'connection', 'connected') === wanted && at(body, 'status') === 'active',
  );
}

function order(id: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  return home.journey.operator.post(`/v1/vehicles/${id}/commands`, body, headers);
}

function commandOf(answer: { readonly body: unknown }): Promise<unknown> {
  const path = `/v1/vehicles/${at(answer.body, 'vehicleId')}/commands/${at(answer.body, 'commandId')}`;
  return home.journey.operator.get(path).then(({ body }) => body);
}

function becomes(answer: { readonly body: unknown }, status: string, patience?: number) {
  return eventually(
    `a command that ${status}`,
    () => commandOf(answer),
    (body) => at(body, 'status') === status,
    patience,
  );
}

describe('a caller', () => {
  test('who does not wait gets 202 at once, and the state where it is told to look', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    vehicle.commands.handle('climate.start', async () => {
      await held;
      return 'Warm.';
    });
    const parameters = { targetTemperature: 21 };
    const answer = await order(vehicleId, { name: 'climate.start', parameters });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ name: 'climate.start', parameters, status: 'sent' });
    const location = answer.headers.get('location') ?? '';
    expect((await home.journey.operator.get(location)).body).toMatchObject({ status: 'sent' });
    release();
    await becomes(answer, 'succeeded');
    const { body } = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/commands?limit=1`);
    expect(at(body, 'items', 0, 'commandId')).toBe(at(answer.body, 'commandId'));
  });

  test('who waits gets the outcome, and no later than it said', async () => {
    vehicle.commands.handle('climate.stop', () => undefined);
    const quick = await order(vehicleId, { name: 'climate.stop' }, { prefer: 'wait=20' });
    expect(quick.status).toBe(200);
    expect(quick.headers.get('preference-applied')).toBe('wait=20');
    expect(quick.body).toMatchObject({ status: 'succeeded' });

    vehicle.commands.handle('horn-lights.flash', () => new Promise(() => {}));
    const begun = performance.now();
    const slow = await order(vehicleId, { name: 'horn-lights.flash' }, { prefer: 'respond-async, wait=1' });
    expect(slow.status).toBe(202);
    expect(slow.headers.get('preference-applied')).toBe('wait=1');
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('hears why the vehicle would not, and why it could not', async () => {
    vehicle.commands.handle('charge.start', () => {
      throw new CommandRejected('not-plugged-in', 'No cable.');
    });
    vehicle.commands.handle('charge.stop', () => {
      throw new Error('The contactor is welded.');
    });
    const would = await order(vehicleId, { name: 'charge.start' }, { prefer: 'wait=20' });
    expect(would.body).toMatchObject({ status: 'rejected', reason: 'not-plugged-in', detail: 'No cable.' });
    const could = await order(vehicleId, { name: 'charge.stop' }, { prefer: 'wait=20' });
    expect(could.body).toMatchObject({ status: 'failed', detail: 'The contactor is welded.' });
  });
});

describe('a command', () => {
  test('that comes twice on its way is carried out once, and answered the same', async () => {
    let locked = 0;
    vehicle.commands.handle('doors.lock', () => {
      locked += 1;
      return undefined;
    });
    const answer = await order(vehicleId, { name: 'doors.lock' }, { prefer: 'wait=20' });
    const first = await commandOf(answer);
    const { commandId, issuedAt, expiresAt } = { commandId: '', issuedAt: '', expiresAt: '', ...Object(answer.body) };
    const request = {
      ...{ commandId, name: 'doors.lock', parameters: {} },
      ...{ issuedAt: Date.parse(issuedAt), expiresAt: Date.parse(expiresAt) },
    };
    const topic = commandTopic(vehicleId);
    const payload = Buffer.from(JSON.stringify(request));
    await Promise.all([1, 2, 3].map(() => devices.send(new PublishCommand({ topic, payload, qos: 1 }))));
    // Behind them in the queue of the same capability: when it is done, they are.
    const next = await order(vehicleId, { name: 'doors.lock' }, { prefer: 'wait=20' });
    expect(next.body).toMatchObject({ status: 'succeeded' });
    expect(locked).toBe(2);
    expect(await commandOf(answer)).toEqual(first);
  });

  test('with one key, asked for ten times at once, is given once', async () => {
    const before = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/commands?limit=100`);
    const headers = { 'idempotency-key': 'at-once', prefer: 'wait=20' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => order(vehicleId, { name: 'climate.stop' }, headers)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 200 || status === 409)).toBe(true);
    const after = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/commands?limit=100`);
    expect(countOf(after.body)).toBe(countOf(before.body) + 1);
  });

  test('to a vehicle gone for less than ten seconds waits for it', async () => {
    const tunnel = await onTheRoad();
    await leave(tunnel, 3_000);
    const answer = await order(tunnel.vehicleId, { name: 'climate.stop' });
    expect(answer.status).toBe(202);
    const back = home.journey.vehicle(tunnel.vin);
    back.commands.handle('climate.stop', () => undefined);
    await back.connect();
    await becomes(answer, 'succeeded');
  });

  test('to a vehicle gone for more than ten seconds is refused, and says since when', async () => {
    const garage = await onTheRoad();
    await leave(garage, 10_000);
    const { status, body } = await order(garage.vehicleId, { name: 'climate.stop' });
    expect(status).toBe(409);
    expect(at(body, 'type')).toBe('/docs#problem-vehicle-offline');
    expect(at(body, 'detail')).toMatch(/offline since \d{4}-/);
  });
});

/** Says goodbye so many milliseconds ago. */
async function leave(car: { readonly vehicle: Vehicle; readonly vehicleId: string }, ago: number): Promise<void> {
  clock.runAhead(-ago);
  await car.vehicle.close();
  await leaves(car.vehicleId);
  clock.runAhead(0);
  await connected(car.vehicleId, false);
}

async function leaves(id: string): Promise<void> {
  const clients = () => home.cloud.iot.broker.connections().map(({ clientId }) => clientId);
  await eventually(`${id} gone`, clients, (present) => !present.includes(id));
}

function countOf(body: unknown): number {
  const items = at(body, 'items');
  return Array.isArray(items) ? items.length : 0;
}

describe('exactly one end', () => {
  test('is what a command finds when the vehicle is killed while it carries it out', async () => {
    const { vin, vehicleId: id } = await registered();
    const first = await inItsOwnProcess(vin);
    await first.says('online');
    await connected(id, true);
    const answer = await order(id, { name: 'doors.unlock', expiresInSeconds: 900 });
    expect(answer.status).toBe(202);
    await first.says('unlocking');
    first.child.kill('SIGKILL');
    const second = await inItsOwnProcess(vin);
    await second.says('online');
    const ended = await becomes(answer, 'failed');
    expect(ended).toMatchObject({ status: 'failed', reason: 'interrupted' });
    // It is sent a second time, as MQTT may: nothing is unlocked, nothing else is answered.
    const { commandId, issuedAt, expiresAt } = { commandId: '', issuedAt: '', expiresAt: '', ...Object(answer.body) };
    const request = {
      commandId,
      name: 'doors.unlock',
      parameters: {},
      issuedAt: Date.parse(issuedAt),
      expiresAt: Date.parse(expiresAt),
    };
    await devices.send(
      new PublishCommand({ topic: commandTopic(id), payload: Buffer.from(JSON.stringify(request)), qos: 1 }),
    );
    const next = await order(id, { name: 'doors.unlock' });
    await second.says('unlocking');
    expect(second.lines.filter((line) => line === 'unlocking')).toHaveLength(1);
    expect(await commandOf(answer)).toEqual(ended);
    expect(await commandOf(next)).toMatchObject({ status: 'sent' });
    second.child.kill('SIGKILL');
  });

  test('is expiry when nobody answers, and a late answer stands beside it', async () => {
    const { identity, client, vehicleId: id } = await rawVehicle(home, newVin());
    await client.subscribe(identity.topics.commandTopic);
    await connected(id, true);
    const answer = await order(id, { name: 'doors.lock', expiresInSeconds: 5 });
    const { payload } = await client.next('publish');
    expect(at(JSON.parse(payload.toString()), 'commandId')).toBe(at(answer.body, 'commandId'));
    const expiresAt = Date.parse(String(at(answer.body, 'expiresAt')));
    await eventually(
      'its expiry',
      () => Date.now(),
      (now) => now > expiresAt,
    );
    clock.runAhead(15_000);
    const expired = await becomes(answer, 'expired');
    clock.runAhead(0);
    const reply = (status: string, more: object = {}) =>
      published(
        client,
        identity.topics.commandReplyTopic,
        JSON.stringify({ commandId: at(answer.body, 'commandId'), status, completedAt: expiresAt + 1_000, ...more }),
      );
    expect(await reply('succeeded')).toBe(0);
    const late = await eventually(
      'the late answer',
      () => commandOf(answer),
      (body) => at(body, 'lateReply') !== undefined,
    );
    const completedAt = new Date(expiresAt + 1_000).toISOString();
    expect(late).toEqual({ ...Object(expired), lateReply: { status: 'succeeded', completedAt } });
    expect(await reply('failed', { reason: 'second-thoughts' })).toBe(0);
    expect(await reply('succeeded')).toBe(0);
    await noted(3, at(answer.body, 'commandId'));
    expect(await commandOf(answer)).toEqual(late);
  });

  test('is the first of several answers', async () => {
    const { identity, client, vehicleId: id } = await rawVehicle(home, newVin());
    await client.subscribe(identity.topics.commandTopic);
    await connected(id, true);
    const answer = await order(id, { name: 'doors.lock' });
    const commandId = at(answer.body, 'commandId');
    for (const status of ['rejected', 'succeeded', 'failed']) {
      const reply = { commandId, status, reason: 'in-motion', completedAt: Date.now() };
      await published(client, identity.topics.commandReplyTopic, JSON.stringify(reply));
      await eventually(
        'an end',
        () => commandOf(answer),
        (body) => at(body, 'completedAt') !== undefined,
      );
    }
    await noted(3, commandId);
    expect(await commandOf(answer)).toMatchObject({ status: 'rejected', reason: 'in-motion' });
  });

  test('is not given by another vehicle', async () => {
    vehicle.commands.handle('climate.start', () => new Promise(() => {}));
    const answer = await order(vehicleId, { name: 'climate.start' });
    const { identity, client } = await rawVehicle(home, newVin());
    const commandId = at(answer.body, 'commandId');
    const reply = JSON.stringify({ commandId, status: 'succeeded', completedAt: Date.now() });
    expect(await published(client, identity.topics.commandReplyTopic, reply)).toBe(0);
    await noted(1, commandId);
    expect(await commandOf(answer)).toMatchObject({ status: 'sent' });
  });
});

/** The function for replies has said what it made of so many answers to this command. */
async function noted(count: number, commandId: unknown): Promise<void> {
  const lines = () => home.log.filter((line) => line.includes('"message":"reply"') && line.includes(String(commandId)));
  await eventually(`${count} answers that were noted`, lines, (found) => found.length >= count);
}

async function inItsOwnProcess(vin: string) {
  const settings = join(home.stateDirectory, 'settings.json');
  writeFileSync(settings, JSON.stringify(home.cloud.file));
  const script = join(repository, 'test', 'support', 'stubborn-vehicle.ts');
  const directory = join(home.stateDirectory, `own-${vin}`);
  const child = spawn(process.execPath, ['--import', 'tsx', script, settings, directory, vin], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await once(child, 'spawn');
  const says = (line: string) =>
    eventually(
      `"${line}"`,
      () => lines,
      (said) => said.includes(line),
      20_000,
    );
  return { child, lines, says };
}
