import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import { factoryImage, SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import { writeCloudFile } from '#local/cloud-file.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually, problem } from '#local/tour/telling.ts';
import { consumptionOf } from '#shared/ota/simulation/consumption.ts';
import { vcdiff } from '../device-sdk/ota/vcdiff.ts';
import { fleetloomAt } from '../support/command-line.ts';
import { EvidenceFiles } from '../support/evidence-files.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { meteredUpdate } from '../support/metered-update.ts';
import { ReleaseDesk } from '../support/release-desk.ts';
import { anImage } from '../support/sample-release.ts';
import { startedCampaign } from '../support/started-campaign.ts';

const contents = { gateway: Buffer.alloc(90_000, 'gateway 2'), engine: Buffer.alloc(120_000, 'engine 2') };
const units = ['gateway', 'engine'].map((ecuId) => {
  return { ecuId, hardwareId: `${ecuId}-hw`, softwareVersion: '1.0.0', releaseCounter: 1 };
});

let home: JourneyCloud;
let desk: ReleaseDesk;
let roots: Awaited<ReturnType<ReleaseDesk['open']>>;
beforeAll(async () => {
  home = await openCloud();
  desk = new ReleaseDesk(home.cloud.file);
  roots = await desk.open();
}, startTimeout);
afterAll(() => home.close());

test('a car is offered a release that was signed offline, verifies it in full, installs it in all control units, and is counted', async () => {
  const { operator } = home.journey;
  const images = [anImage('gateway', contents.gateway), anImage('engine', contents.engine)];
  const releaseId = await desk.approved(images, contents);

  const vin = 'WVWZZZAUZLW000901';
  const vehicleId = await home.journey.registered({ ...golf, vin });
  const car = new SimulatedCar(join(home.stateDirectory, 'control-units'), units);
  car.body.set({ parked: true, ignitionOn: false, battery: 80, charging: false });
  const request = overHttp({ caFile: home.cloud.file.mqtt.caFile });
  const verification = uptane({ roots, primary: 'gateway' });
  const vehicle = home.journey.vehicle(vin, {
    inventory: { softwareVersion: '4.0.0', ecus: units, rxswins: { 'UN R100': 'R100 A12' } },
    updates: { ecus: car.ecus, body: car.body, verification, request },
  });
  await vehicle.provision();
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.accept();
  });
  const results: string[] = [];
  vehicle.updates?.onResult(
    (result) => void results.push(result.outcome === 'failed' ? result.detail : result.outcome),
  );
  await vehicle.connect();
  const ready = () => operator.get(`/v1/vehicles/${vehicleId}`);
  await eventually('an active vehicle', ready, ({ body }) => at(body, 'softwareVersion') === '4.0.0');

  // A record is there once, however often its causes come.
  const { faults } = home.cloud;
  faults.plan({ kind: 'duplicate', hop: 'stream', label: '*Updates*' });
  faults.plan({ kind: 'duplicate', hop: 'queue', label: '*evidence*' });
  const campaignId = await startedCampaign(home, releaseId, vehicleId);
  const counted = await eventually(
    'one installed vehicle',
    () => operator.get(`/v1/campaigns/${campaignId}/statistics`),
    ({ body }) => at(body, 'total', 'installed') === 1 || at(body, 'total', 'failed') === 1,
    60_000,
  );
  expect([results, at(counted.body, 'total', 'installed')]).toEqual([['installed'], 1]);
  for (const ecu of car.ecus) {
    const { slots, running } = await ecu.inspect();
    expect(slots[running]).toMatchObject({ software: { softwareVersion: '2.0.0', releaseCounter: 2 } });
  }
  const told = await eventually('its new software', ready, ({ body }) => at(body, 'softwareVersion') === '5.0.0');
  expect(told.status).toBe(200);
  await isMeteredAsSimulated(vehicleId);
  car.close();
  await leavesItsRecord(campaignId, vehicleId, releaseId);
  await isExported(campaignId, vehicleId);
  const hops = new Set(faults.disturbances.map(({ hop }) => hop));
  faults.endAll();
  expect(hops).toEqual(new Set(['stream', 'queue']));
}, 120_000);

/** What `campaign simulate` reckons with is what an update does. */
async function isMeteredAsSimulated(vehicleId: string): Promise<void> {
  const { decided, joined, asked, began, installed } = consumptionOf;
  const { asks, signatures, ...metered } = await eventually(
    'the event of its new software',
    async () => meteredUpdate(home.cloud, vehicleId),
    ({ busEvents }) => busEvents > 0,
  );
  const writes = decided.tableWrites + asks * asked.tableWrites + began.tableWrites + installed.tableWrites;
  // Tenths are its shares of counters and of the ends of patience.
  expect(metered).toEqual({
    tableWrites: Math.floor(writes),
    jobExecutions: joined.jobExecutions,
    busEvents: installed.busEvents,
  });
  // The grants that vehicles share are signed once.
  expect([0, 2]).toContain(signatures - asks * asked.signatures);
}

async function leavesItsRecord(campaignId: string, vehicleId: string, releaseId: string): Promise<void> {
  const files = new EvidenceFiles(home.cloud);
  const [name = ''] = await eventually(
    'its record',
    () => files.names(`updates/${campaignId}/${vehicleId}/`),
    (names) => names.length > 0,
  );
  expect(await files.read(name)).toMatchObject({
    ...{ vehicleId, campaignId, releaseId, result: { status: 'installed' } },
    consent: { by: 'driver', onScreen: { language: 'en' } },
    offer: { texts: { en: { title: 'Plug & Charge' } } },
    statement: { signature: 'verified' },
    compatibility: { outcome: 'compatible' },
    rxswins: [{ regulation: 'UN R100', vehicle: { before: 'R100 A12', after: 'R100 A12' }, agrees: true }],
    ecus: [
      { ecuId: 'gateway', result: 'installed', before: { softwareVersion: '1.0.0' } },
      { ecuId: 'engine', result: 'installed', after: { softwareVersion: '2.0.0' } },
    ],
    preconditions: { checked: { parked: true, battery: 80 } },
    resultShown: { language: 'en' },
    release: { approvals: [{}, {}], approvalRecord: { criticality: 'function' } },
    campaign: { approvals: [{}, {}] },
  });
  const { client, bucket: Bucket } = files;
  const put = { Bucket, Key: name, Body: '{}' };
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: name }));
  expect(Versions).toHaveLength(1);
  const VersionId = Versions[0]?.VersionId ?? '';
  await expect(client.send(new PutObjectCommand(put))).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(client.send(new PutObjectCommand({ ...put, IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  await expect(client.send(new DeleteObjectCommand({ Bucket, Key: name }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await expect(client.send(new DeleteObjectCommand({ Bucket, Key: name, VersionId }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  files.close();
}

async function isExported(campaignId: string, vehicleId: string): Promise<void> {
  const shown = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/updates/${campaignId}/evidence`);
  expect(shown.body).toMatchObject({ records: [{ vehicleId }], statements: [{ kind: 'vehicle-statement' }] });
  const desk = mkdtempSync(join(home.stateDirectory, 'desk-'));
  writeCloudFile(desk, home.cloud.file);
  const { out, err, code } = await fleetloomAt(desk, ['--json', 'campaign', 'evidence', campaignId]);
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ campaignId, records: 1, vehicles: 1 });
  const index = JSON.parse(readFileSync(join(desk, `evidence-${campaignId}`, 'index.json'), 'utf8'));
  const [exported] = index.files;
  const record = readFileSync(join(desk, `evidence-${campaignId}`, exported.file), 'utf8');
  expect(createHash('sha256').update(record).digest('hex')).toBe(exported.sha256);
  expect(JSON.parse(record)).toEqual(at(shown.body, 'records', 0));
}

test('a car that comes out of an update unsafe to drive is looked after: towed, tried again there, and its case ends', async () => {
  const { operator } = home.journey;
  const vin = 'WVWZZZAUZLW000903';
  const vehicleId = await home.journey.registered({ ...golf, vin });
  const built = ['pump', 'lamp'].map((ecuId) => {
    return { ecuId, hardwareId: `${ecuId}-hw`, softwareVersion: '1.0.0', releaseCounter: 1 };
  });
  const car = new SimulatedCar(join(home.stateDirectory, 'control-units-of-the-third'), built);
  car.body.set({ parked: true, ignitionOn: false, battery: 80, charging: false });
  const request = overHttp({ caFile: home.cloud.file.mqtt.caFile });
  const vehicle = home.journey.vehicle(vin, {
    inventory: { softwareVersion: '4.0.0', ecus: built },
    updates: { ecus: car.ecus, body: car.body, verification: uptane({ roots, primary: 'pump' }), request },
  });
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.accept();
  });
  await vehicle.connect();
  const known = ({ body }: { body: unknown }) => at(body, 'softwareVersion') === '4.0.0';
  await eventually('an active vehicle', () => operator.get(`/v1/vehicles/${vehicleId}`), known);
  // It is moved while the second control unit takes its time: all go back, and the first one cannot.
  car.ecu('lamp').misbehave({ on: 'health', how: 'hang', times: 1 });
  car.ecu('pump').misbehave({ on: 'boot', how: 'fail', version: '1.0.0' });
  const files = Object.fromEntries(built.map(({ ecuId }) => [ecuId, Buffer.alloc(50_000, `sound ${ecuId} `)]));
  const images = built.map(({ ecuId }) => anImage(ecuId, files[ecuId] ?? ''));
  const campaignId = await startedCampaign(home, await desk.approved(images, files), vehicleId);
  await eventually(
    'a first control unit on its new software',
    () => car.ecu('pump').inspect(),
    ({ running }) => running === 'b',
    60_000,
  );
  car.body.set({ parked: false });

  const open = await eventually(
    'an open case',
    () => operator.get(`/v1/cases?campaignId=${campaignId}`),
    ({ body }) => at(body, 'items', 0) !== undefined,
  );
  const path = `/v1/cases/${String(at(open.body, 'items', 0, 'caseId'))}`;
  const told = (await operator.get(path)).body;
  expect(told).toMatchObject({
    ...{ urgency: 'unsafe', error: 'unrecovered', safety: 'unsafe-to-drive', ecuId: 'pump' },
    ...{ connection: { connected: true }, next: [{ action: 'tow' }, { action: 'call' }] },
  });
  const happened = (body: unknown) => z.object({ timeline: z.array(z.object({ what: z.string() })) }).parse(body);
  expect(happened(told).timeline.map(({ what }) => what)).toEqual([
    ...['offered', 'accepted', 'phase', 'phase', 'failed', 'opened'],
  ]);
  expect(await car.body.isImmobilised()).toBe(true);

  const early = await operator.post(`${path}/retry`, undefined);
  expect([early.status, problem(early)]).toEqual([409, 'vehicle-unsafe']);
  expect((await operator.post(`${path}/tow`, undefined)).status).toBe(200);
  car.ecu('pump').misbehaviours.clear();
  car.body.set({ parked: true });
  const result = new Promise((resolve) => vehicle.updates?.onResult(resolve));
  expect((await operator.post(`${path}/retry`, undefined)).status).toBe(200);
  expect(await result).toMatchObject({ outcome: 'installed', safety: 'safe' });
  expect(await car.body.isImmobilised()).toBe(false);
  const ended = await eventually(
    'a case that has closed by itself',
    () => operator.get(path),
    ({ body }) => at(body, 'status') === 'closed',
  );
  expect(ended.body).toMatchObject({ closed: { by: 'platform', reason: 'installed' }, next: [] });
  await vehicle.close();
  car.close();
}, 120_000);

test('a release that is not healthy leaves a car on its old software in all control units, until its repair comes', async () => {
  const { operator } = home.journey;
  const vin = 'WVWZZZAUZLW000902';
  const vehicleId = await home.journey.registered({ ...golf, vin });
  const built = ['brake', 'light'].map((ecuId) => {
    return { ecuId, hardwareId: `${ecuId}-hw`, softwareVersion: '1.0.0', releaseCounter: 1 };
  });
  const car = new SimulatedCar(join(home.stateDirectory, 'other-control-units'), built);
  const request = overHttp({ caFile: home.cloud.file.mqtt.caFile });
  const vehicle = home.journey.vehicle(vin, {
    inventory: { softwareVersion: '4.0.0', ecus: built },
    updates: { ecus: car.ecus, body: car.body, verification: uptane({ roots, primary: 'brake' }), request },
  });
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.accept();
  });
  await vehicle.connect();
  const known = ({ body }: { body: unknown }) => at(body, 'softwareVersion') === '4.0.0';
  await eventually('an active vehicle', () => operator.get(`/v1/vehicles/${vehicleId}`), known);

  const ended = async (releaseCounter: number, mark: string) => {
    const result = new Promise((resolve) => vehicle.updates?.onResult(resolve));
    const files = Object.fromEntries(built.map(({ ecuId }) => [ecuId, Buffer.alloc(50_000, `${mark} ${ecuId} `)]));
    const version = { softwareVersion: `${releaseCounter}.0.0`, releaseCounter };
    const images = built.map(({ ecuId }) => anImage(ecuId, files[ecuId] ?? '', version));
    // A repair goes before what it repairs.
    await startedCampaign(home, await desk.approved(images, files), vehicleId, 100 + releaseCounter);
    return await result;
  };
  expect(await ended(2, 'unhealthy')).toMatchObject({ outcome: 'failed', error: 'health', safety: 'safe' });
  for (const ecu of car.ecus) expect(await ecu.inspect()).toMatchObject({ running: 'a', releaseCounter: 1 });
  expect(await car.body.isImmobilised()).toBe(false);
  expect(await ended(3, 'sound')).toMatchObject({ outcome: 'installed', safety: 'safe' });
  for (const ecu of car.ecus) expect(await ecu.inspect()).toMatchObject({ running: 'b', releaseCounter: 3 });
  await vehicle.close();
  car.close();
}, 120_000);

test('scenarios 9 and 15: who declined finds the update after the campaign has closed: deltas from the edge, one of a wrong base, and a supplier’s own signature', async () => {
  const { operator } = home.journey;
  const vin = 'WVWZZZAUZLW000904';
  const vehicleId = await home.journey.registered({ ...golf, vin });
  const built = ['camera', 'radar'].map((ecuId) => {
    return { ecuId, hardwareId: `${ecuId}-hw`, softwareVersion: '1.0.0', releaseCounter: 1 };
  });
  const car = new SimulatedCar(join(home.stateDirectory, 'sensors'), built);
  const read: string[] = [];
  const overTheEdge = overHttp({ caFile: home.cloud.file.mqtt.caFile });
  const request: typeof overTheEdge = (url, options) => {
    read.push(url);
    return overTheEdge(url, options);
  };
  const vehicle = home.journey.vehicle(vin, {
    inventory: { softwareVersion: '4.0.0', ecus: built },
    updates: { ecus: car.ecus, body: car.body, verification: uptane({ roots, primary: 'camera' }), request },
  });
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.decline();
  });
  await vehicle.connect();
  const known = ({ body }: { body: unknown }) => at(body, 'softwareVersion') === '4.0.0';
  await eventually('an active vehicle', () => operator.get(`/v1/vehicles/${vehicleId}`), known);

  const files: Record<string, Buffer> = {};
  const images = built.map((unit) => {
    const base = factoryImage(unit);
    // What the radar's delta was made of is not what it says that it was made of.
    const made = unit.ecuId === 'camera' ? base : Buffer.alloc(base.length, 'another radar');
    const image = Buffer.concat([made, Buffer.alloc(40_000, `${unit.ecuId} 2`)]);
    const delta = vcdiff(made, image);
    Object.assign(files, { [unit.ecuId]: image, [`${unit.ecuId} delta`]: delta });
    const fromSha256 = sha256(base);
    return anImage(unit.ecuId, image, { deltas: [{ fromSha256, length: delta.length, sha256: sha256(delta) }] });
  });
  const campaignId = await startedCampaign(home, await desk.approved(images, files, 'camera'), vehicleId, 300);
  const update = () => operator.get(`/v1/vehicles/${vehicleId}/updates/${campaignId}`);
  await eventually('a decline', update, ({ body }) => at(body, 'status') === 'declined');
  expect((await operator.post(`/v1/campaigns/${campaignId}/close`, undefined)).status).toBe(200);

  const result = new Promise((resolve) => vehicle.updates?.onResult(resolve));
  await eventually(
    'the update, on the screen',
    () => vehicle.updates?.available?.state.status,
    (one) => one === 'declined',
  );
  vehicle.updates?.accept();
  expect(await result).toMatchObject({ outcome: 'installed' });
  for (const ecu of car.ecus) {
    const { slots, running } = await ecu.inspect();
    expect(slots[running]).toMatchObject({ software: { sha256: sha256(files[ecu.ecuId] ?? Buffer.alloc(0)) } });
  }
  const paths = [...new Set(read.map((url) => new URL(url).pathname).filter((path) => path.includes('/images/')))];
  const ofDeltas = paths.filter((path) => path.endsWith('.vcdiff')).map((path) => path.split('/').at(-2));
  const whole = paths.filter((path) => !path.endsWith('.vcdiff')).map((path) => path.split('/').at(-2));
  expect([ofDeltas.sort(), whole]).toEqual([['camera', 'radar'], ['radar']]);
  expect(read.some((url) => /supplier\.json/.test(url))).toBe(true);
  await eventually('the end', update, ({ body }) => at(body, 'status') === 'installed');
  await vehicle.close();
  car.close();
}, 120_000);

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
