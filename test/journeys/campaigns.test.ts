import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, eventually, problem } from '#local/tour/telling.ts';
import type { UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { QueueReader } from '../support/aws-clients.ts';
import { CampaignScene } from '../support/campaign-scene.ts';
import { published } from '../support/device.ts';
import { EvidenceFiles } from '../support/evidence-files.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { gateway, UpdatedCar } from '../support/updated-car.ts';

let home: JourneyCloud;
let scene: CampaignScene;
beforeAll(async () => {
  home = await openCloud();
  scene = new CampaignScene(home);
}, startTimeout);
afterAll(() => home.close());

let serial = 800;
const aCar = () => UpdatedCar.online(home, `WVWZZZAUZLW000${serial++}`);
const operator = () => home.journey.operator;

async function claimed(vehicleId: string, code: string) {
  return home.journey.person('driver').post('/v1/me/vehicles', { vehicleId, code });
}

test('a campaign is offered to a car, accepted in the app, released, installed and counted', async () => {
  const car = await aCar();
  const { vehicleId } = car;
  const campaignId = await scene.started({ query: { vehicleIds: [vehicleId] } });
  const offered = await car.hears(
    '/ota/update/delta',
    (delta) => at(delta, 'state', 'offer', 'campaignId') === campaignId,
  );
  expect(at(offered, 'state', 'offer', 'state')).toEqual({ status: 'offered' });
  expect(at(offered, 'state', 'offer', 'texts', 'en', 'title')).toBe('Plug & Charge');

  expect((await claimed(vehicleId, await car.code())).status).toBe(201);

  const driver = home.journey.person('driver');
  const [from, to] = [new Date(Date.now() - 1000), new Date(Date.now() + 3_600_000)];
  await eventually(
    'the new owner’s yes to what is offered to them, and was to the car before',
    async () => {
      const { body } = await driver.get(`/v1/me/vehicles/${vehicleId}/updates`);
      const revision = at(body, 'updates', 0, 'revision');
      const decision = { kind: 'accept', revision, from, to };
      return driver.post(`/v1/me/vehicles/${vehicleId}/updates/${campaignId}/decision`, decision);
    },
    ({ status, body }) => status === 200 && at(body, 'status') === 'accepted',
  );
  await car.hears('/notify-next', (job) => at(job, 'execution', 'jobDocument', 'campaignId') === campaignId);

  const report = { campaignId, attempt: 1, at: Date.now() };
  await car.report({ ...report, kind: 'progress', sequence: 1, phase: 'downloading', percent: 0 });
  await car.report({ ...report, kind: 'progress', sequence: 2, phase: 'installing', percent: 10 });
  const done = { ...report, kind: 'result', sequence: 3, safety: 'safe', outcome: 'installed' } as const;
  const result = {
    ...done,
    softwareVersion: '5.0.0',
    ecus: [{ ...gateway, softwareVersion: '2.0.0', releaseCounter: 2 }],
  };
  await car.report(result);
  await car.report(result);
  const counted = await eventually(
    'one installed vehicle',
    () => scene.statistics(campaignId),
    (body) => at(body, 'total', 'installed') === 1,
  );
  expect(counted).toMatchObject({ total: { installed: 1 }, byMarket: { DE: { installed: 1 } }, byError: {} });
  const over = await driver.post(`/v1/me/vehicles/${vehicleId}/updates/${campaignId}/decision`, {
    kind: 'decline',
    revision: 9,
  });
  expect([over.status, problem(over)]).toEqual([409, 'update-over']);
});

test('scenario 10: what was accepted on the screen is void when the car has an owner who was not asked', async () => {
  const car = await aCar();
  const campaignId = await scene.started({ query: { vehicleIds: [car.vehicleId] }, priority: 101 });
  await car.hears('/ota/update/delta', (delta) => at(delta, 'state', 'offer', 'campaignId') === campaignId);
  await scene.onScreen(car, campaignId, 1);
  const accepted = await scene.eventuallyIs(car, campaignId, 'accepted');
  await car.hears('/notify-next', (job) => at(job, 'execution', 'jobDocument', 'campaignId') === campaignId);
  const code = await car.code();
  expect((await claimed(car.vehicleId, code)).status).toBe(201);
  const anew = await scene.eventuallyIs(car, campaignId, 'offered');
  expect(Number(at(anew, 'revision'))).toBeGreaterThan(Number(at(accepted, 'revision')));
  // The job is taken back, and what the former driver said comes too late.
  await car.hears('/notify-next', (job) => at(job, 'execution') === undefined);
  await scene.onScreen(car, campaignId, 1);
  await car.report({
    ...{ kind: 'progress', campaignId, attempt: 1, sequence: 1, phase: 'installing', percent: 1, at: Date.now() },
  });
  expect(at(await scene.updateOf(car, campaignId), 'status')).toBe('offered');
});

test('scenario 12: too many failures stop a campaign by itself, and say why', async () => {
  const car = await aCar();
  const abort = [{ percent: 50, minimumSample: 1 }];
  const campaignId = await scene.started({ query: { vehicleIds: [car.vehicleId] }, abort, priority: 102 });
  await scene.eventuallyIs(car, campaignId, 'offered');
  await scene.onScreen(car, campaignId, 1);
  await scene.eventuallyIs(car, campaignId, 'accepted');
  await car.report({
    ...{ kind: 'result', campaignId, attempt: 1, sequence: 1, safety: 'safe', ecus: [gateway], at: Date.now() },
    ...{ outcome: 'failed', error: 'health', detail: 'The new software did not answer.', ecuId: 'gateway' },
  });
  const campaign = await eventually(
    'a campaign that was stopped',
    () => operator().get(`/v1/campaigns/${campaignId}`),
    ({ body }) => at(body, 'status') === 'stopped',
  );
  expect(campaign.body).toMatchObject({ by: 'abort-threshold', reason: expect.stringContaining('1 of 1 failed') });
  expect(await scene.statistics(campaignId)).toMatchObject({ total: { failed: 1 }, byError: { health: 1 } });
});

test('a report of another car’s update, or of none, changes nothing and goes to quarantine', async () => {
  const [one, other] = [await aCar(), await aCar()];
  const campaignId = await scene.started({ query: { vehicleIds: [one.vehicleId] }, priority: 103 });
  await scene.eventuallyIs(one, campaignId, 'offered');
  const quarantine = new QueueReader(home.cloud.file, 'fleetloom-dev-telemetry-quarantine');
  await scene.onScreen(other, campaignId, 1);
  await published(other.client, other.identity.topics.updateReportTopic ?? '', '{"kind":"result"}');
  const entries = await eventually(
    'two messages in quarantine',
    () => quarantine.all(),
    (all) => all.filter((entry) => at(entry, 'vehicleId') === other.vehicleId).length === 2,
  );
  quarantine.close();
  expect(JSON.stringify(entries)).toContain('of an update that the vehicle has not');
  expect(at(await scene.updateOf(one, campaignId), 'status')).toBe('offered');
  const none = await operator().get(`/v1/vehicles/${other.vehicleId}/updates/${campaignId}`);
  expect([none.status, problem(none)]).toEqual([404, 'update-not-found']);
});

test('a cancelled campaign takes its offer back, and a withdrawn job is heard of', async () => {
  const car = await aCar();
  const campaignId = await scene.started({ query: { vehicleIds: [car.vehicleId] }, priority: 104 });
  await car.hears('/ota/update/delta', (delta) => at(delta, 'state', 'offer', 'campaignId') === campaignId);
  await scene.onScreen(car, campaignId, 1);
  await car.hears('/notify-next', (job) => at(job, 'execution', 'jobDocument', 'campaignId') === campaignId);
  expect((await operator().post(`/v1/campaigns/${campaignId}/cancel`, undefined)).status).toBe(200);
  await scene.eventuallyIs(car, campaignId, 'cancelled');
  await car.hears('/notify-next', (job) => at(job, 'execution') === undefined);
  await eventually(
    'a vehicle that is shown nothing',
    () => operator().get(`/v1/vehicles/${car.vehicleId}/twins/ota`),
    ({ body }) => at(body, 'desired', 'offer') === undefined,
  );
});

test('time goes on: a failure is tried again, silence is noticed, and who came later joins', async () => {
  const minute = 60_000;
  const [car, silent] = [await aCar(), await aCar()];
  const campaignId = await scene.started({
    query: { models: ['e-Golf'], hardwareIds: [gateway.hardwareId] },
    ...{ installMinutes: 60, silenceHours: 8, priority: 900, abort: [] },
    retries: { network: { times: 1, afterMinutes: 30 } },
  });
  for (const one of [car, silent]) {
    const offer = await scene.eventuallyIs(one, campaignId, 'offered');
    await scene.onScreen(one, campaignId, Number(at(offer, 'revision')));
    await scene.eventuallyIs(one, campaignId, 'accepted');
  }
  const report = { campaignId, attempt: 1, sequence: 1, at: Date.now() };
  await silent.report({ ...report, kind: 'progress', phase: 'installing', percent: 1 });
  await scene.eventuallyIs(silent, campaignId, 'working');
  const slowed: UpdateReport = {
    ...{ ...report, kind: 'result', safety: 'safe', ecus: [gateway] },
    ...{ outcome: 'failed', error: 'network', detail: 'A byte now and then.', attack: 'slow-retrieval' },
  };
  for (const again of [slowed, slowed]) await car.report(again);
  await scene.eventuallyIs(car, campaignId, 'retrying');

  const inTime = (one: UpdatedCar, status: string) => scene.inTimeIs(one, campaignId, status);
  await inTime(car, 'accepted');
  expect(scene.ahead).toBeGreaterThanOrEqual(29 * minute);
  const lost = await inTime(silent, 'failed');
  expect(lost).toMatchObject({ error: 'timed-out', safety: 'unknown' });
  expect(scene.ahead).toBeGreaterThanOrEqual(59 * minute);
  const late = await aCar();
  const offer = await inTime(late, 'offered');
  await scene.onScreen(late, campaignId, Number(at(offer, 'revision')));
  await scene.eventuallyIs(late, campaignId, 'accepted');
  // One that was heard of last in the installation, and one that is online and says nothing at all.
  const stuck = await scene.inTime(
    'a case of the vehicle that says nothing',
    () => {
      late.client.send({ cmd: 'pingreq' });
      return operator().get(`/v1/cases?campaignId=${campaignId}`);
    },
    ({ body }) => at(body, 'items', 0, 'vehicleId') === late.vehicleId,
    14,
  );
  expect(stuck.body).toMatchObject({
    items: [
      { urgency: 'stuck', safety: 'unknown' },
      { vehicleId: silent.vehicleId, urgency: 'stuck', error: 'timed-out', safety: 'unknown' },
    ],
  });
  scene.onTime();
  const evidence = new EvidenceFiles(home.cloud);
  const one = (what: string, folder: string) =>
    eventually(
      what,
      () => evidence.names(folder),
      (names) => names.length > 0,
    ).then(async (names) => {
      expect(names).toHaveLength(1);
      return await evidence.read(names[0] ?? '');
    });
  expect(await one('the record of silence', `updates/${campaignId}/${silent.vehicleId}/`)).toMatchObject({
    ...{ result: { status: 'failed', error: 'timed-out' }, configuration: { source: 'last-inventory' } },
    ...{ consent: { by: 'driver' }, statement: null, compatibility: { outcome: 'not-known' } },
  });
  expect(await one('one security event of the report that came twice', `security/${car.vehicleId}/`)).toMatchObject({
    ...{ kind: 'attack-refused', attack: 'slow-retrieval', toldBy: 'result', campaignId },
  });
  evidence.close();
}, 120_000);
