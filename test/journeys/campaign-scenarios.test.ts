import { DescribeJobCommand, DescribeThingGroupCommand, IoTClient } from '@aws-sdk/client-iot';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, eventually } from '#local/tour/telling.ts';
import { campaignGroupName, campaignJobId } from '#shared/vehicle-cloud/topics.ts';
import { administrator } from '../support/aws-clients.ts';
import { CampaignScene } from '../support/campaign-scene.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { anImage } from '../support/sample-release.ts';
import { gateway, UpdatedCar } from '../support/updated-car.ts';

let home: JourneyCloud;
let scene: CampaignScene;
beforeAll(async () => {
  home = await openCloud();
  scene = new CampaignScene(home);
}, startTimeout);
afterEach(() => scene.onTime());
afterAll(() => home.close());

let serial = 700;
const aCar = (ecus = [gateway]) => UpdatedCar.online(home, `WVWZZZAUZLW000${serial++}`, ecus);
const engine = { ...gateway, ecuId: 'engine', hardwareId: 'engine-hw' };
const day = 24 * 3_600_000;

async function owned(person: 'driver' | 'second-driver', car: UpdatedCar) {
  const app = home.journey.person(person);
  const path = `/v1/me/vehicles/${car.vehicleId}`;
  const claim = await app.post('/v1/me/vehicles', { vehicleId: car.vehicleId, code: await car.code() });
  expect(claim.status, JSON.stringify(claim.body)).toBe(201);
  const updates = async () => (await app.get(`${path}/updates`)).body;
  const decide = (campaignId: string, decision: object) => app.post(`${path}/updates/${campaignId}/decision`, decision);
  return {
    ...{ updates, decide },
    /** Of what is offered now: the news of the claim may still be on its way, and renews the offer. */
    decides: (campaignId: string, decision: object) =>
      eventually(
        'a decision',
        async () => decide(campaignId, { ...decision, revision: at(await updates(), 'updates', 0, 'revision') }),
        ({ status }) => status === 200,
        30_000,
      ),
    offered: () => eventually('an offer', updates, (body) => at(body, 'updates', 0, 'status') === 'offered', 30_000),
    search: () => app.post(`${path}/updates/search`, undefined),
    giveUp: () => app.send('DELETE', path),
  };
}

const installed = (car: UpdatedCar, campaignId: string, softwareVersion = '5.0.0') =>
  car.report({
    ...{ kind: 'result', campaignId, attempt: 1, sequence: 9, safety: 'safe', outcome: 'installed', softwareVersion },
    ...{ ecus: [], at: Date.now() },
  });

test('scenario 9: who declined is reminded after two days, or mutes it; both, and who comes later, find it when the campaign has closed', async () => {
  const [declining, muting] = [await aCar(), await aCar()];
  const campaignId = await scene.started({ query: { hardwareIds: ['gateway-hw'] }, priority: 301 });
  for (const car of [declining, muting]) await scene.eventuallyIs(car, campaignId, 'offered');
  await scene.onScreen(declining, campaignId, 1, { kind: 'decline' });
  const declined = await scene.eventuallyIs(declining, campaignId, 'declined');
  const remindAt = Date.parse(String(at(declined, 'offer', 'state', 'remindAt')));
  expect(Math.abs(remindAt - Date.now() - 2 * day)).toBeLessThan(60_000);
  const app = await owned('driver', muting);
  const muted = await app.decides(campaignId, { kind: 'mute' });
  // The car itself brings it to mind: it is told when, and shows what is muted to nobody who does not look for it.
  const stateIs = (wanted: string) => (delta: unknown) => at(delta, 'state', 'offer', 'state', 'status') === wanted;
  const shown = await declining.hears('/ota/update/delta', stateIs('declined'));
  expect(at(shown, 'state', 'offer', 'state', 'remindAt')).toBe(remindAt);
  await muting.hears('/ota/update/delta', stateIs('muted'));

  expect((await home.journey.operator.post(`/v1/campaigns/${campaignId}/close`, undefined)).status).toBe(200);
  const late = await aCar();
  const lateApp = await owned('second-driver', late);
  const found = await lateApp.search();
  expect(at(found.body, 'updates', 0)).toMatchObject({ campaignId, status: 'offered' });
  const [from, to] = [new Date(Date.now() - 1000), new Date(Date.now() + 3_600_000)];
  await scene.onScreen(declining, campaignId, Number(at(declined, 'revision')));
  for (const [one, { body }] of [
    [app, muted],
    [lateApp, { body: at(found.body, 'updates', 0) }],
  ] as const) {
    const revision = at(body, 'revision');
    const accepted = await one.decide(campaignId, { kind: 'accept', revision, from, to });
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
  }
  for (const car of [declining, muting, late]) {
    // The job that stands names no campaign: what to install the Director says, as ever.
    await car.hears('/notify-next', (job) => at(job, 'execution', 'jobId') === 'fleetloom-dev-standing');
    await installed(car, campaignId);
    await scene.eventuallyIs(car, campaignId, 'installed');
    await car.hears('/notify-next', (job) => at(job, 'execution') === undefined);
  }

  const iot = new IoTClient(administrator(home.cloud.file));
  const gone = (ask: Promise<unknown>) =>
    ask.then(
      () => 'there',
      (error: Error) => error.name,
    );
  const left = () =>
    Promise.all([
      gone(iot.send(new DescribeJobCommand({ jobId: campaignJobId('dev', campaignId) }))),
      gone(iot.send(new DescribeThingGroupCommand({ thingGroupName: campaignGroupName('dev', campaignId) }))),
    ]);
  const nothing = 'ResourceNotFoundException';
  await scene.inTime(
    'nothing left in the device cloud',
    left,
    (found) => found.every((one) => one === nothing),
    5,
    1500,
  );
  iot.destroy();
}, 120_000);

test('scenario 10: the owner changes while it is consented, queued, downloading, installing: the next one is offered it, and sees nothing of before', async () => {
  const stages = ['consented', 'queued', 'downloading', 'installing'] as const;
  const cars = [];
  for (const stage of stages) cars.push({ stage, car: await aCar([engine]) });
  const query = { vehicleIds: cars.map(({ car }) => car.vehicleId) };
  const image = anImage('engine', 'two');
  const retries = { network: { times: 3, afterMinutes: 1 } };
  const campaignId = await scene.started({ query, priority: 302, retries }, [image]);
  const report = { campaignId, attempt: 1, at: Date.now(), kind: 'progress', percent: 1 } as const;
  for (const { stage, car } of cars) {
    await scene.eventuallyIs(car, campaignId, 'offered');
    const former = await owned('driver', car);
    const ahead = stage === 'consented' ? day : 0;
    const [from, to] = [new Date(Date.now() + ahead - 1000), new Date(Date.now() + ahead + 3_600_000)];
    const consent = await former.decides(campaignId, { kind: 'accept', from, to });
    const revision = Number(at(consent.body, 'revision'));
    await car.hears('/notify-next', (job) => at(job, 'execution', 'jobDocument', 'campaignId') === campaignId);
    const waitsFor = ['parked' as const];
    if (stage === 'downloading') await car.report({ ...report, sequence: 1, phase: 'waiting', waitsFor });
    if (stage === 'installing') await car.report({ ...report, sequence: 1, phase: 'installing' });
    if (stage === 'downloading' || stage === 'installing') await scene.eventuallyIs(car, campaignId, 'working');
    expect((await former.giveUp()).status).toBe(200);
    const next = await owned('second-driver', car);
    if (stage === 'installing') {
      // It is finished, whoever owns the car; a failure is nobody's to try again but the new owner's.
      expect(at(await next.updates(), 'updates', 0, 'status')).toBe('working');
      await car.report({
        ...{ kind: 'result', campaignId, attempt: 1, sequence: 2, safety: 'safe', ecus: [engine], at: Date.now() },
        ...{ outcome: 'failed', error: 'network', detail: 'The line broke too often.' },
      });
    }
    // Shown at once; the news of the change may come later.
    const anew = await next.offered();
    await scene.eventuallyIs(car, campaignId, 'offered');
    expect(Number(at(anew, 'updates', 0, 'revision'))).toBeGreaterThan(revision);
    expect(JSON.stringify(at(anew, 'updates', 0, 'story'))).not.toContain('accepted');
    // What the former owner consented to is over: neither the job nor a late word of theirs brings it back.
    await car.hears('/notify-next', (job) => at(job, 'execution') === undefined);
    await car.report({ ...report, sequence: 5, phase: 'installing' });
    const late = await next.decide(campaignId, { kind: 'accept', revision, from, to });
    expect([late.status, at(await next.updates(), 'updates', 0, 'status')]).toEqual([412, 'offered']);
  }
  expect(at(await scene.statistics(campaignId), 'total')).toEqual({ offered: 4 });
}, 120_000);

test('scenario 16: overlapping campaigns, dependencies, v1 → v2 → v3 in order', async () => {
  const third = anImage('engine', 'three', {
    ...{ releaseCounter: 3, softwareVersion: '3.0.0', requires: [{ ecuId: 'gateway', releaseCounter: 2 }] },
  });
  const [car, ahead] = [await aCar([gateway, engine]), await aCar([{ ...gateway, releaseCounter: 2 }, engine])];
  const both = { query: { vehicleIds: [car.vehicleId, ahead.vehicleId] } };
  // The most urgent one first: it wants what another one brings.
  const v3 = await scene.started({ ...both, priority: 320 }, [third]);
  await scene.eventuallyIs(ahead, v3, 'offered');
  const v2 = await scene.started({ ...both, priority: 310 });
  await scene.eventuallyIs(car, v2, 'offered');
  // A third one, less urgent, wants the same control unit: it waits behind, and is not needed afterwards.
  const same = await scene.started({ query: { vehicleIds: [car.vehicleId] }, priority: 305 });
  await eventually(
    'one that waits',
    () => scene.updateOf(car, same),
    (body) => JSON.stringify(body).includes('deferred'),
  );
  expect(at(await scene.updateOf(car, v3), 'status')).toBe(404);
  await scene.onScreen(car, v2, 1);
  await scene.eventuallyIs(car, v2, 'accepted');
  await installed(car, v2);
  await scene.eventuallyIs(car, v2, 'installed');
  await car.runs('5.0.0', [{ ...gateway, releaseCounter: 2 }, engine]);
  await scene.eventuallyIs(car, same, 'removed');
  await scene.inTimeIs(car, v3, 'offered');
  await scene.onScreen(car, v3, 1);
  await scene.eventuallyIs(car, v3, 'accepted');
  await installed(car, v3);
  await scene.eventuallyIs(car, v3, 'installed');
  expect(await scene.statistics(same)).toMatchObject({ total: { removed: 1 } });
}, 120_000);
