import { afterAll, beforeAll, expect, test } from 'vitest';
import { caseIdOf } from '#shared/ota/assistance/case-id.ts';
import { CaseWatch } from '#shared/ota/assistance/case-watch.ts';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { withoutPerson } from '#shared/ota/updates/consents.ts';
import { concluded, offered, progressed, type Result, repaired } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { aBrand } from '../../contract/samples.ts';
import { anUpdate, policy } from '../../shared/ota/updates/updates.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let campaignId: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.letIn('peugeot', 'peugeot');
  api.campaigns.known.set('rel-one', {
    ...{ releaseId: 'rel-one', brand: aBrand(), softwareVersion: '5.0.0', minutes: 20, bytes: 1, preconditions: [] },
    ...{ texts: {}, images: [], approved: true },
  });
  const plan = { name: 'One', releaseId: 'rel-one', rollout: { rate: { kind: 'unlimited' } } };
  campaignId = (await api.call('POST', '/v1/campaigns', { body: plan })).json.campaignId;
});
afterAll(() => api.stop());

const problemOf = ({ json }: { json: { type?: string } }) => json.type?.split('#problem-')[1];

type Failure = Partial<Extract<Result, { outcome: 'failed' }>>;

/** A vehicle whose update is under way, and what follows when it fails. */
async function aVehicleAtWork() {
  if (!isCampaignId(campaignId)) throw new Error(campaignId);
  const { updates, cases, campaigns } = api.campaigns.repositories;
  const { now } = api.time;
  const vehicleId = await anActiveVehicle(api);
  const warned: string[] = [];
  const warn = (one: { vehicleId: string }) => void warned.push(one.vehicleId);
  const watch = new CaseWatch({ cases, campaigns, clock: { now: () => api.time.now }, warn });
  const about = { campaignId, attempt: 1, at: now };
  const accept = { kind: 'accept', from: now, to: now + 3_600_000 } as const;
  const offer = offered(anUpdate({ vehicleId, campaignId, releaseId: 'rel-one', enlistedAt: now }), [], now);
  let update = decided(offer, [], { decision: accept, revision: offer.revision, by: { by: 'driver' } }, now);
  update = progressed(update, { kind: 'progress', ...about, sequence: 1, phase: 'installing', percent: 0 }, now);
  await updates.add(update);
  const path = `/v1/cases/${caseIdOf(update)}`;
  return {
    ...{ vehicleId, warned, path, watch },
    async becomes(change: (seen: Update) => Update): Promise<void> {
      const seen = (await updates.load(vehicleId, update.campaignId)) ?? update;
      const next = change(seen);
      await updates.save(next, seen.version);
      await watch.follow(next, seen);
    },
    fails(failure: Failure = {}): Promise<void> {
      const words = { error: 'unrecovered', safety: 'unsafe-to-drive', detail: 'engine: no slot starts' } as const;
      const result: Result = {
        ...{ kind: 'result', ...about, sequence: 9, ecus: [], outcome: 'failed', ...words, ecuId: 'engine' },
        ...failure,
      };
      return this.becomes((seen) => concluded(seen, result, policy, api.time.now));
    },
    step: (verb: string, body?: object, client = 'operator') =>
      api.call('POST', `${path}/${verb}`, { client, ...(body !== undefined && { body }) }),
    read: async () => (await api.call('GET', path)).json,
  };
}

test('a vehicle that fails unsafe has one case, with its timeline, what it says of itself and what to do next', async () => {
  const car = await aVehicleAtWork();
  expect(problemOf(await car.step('tow'))).toBe('case-not-found');
  await car.fails();
  const { updates } = api.campaigns.repositories;
  const [update] = await updates.ofVehicle(car.vehicleId);
  if (update !== undefined) await car.watch.follow(update);
  const one = await car.read();
  expect(one).toMatchObject({
    ...{ status: 'open', urgency: 'unsafe', error: 'unrecovered', safety: 'unsafe-to-drive', ecuId: 'engine' },
    ...{ update: { status: 'failed', attempt: 1 }, connection: { connected: true } },
  });
  expect(one.timeline.map(({ what }: { what: string }) => what)).toEqual([
    ...['offered', 'accepted', 'phase', 'failed', 'opened'],
  ]);
  expect(one.next[0]).toMatchObject({ action: 'tow' });
  expect(car.warned).toEqual([car.vehicleId, car.vehicleId]);
});

test('a vehicle that must not be driven is neither tried again nor given up where it stands, but where it was towed to', async () => {
  const car = await aVehicleAtWork();
  await car.fails();
  for (const [verb, body] of [
    ['retry', undefined],
    ['close', { reason: 'no-fault-found' }],
  ] as const) {
    const refused = await car.step(verb, body);
    expect([refused.status, problemOf(refused)], verb).toEqual([409, 'vehicle-unsafe']);
  }
  const besides = await api.call('POST', `/v1/vehicles/${car.vehicleId}/updates/${campaignId}/retry`);
  expect(problemOf(besides)).toBe('vehicle-unsafe');
  expect((await car.step('tow')).json).toMatchObject({ towedAt: expect.any(String) });
  api.time.now += 7_200_000;
  expect((await car.step('retry')).status).toBe(200);
  expect((await car.step('retry')).status).toBe(200);
  const one = await car.read();
  expect(one.update).toMatchObject({ status: 'accepted' });
  expect(one.next[0].action).toBe('wait');
});

test('a case closes by itself when the update is installed in the end, and takes nothing more but notes', async () => {
  const car = await aVehicleAtWork();
  await car.fails({ error: 'health', safety: 'safe' });
  expect((await car.read()).urgency).toBe('failed');
  await car.step('retry');
  const about = { campaignId, attempt: 2, at: api.time.now, ecus: [], safety: 'safe' } as const;
  if (!isCampaignId(campaignId)) throw new Error(campaignId);
  const installed = {
    kind: 'result',
    ...about,
    campaignId,
    sequence: 2,
    outcome: 'installed',
    softwareVersion: '5.0.0',
  } as const;
  await car.becomes((seen) => concluded(seen, installed, policy, api.time.now));
  expect(await car.read()).toMatchObject({
    status: 'closed',
    closed: { reason: 'installed', by: 'platform' },
    next: [],
  });
  for (const [verb, body] of [['tow'], ['retry'], ['close', { reason: 'repaired' }]] as const) {
    expect(problemOf(await car.step(verb, body)), verb).toBe('case-closed');
  }
  expect((await car.step('notes', { text: 'Called back.' })).status).toBe(200);
});

test('a vehicle that a workshop has made safe keeps its case until a person closes it, and nobody’s erasure opens one again', async () => {
  const other = await aVehicleAtWork();
  await other.fails({ error: 'health', safety: 'safe' });
  await other.step('close', { reason: 'other' });
  await other.becomes(withoutPerson);
  expect((await other.read()).status).toBe('closed');
  const car = await aVehicleAtWork();
  await car.fails();
  if (!isCampaignId(campaignId)) throw new Error(campaignId);
  api.time.now += 3_600_000;
  const word = { kind: 'repaired', campaignId, attempt: 1, sequence: 10, ecus: [], at: api.time.now } as const;
  await car.becomes((seen) => repaired(seen, word, api.time.now));
  const one = await car.read();
  expect(one).toMatchObject({ status: 'open', urgency: 'failed', safety: 'safe', next: [{ action: 'close' }, {}] });
  expect(one.timeline.at(-1)).toMatchObject({ what: 'repaired' });
  expect((await car.step('close', { reason: 'repaired' })).status).toBe(200);
  await car.becomes(withoutPerson);
  expect((await car.read()).status).toBe('closed');
});

test('an update that is at work is neither cancelled nor retried by hand, and one that waits is cancelled with its case', async () => {
  const car = await aVehicleAtWork();
  const order = { vehicleId: car.vehicleId, campaignId, text: 'The driver says that it beeps.' };
  const handed = await api.call('POST', '/v1/cases', { body: order });
  expect([handed.status, handed.json.urgency]).toEqual([201, 'handed-over']);
  expect(problemOf(await car.step('cancel'))).toBe('update-installing');
  expect(problemOf(await car.step('retry'))).toBe('update-installing');
  await car.fails({ error: 'network', safety: 'safe' });
  const { json } = await car.step('cancel');
  expect(json).toMatchObject({ status: 'closed', closed: { reason: 'cancelled', by: 'operator' } });
  const over = await api.call('GET', `/v1/vehicles/${car.vehicleId}/updates/${campaignId}`);
  expect(over.json.story.at(-1)).toMatchObject({ what: 'cancelled', by: 'assistance' });
});

test('open cases are listed by urgency, page by page, and those of other brands are nobody’s', async () => {
  const [failed, unsafe] = [await aVehicleAtWork(), await aVehicleAtWork()];
  await unsafe.fails();
  await failed.fails({ error: 'health', safety: 'safe' });
  const seen: { vehicleId: string; urgency: string }[] = [];
  for (let cursor = ''; ; ) {
    const { json } = await api.call('GET', `/v1/cases?campaignId=${campaignId}&limit=1${cursor}`);
    seen.push(...json.items);
    if (json.nextCursor === undefined) break;
    cursor = `&cursor=${json.nextCursor}`;
  }
  const place = ({ vehicleId }: { vehicleId: string }) => seen.findIndex((one) => one.vehicleId === vehicleId);
  expect(place(unsafe)).toBeGreaterThanOrEqual(0);
  expect(place(failed)).toBeGreaterThan(place(unsafe));
  expect(seen.map(({ urgency }) => urgency)).not.toContain('closed');
  expect((await api.call('GET', '/v1/cases', { client: 'peugeot' })).json.items).toEqual([]);
  expect((await api.call('GET', unsafe.path, { client: 'peugeot' })).status).toBe(404);
  expect(problemOf(await api.call('POST', `${unsafe.path}/tow`, { scopes: ['read_campaigns'] }))).toBe('scope-missing');
});

test('the same request again writes one entry, and the next one another', async () => {
  const car = await aVehicleAtWork();
  await car.fails();
  const note = (key: string) =>
    api.call('POST', `${car.path}/notes`, { body: { text: 'On its way.' }, headers: { 'idempotency-key': key } });
  for (const key of ['one', 'one', 'two']) await note(`${key}-${car.vehicleId}`);
  const { timeline } = await car.read();
  expect(timeline.filter(({ what }: { what: string }) => what === 'note')).toHaveLength(2);
  expect(problemOf(await car.step('notes', { text: '' }))).toBe('invalid-body');
});
