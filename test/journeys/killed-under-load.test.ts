import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { storedIdentity } from '#device-sdk/provisioning.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { cloudAssembly } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { Journey } from '#local/tour/journey.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { CloudProcess, freePortBase } from '../support/cloud-process.ts';
import { attempt } from '../support/device.ts';
import { HeavyLoad } from '../support/heavy-load.ts';
import { openCloud, startTimeout } from '../support/journey-cloud.ts';
import { Disguise, PatientCaller } from '../support/patient-caller.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-killed-'));
let running: CloudProcess | undefined;
const journeys: Journey[] = [];

beforeAll(() => cloudAssembly(() => {}), startTimeout);
afterAll(async () => {
  vi.unstubAllGlobals();
  for (const journey of journeys) await journey.end();
  await running?.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const session = { clean: false, properties: { sessionExpiryInterval: 3600 } };

/** A vehicle that works, one whose session sleeps, and callers that do not give up. */
async function scenery(cloud: CloudFile, place: string) {
  const { api, aws } = cloud;
  const caller = new PatientCaller({
    ...{ origins: [api.baseUrl, aws.endpoint], noted: api.baseUrl, disguise: new Disguise(0), name: 'load' },
    ...{ patience: 30_000, attempts: 120, wait: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) },
  });
  vi.stubGlobal('fetch', caller.fetch);
  const journey = new Journey(cloud, place, { vin: (vin) => new Disguise(0).vin(vin) });
  journeys.push(journey);
  const vehicleId = await journey.registered({ ...golf, vin: 'WVWZZZAUZLW000801' });
  const vehicle = journey.vehicle('WVWZZZAUZLW000801');
  await vehicle.connect();
  await eventually(
    'an active vehicle',
    () => journey.operator.get(`/v1/vehicles/${vehicleId}`),
    ({ body }) => at(body, 'status') === 'active' && at(body, 'connection', 'connected') === true,
  );
  const sleeper = await journey.registered({ ...golf, vin: 'WVWZZZAUZLW000802' });
  await journey.vehicle('WVWZZZAUZLW000802', {}, 'sleeper').provision();
  const identity = storedIdentity(openStorage(join(place, 'sleeper')));
  if (identity === undefined) throw new Error('The sleeper was not provisioned');
  const { client } = await attempt(cloud, identity, sleeper, session);
  await client.subscribe(identity.topics.commandTopic);
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  const load = new HeavyLoad(journey, caller.told, vehicle, vehicleId);
  /** What waited for the session comes when it wakes. */
  const wakes = async () => {
    const { client: again, connack } = await attempt(cloud, identity, sleeper, session);
    expect(connack.sessionPresent).toBe(true);
    const came: string[] = [];
    await eventually(
      'every message that was acknowledged',
      async () => {
        came.push(...(await again.payloads()));
        return load.queued.filter((text) => !came.includes(text));
      },
      (missing) => missing.length === 0,
      30_000,
    );
  };
  return { journey, load, wakes, topic: identity.topics.commandTopic };
}

function more(load: HeavyLoad, than: number) {
  return eventually(
    'more that was acknowledged',
    () => load.done,
    (done) => done >= than,
    60_000,
  );
}

test('tables, then the whole cloud, killed under load lose nothing that was acknowledged', async () => {
  const base = await freePortBase();
  const start = async () => {
    running = new CloudProcess(join(directory, 'cloud'), base, 0);
    return { started: running, cloud: await running.ready() };
  };
  const first = await start();
  const { journey, load, wakes, topic } = await scenery(first.cloud, join(directory, 'vehicles'));
  const working = load.work(topic);
  await more(load, 30);

  process.kill(engineOf(first.started), 'SIGKILL');
  await eventually(
    'the end of the cloud',
    () => first.started.ended,
    (ended) => ended,
  );
  const second = await start();
  await more(load, load.done + 30);

  await second.started.end('SIGKILL');
  const third = await start();
  await more(load, load.done + 15);
  load.end();
  await working;
  vi.unstubAllGlobals();
  await load.isAllThere(third.cloud);
  await wakes();
  await journey.end();
  expect(await third.started.end('SIGTERM')).toBe(0);
}, 300_000);

function engineOf(cloud: CloudProcess): number {
  const named = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 4).join(' ');
  const found = cloud.family().find((pid) => named(pid).includes('dynoxide'));
  if (found === undefined) throw new Error('The cloud has no engine.');
  return found;
}

test('functions whose workers die before, amid and after their work lose nothing that was acknowledged', async () => {
  const home = await openCloud();
  const { journey, load, wakes, topic } = await scenery(home.cloud.file, join(directory, 'of-the-workers'));
  const working = load.work(topic);
  for (const [index, when] of (['before', 'after-effect', 'after'] as const).entries()) {
    home.cloud.faults.plan({ kind: 'crash', hop: 'function', when, probability: 0.05, seed: index + 1, times: 8 });
  }
  await more(load, 60);
  load.end();
  // Leases and pauses before another attempt go by.
  const lapse = setInterval(() => home.cloud.clock.runAhead(home.cloud.clock.ahead + 5_000), 250);
  await working;
  home.cloud.faults.endAll();
  vi.unstubAllGlobals();
  await load.isAllThere(home.cloud.file);
  clearInterval(lapse);
  await wakes();
  await journey.end();
  await home.close();
}, 200_000);
