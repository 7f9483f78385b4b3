import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundleFunctionApp } from '#cdk/azure/function-app-bundle.ts';
import { judgeSignature, postKeysIn } from '#functions/post-signature.ts';
import { deviceEventKey } from '#local/azure/device-event-key.ts';
import { FunctionHost } from '#local/azure/functions/function-host.ts';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { localHome } from '#local/azure/local-home.ts';
import { MovableClock } from '#local/clock.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { State } from '#local/state/collection.ts';
import { type PostedEvent, presenceIn } from '#shared/vehicle-cloud/device-post.ts';
import { aVehicleId } from '../../contract/samples.ts';

interface Post {
  readonly path: string;
  readonly content: { readonly events: readonly PostedEvent[] } & Readonly<Record<string, unknown>>;
}

/** How the platform answers; it has looked at the signature before. */
type Platform = (post: Post) => { readonly status: number; readonly body?: object; readonly retryAfter?: number };

const root = mkdtempSync(join(tmpdir(), 'fleetloom-functions-'));
const app = join(root, 'app');
const key = deviceEventKey(join(root, 'key'));
const keys = postKeysIn(key.public);

let server: Server;
let answer: Platform;
let posts: Post[];
let stateDirectory: string;
let clock: MovableClock;
let faults: PlannedFaults;
let log: string[];
let opened: ReturnType<typeof open>;

beforeAll(async () => {
  await bundleFunctionApp(app);
  server = createServer(async (request, response) => {
    const body = await text(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const now = clock.now();
    expect(judgeSignature(headers, Buffer.from(body), { home: localHome.name, keys, now })).toMatchObject({
      kind: 'good',
    });
    const post = { path: request.url ?? '', content: JSON.parse(body) };
    posts.push(post);
    const { status, body: said = {}, retryAfter } = answer(post);
    response.setHeader('content-type', status < 400 ? 'application/json' : 'application/problem+json');
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    response.writeHead(status).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  [posts, log, clock, answer] = [[], [], new MovableClock(), () => ({ status: 202 })];
  faults = new PlannedFaults(clock);
  stateDirectory = mkdtempSync(join(root, 'state-'));
  opened = open();
});
afterEach(() => opened.close());

function open() {
  const state = new State(stateDirectory);
  const hub = new LocalIotHub({ ...{ hostName: localHome.hub, state, clock, faults }, log: () => {} });
  const host = new FunctionHost({
    ...{ directory: app, feed: hub.feed, state, clock, faults, log: (line) => void log.push(line) },
    settings: () => ({
      PLATFORM_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ HOME_NAME: localHome.name, HUB_HOST_NAME: localHome.hub },
      ...{ EVENT_KEY_ID: key.keyId, EVENT_KEY: key.secret },
    }),
  });
  host.start();
  return {
    hub,
    host,
    async close() {
      await host.close();
      hub.close();
      state.close();
    },
  };
}

/** It says `count` things, one after the other. */
function says(deviceId: string, count: number, channel = 'telemetry'): void {
  for (let number = 0; number < count; number += 1) {
    opened.hub.feed.append({
      ...{ source: 'Telemetry', deviceId, body: Buffer.from(`${deviceId} ${number}`), properties: { channel } },
      systemProperties: { 'content-type': 'application/json' },
    });
  }
}

function inAnotherPartitionThan(vehicleId: string): string {
  const partitionOf = (deviceId: string) => {
    const ofHub = {
      ...({ source: 'deviceLifecycleEvents', deviceId } as const),
      body: Buffer.from('{}'),
      properties: {},
    };
    return opened.hub.feed.append(ofHub).partition;
  };
  const others = Array.from({ length: 20 }, () => aVehicleId());
  const other = others.find((each) => partitionOf(each) !== partitionOf(vehicleId));
  if (other === undefined) throw new Error('They are all in one partition');
  return other;
}

/** A machine that has much to do takes its time. */
const patiently = { timeout: 20_000, interval: 10 };
const caughtUp = () => vi.waitFor(() => expect(opened.host.behind).toBe(0), patiently);
const heard = () => posts.flatMap(({ content }) => content.events);
const heardOf = (vehicleId: string) =>
  heard()
    .filter((event) => event.vehicleId === vehicleId && event.channel === 'telemetry')
    .map(({ payload }) => Buffer.from(payload, 'base64').toString());
const said = (vehicleId: string, count: number) =>
  Array.from({ length: count }, (_, number) => `${vehicleId} ${number}`);

describe('the app in its host', () => {
  test('posts what vehicles say byte by byte, each vehicle’s in its order, and what the hub says of their lines', async () => {
    const vehicles = [aVehicleId(), aVehicleId(), aVehicleId()];
    for (const vehicleId of vehicles) says(vehicleId, 120);
    const line = { connectionId: 'c', desired() {}, method() {}, devicebound() {}, close() {} };
    const [first = aVehicleId()] = vehicles;
    opened.hub.lines.attach(first, line);
    opened.hub.lines.detach(first, line);
    await caughtUp();
    expect(posts[0]?.path).toBe('/v1/device-events/vw-weu');
    for (const vehicleId of vehicles) expect(heardOf(vehicleId).slice(0, 120)).toEqual(said(vehicleId, 120));
    const presences = heard().filter(({ channel }) => channel === 'presence');
    expect(presences.map(({ payload }) => presenceIn(payload)?.state)).toEqual(['connected', 'disconnected']);
  });

  test('goes on after a restart where it was, and sends nothing twice that has been taken', async () => {
    const vehicleId = aVehicleId();
    says(vehicleId, 3);
    await caughtUp();
    await opened.close();
    opened = open();
    says(vehicleId, 1);
    await caughtUp();
    expect(heardOf(vehicleId)).toEqual([...said(vehicleId, 3), `${vehicleId} 0`]);
  });

  test('loses nothing and keeps the order while the platform is throttled, and holds up no other partition', async () => {
    const slow = aVehicleId();
    const quick = inAnotherPartitionThan(slow);
    answer = ({ content }) => {
      const isSlow = content.events.some((event) => event.vehicleId === slow);
      return isSlow && heardOf(quick).length === 0 ? { status: 429, retryAfter: 0 } : { status: 202 };
    };
    says(slow, 5);
    await vi.waitFor(() => expect(heardOf(slow)).not.toEqual([]), patiently);
    says(quick, 5);
    await caughtUp();
    expect(heardOf(slow).length).toBeGreaterThan(5);
    for (const [at, words] of heardOf(slow).entries()) expect(words).toBe(`${slow} ${at % 5}`);
    expect(heardOf(slow).length % 5).toBe(0);
    expect(heardOf(quick)).toEqual(said(quick, 5));
  });

  test('keeps for hours what a platform does not believe it, whose key or clock is wrong', async () => {
    const vehicleId = aVehicleId();
    answer = () => ({ status: 401, body: { type: '/docs#problem-signature-expired' } });
    says(vehicleId, 3);
    await vi.waitFor(() => expect(log).toContainEqual(expect.stringMatching(/error: .*clock and key/)), patiently);
    await opened.close();
    answer = () => ({ status: 202 });
    posts = [];
    clock.runAhead(12 * 3_600_000);
    opened = open();
    await caughtUp();
    expect(heardOf(vehicleId)).toEqual(said(vehicleId, 3));
    expect(opened.host.queued('device-events-poison')).toEqual([]);
  });

  test('signs by the time of the cloud, also where that is moved while it tries', async () => {
    answer = () => ({ status: posts.length === 1 ? 503 : 202 });
    says(aVehicleId(), 1);
    await vi.waitFor(() => expect(posts).toHaveLength(1), { ...patiently, interval: 5 });
    clock.runAhead(3_600_000);
    await caughtUp();
    expect(posts).toHaveLength(2);
  });

  test('puts poison aside with its reason, and what stood beside it arrives', async () => {
    const vehicleId = aVehicleId();
    answer = ({ content }) => {
      const isBad = content.events.some(({ payload }) => Buffer.from(payload, 'base64').toString().endsWith(' 4'));
      return isBad ? { status: 400, body: { code: 'invalid-body' } } : { status: 202 };
    };
    says(vehicleId, 10);
    says(vehicleId, 1, 'warez');
    await caughtUp();
    const poison = opened.host.queued('device-events-poison').map((message) => JSON.parse(message));
    expect(poison.map(({ reason }) => reason)).toEqual([
      'no channel that the platform has',
      expect.stringContaining('400 {"code":"invalid-body"}'),
    ]);
    expect(Buffer.from(poison[1]?.payload, 'base64').toString()).toBe(`${vehicleId} 4`);
  });

  test('is handed a batch again that did not arrive, after a time that grows', async () => {
    faults.plan({ kind: 'drop', hop: 'event', label: 'hub-events/*', times: 3 });
    const vehicleId = aVehicleId();
    says(vehicleId, 2);
    // One second, two, four: of the cloud's time.
    const moving = setInterval(() => clock.runAhead(clock.ahead + 1000), 5);
    await caughtUp().finally(() => clearInterval(moving));
    expect(clock.ahead).toBeGreaterThanOrEqual(6000);
    expect(heardOf(vehicleId)).toEqual(said(vehicleId, 2));
  });
});

describe('a device that the provisioning service asks for', () => {
  const vehicleId = aVehicleId();
  const asked = (linkedHubs: readonly string[] = [localHome.hub]) =>
    JSON.stringify({
      enrollmentGroup: { enrollmentGroupId: 'plant' },
      deviceRuntimeContext: {
        ...{ registrationId: vehicleId, payload: { vin: 'WAUZZZGE1LB000001' } },
        x509: { clientCertificate: 'TUlJ' },
      },
      linkedHubs,
    });

  test('is sent to the hub where the registry expects it, with what its twin begins with', async () => {
    answer = () => ({ status: 200, body: { admitted: true, brand: 'audi', market: 'DE', epoch: 2 } });
    const { status, body } = await opened.host.request('allocate', asked());
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        iotHubHostName: localHome.hub,
        initialTwin: {
          tags: { vehicleId, brand: 'audi', market: 'DE', home: { name: localHome.name, epoch: 2 } },
          properties: { desired: {} },
        },
      },
    ]);
    const certificatePem = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n';
    expect(posts).toEqual([
      {
        path: '/v1/device-admissions/vw-weu',
        content: { vehicleId, registrationId: vehicleId, vin: 'WAUZZZGE1LB000001', certificatePem },
      },
    ]);
  });

  test('goes nowhere where it is not expected, the hub is not linked, or what is said makes no sense', async () => {
    answer = () => ({ status: 200, body: { admitted: false } });
    expect((await opened.host.request('allocate', asked())).status).toBe(400);
    expect((await opened.host.request('allocate', asked(['other.azure-devices.net']))).status).toBe(400);
    expect((await opened.host.request('allocate', '{')).status).toBe(400);
    expect(posts).toHaveLength(1);
  });

  test('may ask again where the platform does not say', async () => {
    answer = () => ({ status: 503 });
    expect((await opened.host.request('allocate', asked())).status).toBe(500);
    expect(posts).toHaveLength(2);
  });
});
