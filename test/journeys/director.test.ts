import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { thisHost } from '#device-sdk/host.ts';
import { grantedFiles } from '#device-sdk/ota/verification/granted-files.ts';
import { UpdateVerifier } from '#device-sdk/ota/verification/update-verifier.ts';
import { at } from '#local/tour/telling.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Ask } from '#shared/ota/director/director-ports.ts';
import type { DirectorAnswer } from '#shared/vehicle-cloud/update-envelopes.ts';
import { edgeReader } from '../support/edge-reader.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { ReleaseDesk } from '../support/release-desk.ts';
import { aCampaignId, ReportingVehicle } from '../support/reporting-vehicle.ts';
import { anImage } from '../support/sample-release.ts';
import { startedCampaign } from '../support/started-campaign.ts';
import { UpdatedCar } from '../support/updated-car.ts';

const contents = { gateway: Buffer.from('what a gateway runs next'), engine: Buffer.from('what an engine runs next') };
const ecus = ['gateway', 'engine'].map((ecuId) => ({ ecuId, hardwareId: `${ecuId}-hw`, releaseCounter: 1 }));

let home: JourneyCloud;
let roots: { director: string; images: string };
let releaseId: string;
let campaignId: CampaignId;
let car: UpdatedCar;
let voices: ReportingVehicle;

const operator = () => home.journey.operator;

beforeAll(async () => {
  home = await openCloud();
  const desk = new ReleaseDesk(home.cloud.file);
  roots = await desk.open();
  const images = [anImage('gateway', contents.gateway), anImage('engine', contents.engine)];
  releaseId = await desk.approved(images, contents);
  car = await UpdatedCar.online(home, 'WVWZZZE1ZMPD00100');
  await car.client.subscribe(car.identity.topics.updateTopic ?? '');
  const runs = { softwareVersion: '1', content: 'old', releaseCounter: 1 };
  const built = ecus.map(({ ecuId, hardwareId }) => [ecuId, { hardwareId, ...runs }] as const);
  voices = new ReportingVehicle(car.vehicleId, Object.fromEntries(built));
  campaignId = await accepted(await startedCampaign(home, releaseId, car.vehicleId));
}, startTimeout);
afterAll(() => home.close());

/** On the screen of the car. */
async function accepted(id: CampaignId): Promise<CampaignId> {
  const offered = await car.hears('/ota/update/delta', (delta) => at(delta, 'state', 'offer', 'campaignId') === id);
  const now = home.cloud.clock.now();
  const decision = { kind: 'accept' as const, from: now, to: now + 3_600_000 };
  const revision = Number(at(offered, 'state', 'offer', 'revision'));
  await car.report({ kind: 'decision', campaignId: id, revision, decision, at: now });
  await car.hears('/notify-next', (job) => at(job, 'execution', 'jobDocument', 'campaignId') === id);
  return id;
}

async function answerTo(ask: Ask): Promise<DirectorAnswer> {
  await car.report(ask);
  return answered(ask.requestId);
}

async function answered(requestId: string): Promise<DirectorAnswer> {
  const answer = await car.hears(`/${car.vehicleId}/ota`, (payload) => at(payload, 'requestId') === requestId);
  return z.custom<DirectorAnswer>().parse(answer);
}

test('a vehicle that asks gets what it can verify in full, and reads the images behind the grant', async () => {
  const answer = await answerTo(await voices.ask(campaignId));
  if (answer.kind !== 'metadata') throw new Error(JSON.stringify(answer));
  const { fetch } = edgeReader(home.cloud.file.mqtt.caFile);
  const repository = () => grantedFiles(answer.repository, fetch, thisHost);
  const verifier = new UpdateVerifier({ storage: voices.storage, roots, repository });
  const now = home.cloud.clock.now();
  const time = { earliest: now - 1000, latest: now + 1000 };
  const update = await verifier.verify(answer, { purpose: 'install', campaignId, time, ecus });
  expect(update).toMatchObject({ campaignId, releaseId, softwareVersion: '5.0.0' });
  expect(update.images.map(({ ecuId }) => ecuId).sort()).toEqual(['engine', 'gateway']);
  const { images } = answer;
  for (const { ecuId, path } of update.images) {
    const { status, body } = await fetch(`${images.baseUrl}${path}?${images.query}`, new AbortController());
    const bytes: Uint8Array[] = [];
    for await (const chunk of body ?? []) bytes.push(chunk);
    expect([status, Buffer.concat(bytes)]).toEqual([200, contents[ecuId === 'engine' ? 'engine' : 'gateway']]);
  }
});

test('a manifest that is packed is read like any other, and what only looks packed is refused by name', async () => {
  const ask = await voices.ask(campaignId);
  const gzip = gzipSync(JSON.stringify(ask.manifest)).toString('base64');
  expect((await answerTo({ ...ask, manifest: { gzip } })).kind).toBe('metadata');
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024)).toString('base64');
  for (const [place, broken] of ['bm9uZQ==', bomb].entries()) {
    const answer = await answerTo({ ...ask, requestId: `broken-${place}`, manifest: { gzip: broken } });
    expect(answer).toMatchObject({ kind: 'refused', reason: 'malformed-manifest' });
  }
});

test('a swapped control unit gets no software until an operator has accepted it', async () => {
  expect(await answerTo(await voices.ask(campaignId))).toMatchObject({ kind: 'metadata' });
  voices.swap('engine');
  expect(await answerTo(await voices.ask(campaignId))).toMatchObject({ reason: 'unknown-ecu' });
  const path = `/v1/vehicles/${car.vehicleId}/control-units`;
  const { body } = await operator().get(path);
  expect(at(body, 'unknown', 0, 'ecuId')).toBe('engine');
  const accept = (keyId: unknown) => operator().post(`${path}/engine/accept`, { keyId });
  expect((await accept('a'.repeat(64))).status).toBe(404);
  expect((await accept(at(body, 'unknown', 0, 'keyId'))).status).toBe(200);
  expect(await answerTo(await voices.ask(campaignId))).toMatchObject({ kind: 'metadata' });
});

test('neither another vehicle’s manifest nor another campaign’s name opens anything', async () => {
  const other = new ReportingVehicle('veh-other', Object.fromEntries(voices.ecus));
  const forged = await voices.ask(campaignId, { requestId: 'forged', manifest: await other.manifest('forged') });
  expect(await answerTo(forged)).toMatchObject({ kind: 'refused', reason: 'wrong-vehicle' });
  expect(await answerTo(await voices.ask(aCampaignId()))).toMatchObject({ reason: 'not-released' });
});

test('scenario 19: an emergency stop under load holds for every question behind it: neither Timestamps nor addresses until it is resumed', async () => {
  const step = (verb: string) => operator().post(`/v1/campaigns/${campaignId}/${verb}`, undefined);
  const purposes = ['download', 'install', 'install', 'download', 'install'] as const;
  const flood = async () => {
    const questions = [];
    for (const purpose of purposes) {
      const ask = await voices.ask(campaignId, { purpose });
      await car.report(ask);
      questions.push(ask.requestId);
    }
    return Promise.all(questions.map(answered));
  };
  // While it is being stopped, each gets the one answer or the other, whole; afterwards all the same.
  const [meanwhile, stop] = await Promise.all([flood(), step('stop')]);
  expect(stop.status).toBe(200);
  for (const answer of meanwhile) {
    expect(answer.kind === 'metadata' || ['stopped', 'stale-manifest'].includes(answer.reason)).toBe(true);
  }
  for (const answer of await flood()) {
    expect(answer).toMatchObject({ kind: 'refused' });
    expect(answer.kind === 'refused' && ['stopped', 'stale-manifest'].includes(answer.reason)).toBe(true);
  }
  expect(await answerTo(await voices.ask(campaignId, { purpose: 'install' }))).toMatchObject({
    ...{ kind: 'refused', reason: 'stopped', retryAt: expect.any(Number) },
  });
  expect((await step('resume')).status).toBe(200);
  expect(await answerTo(await voices.ask(campaignId, { purpose: 'install' }))).toMatchObject({ kind: 'metadata' });
});
