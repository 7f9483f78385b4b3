import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { OfferedRelease } from '#shared/ota/campaigns/offered-release.ts';
import { offered } from '#shared/ota/updates/course.ts';
import type { UpdateService } from '#shared/ota/updates/update-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aBrand, anOperationId, aPersonId } from '../../contract/samples.ts';
import { anUpdate } from '../../shared/ota/updates/updates.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const client of ['quality', 'safety']) await api.letIn(client, '*');
  await api.letIn('peugeot', 'peugeot');
});
afterAll(() => api.stop());

const release: OfferedRelease = {
  ...{ releaseId: 'rel-one', brand: aBrand(), softwareVersion: '5.0.0', minutes: 20, bytes: 1000, preconditions: [] },
  texts: { en: { title: 'Five', notes: 'Better', unavailable: '' } },
  images: [{ ecuId: 'gateway', hardwareIds: ['gateway-hw'], releaseCounter: 2 }],
  approved: true,
};
beforeEach(() => void api.campaigns.known.set('rel-one', release));

const plan = { name: 'One', releaseId: 'rel-one', rollout: { rate: { kind: 'fixed', perMinute: 100 } } };
const draft = (changes: object = {}) => api.call('POST', '/v1/campaigns', { body: { ...plan, ...changes } });
const step = (campaignId: string, verb: string, client = 'operator') =>
  api.call('POST', `/v1/campaigns/${campaignId}/${verb}`, { client });

const statusOf = async (campaignId: string) => (await api.call('GET', `/v1/campaigns/${campaignId}`)).json.status;

const problemOf = ({ json }: { json: { type?: string } }) => json.type?.split('#problem-')[1];

type Spoken = Parameters<UpdateService['hear']>[1];

let urgency = 200;

/** A draft of which the estimate found so many vehicles. */
async function estimated(vehicles: number, changes: object = {}): Promise<string> {
  const { json } = await draft({ priority: urgency++, ...changes });
  const { campaigns } = api.campaigns.repositories;
  const campaign = await campaigns.load(json.campaignId);
  if (campaign === undefined) throw new Error('no campaign');
  const estimate = { at: 1, vehicles, looked: 9, byMarket: {}, byModel: {}, others: { 'not-needed': 9 } };
  await campaigns.save({ ...campaign, estimate, version: campaign.version + 1 }, campaign.version);
  return json.campaignId;
}

async function approvedByTwo(campaignId: string): Promise<string> {
  for (const client of ['quality', 'safety']) expect((await step(campaignId, 'approve', client)).status).toBe(200);
  return campaignId;
}

describe('a campaign', () => {
  test('is drafted, approved by two others, started, paused, resumed, stopped and cancelled', async () => {
    const campaignId = await approvedByTwo(await estimated(3));
    for (const [verb, status] of [
      ['start', 'running'],
      ['start', 'running'],
      ['pause', 'paused'],
      ['resume', 'running'],
      ['stop', 'stopped'],
      ['resume', 'running'],
      ['cancel', 'cancelled'],
      ['cancel', 'cancelled'],
    ] as const) {
      const answer = await step(campaignId, verb);
      expect([answer.status, answer.json.status], verb).toEqual([200, status]);
    }
    expect(api.campaigns.calls).toContain(campaignId);
    for (const verb of ['resume', 'start', 'pause', 'stop', 'approve', 'close']) {
      const answer = await step(campaignId, verb, verb === 'approve' ? 'quality' : 'operator');
      expect([answer.status, problemOf(answer)], verb).toEqual([409, 'campaign-cancelled']);
    }
    expect(await statusOf(campaignId)).toBe('cancelled');
  });

  test('that has closed is closed again when a stop is over', async () => {
    const campaignId = await approvedByTwo(await estimated(3));
    for (const [verb, status] of [
      ['start', 'running'],
      ['close', 'closed'],
      ['stop', 'stopped'],
      ['resume', 'closed'],
    ] as const) {
      expect((await step(campaignId, verb)).json.status, verb).toBe(status);
    }
  });

  test('is approved by nobody who drafted it, and once by each', async () => {
    const campaignId = await estimated(3);
    expect(problemOf(await step(campaignId, 'approve'))).toBe('own-campaign');
    for (const _ of [1, 2]) {
      const { json } = await step(campaignId, 'approve', 'quality');
      expect([json.status, json.approvals.length]).toEqual(['draft', 1]);
    }
    expect(problemOf(await step(campaignId, 'start'))).toBe('campaign-not-approved');
  });

  test('that nobody has estimated, or that targets nobody, is not started', async () => {
    const { json } = await draft({ priority: 7 });
    await approvedByTwo(json.campaignId);
    expect(problemOf(await step(json.campaignId, 'start'))).toBe('campaign-not-estimated');
    const empty = await approvedByTwo(await estimated(0));
    const nobody = await step(empty, 'start');
    expect([nobody.status, problemOf(nobody)]).toEqual([409, 'campaign-targets-nobody']);
    for (const campaignId of [json.campaignId, empty]) {
      expect(await statusOf(campaignId)).toBe('approved');
      expect(api.campaigns.calls).not.toContain(campaignId);
    }
  });

  test('collides with another of its priority that wants the same control units of the same vehicles', async () => {
    const begun = async (changes: object) => step(await approvedByTwo(await estimated(3, changes)), 'start');
    const first = await begun({ priority: 55, query: { models: ['ID.3'] } });
    expect(first.status).toBe(200);
    const second = await estimated(3, { priority: 55 });
    const foretold = await step(second, 'estimate');
    expect([foretold.status, foretold.json.collidesWith]).toEqual([202, first.json.campaignId]);
    await approvedByTwo(second);
    const both = await step(second, 'start');
    expect([both.status, problemOf(both)]).toEqual([409, 'campaigns-collide']);
    expect([await statusOf(first.json.campaignId), await statusOf(second)]).toEqual(['running', 'approved']);
    expect((await begun({ priority: 55, query: { models: ['ID.4'] } })).status).toBe(200);
    expect((await begun({ priority: 56, query: { models: ['ID.3'] } })).status).toBe(200);
  });

  test('of a release that is not approved any more is neither started nor resumed', async () => {
    const campaignId = await approvedByTwo(await estimated(3));
    api.campaigns.known.set('rel-one', { ...release, approved: false });
    expect(problemOf(await step(campaignId, 'start'))).toBe('release-not-approved');
  });

  test.each([
    ['a rate of nothing', { rollout: { rate: { kind: 'fixed', perMinute: 0 } } }],
    ['a rate beyond everything', { rollout: { rate: { kind: 'fixed', perMinute: 60_001 } } }],
    [
      'a factor that slows down',
      {
        rollout: {
          rate: { kind: 'exponential', basePerMinute: 1, factor: 0.5, counts: 'offered', every: 1, mostPerMinute: 2 },
        },
      },
    ],
    [
      'waves that fall',
      {
        rollout: {
          ...plan.rollout,
          waves: [
            { percent: 5, holdMinutes: 1 },
            { percent: 2, holdMinutes: 1 },
          ],
        },
      },
    ],
    [
      'an end before the start',
      { rollout: { ...plan.rollout, startAt: '2026-12-02T00:00:00Z', endAt: '2026-12-01T00:00:00Z' } },
    ],
    ['a country that is none', { query: { markets: ['XX'] } }],
    ['an empty list', { query: { models: [] } }],
    ['an abort threshold without a sample', { abort: [{ percent: 5, minimumSample: 0 }] }],
  ])('with %s is refused by what is wrong with it', async (_, changes) => {
    const all = async () => (await api.call('GET', '/v1/campaigns?limit=1000')).json.items;
    const before = await all();
    const answer = await draft(changes);
    expect([answer.status, problemOf(answer)]).toEqual([400, 'invalid-body']);
    expect(answer.json.errors.length).toBeGreaterThan(0);
    expect(await all()).toEqual(before);
  });

  test('of a release that nobody knows, or of another brand, names that', async () => {
    expect(problemOf(await draft({ releaseId: 'rel-none' }))).toBe('release-not-known');
    const foreign = await api.call('POST', '/v1/campaigns', { body: plan, client: 'peugeot' });
    expect(problemOf(foreign)).toBe('release-not-known');
    const { json } = await draft();
    const unseen = await api.call('GET', `/v1/campaigns/${json.campaignId}`, { client: 'peugeot' });
    expect([unseen.status, problemOf(unseen)]).toEqual([404, 'campaign-not-found']);
    expect((await api.call('GET', '/v1/campaigns', { client: 'peugeot' })).json.items).toEqual([]);
  });

  test('asks for its own scopes', async () => {
    const { json } = await draft();
    for (const [method, path, scopes] of [
      ['POST', '/v1/campaigns', ['read_campaigns']],
      ['POST', `/v1/campaigns/${json.campaignId}/approve`, ['manage_campaigns']],
      ['POST', `/v1/campaigns/${json.campaignId}/stop`, ['approve_campaigns']],
      ['GET', `/v1/campaigns/${json.campaignId}/statistics`, ['read_vehicles']],
    ] as const) {
      const answer = await api.call(method, path, { scopes, ...(path === '/v1/campaigns' && { body: plan }) });
      expect([answer.status, problemOf(answer)], path).toEqual([403, 'scope-missing']);
    }
  });
});

describe('the update of a vehicle', () => {
  const owner = { personId: aPersonId(), username: 'owner' };
  const stranger = { personId: aPersonId(), username: 'stranger' };
  const tonight = { kind: 'accept', from: '2026-11-21T09:00:00Z', to: '2026-11-21T12:00:00Z' };

  /** An active vehicle of the owner's that is offered an update of a campaign that runs. */
  async function anOffer(changes: object = {}) {
    const vehicleId = await anActiveVehicle(api);
    const code = await api.ownership.shownBy(vehicleId);
    await api.call('POST', '/v1/me/vehicles', { body: { vehicleId, code }, person: owner });
    const campaignId = await approvedByTwo(await estimated(1));
    await step(campaignId, 'start');
    if (!isCampaignId(campaignId)) throw new Error(campaignId);
    const update = anUpdate({ vehicleId, campaignId, releaseId: 'rel-one', ...changes });
    await api.campaigns.repositories.updates.add(offered(update, [], api.time.now));
    const path = `/v1/me/vehicles/${vehicleId}/updates`;
    const decide = (body: object, person = owner) =>
      api.call('POST', `${path}/${campaignId}/decision`, { body, person });
    return { vehicleId, campaignId, path, decide };
  }

  test('is listed and accepted by the owner, and repeated words change nothing', async () => {
    const { path, decide } = await anOffer();
    const { json } = await api.call('GET', path, { person: owner });
    expect(json.updates[0]).toMatchObject({
      status: 'offered',
      offer: { texts: release.texts, state: { status: 'offered' } },
    });
    const { revision } = json.updates[0];
    const first = await decide({ ...tonight, revision });
    expect(first.json).toMatchObject({ status: 'accepted', offer: { state: { status: 'accepted' } } });
    expect((await decide({ ...tonight, revision })).json).toEqual(first.json);
    const late = await decide({ kind: 'mute', revision });
    expect([late.status, problemOf(late)]).toEqual([412, 'offer-changed']);
  });

  test('is nothing of somebody who does not own the car', async () => {
    const { path, decide, vehicleId, campaignId } = await anOffer();
    const list = await api.call('GET', path, { person: stranger });
    expect([list.status, problemOf(list)]).toEqual([404, 'vehicle-not-yours']);
    expect(problemOf(await decide({ ...tonight, revision: 1 }, stranger))).toBe('vehicle-not-yours');
    expect((await api.call('GET', path, { person: owner })).json.updates[0].status).toBe('offered');
    const foreign = await api.call('GET', `/v1/vehicles/${vehicleId}/updates/${campaignId}`, { client: 'peugeot' });
    expect(problemOf(foreign)).toBe('vehicle-not-found');
  });

  test('of a stopped campaign is accepted by nobody, and says that it was stopped', async () => {
    const { path, decide, campaignId } = await anOffer();
    await step(campaignId, 'stop');
    expect((await api.call('GET', path, { person: owner })).json.updates[0].offer.state).toEqual({ status: 'stopped' });
    expect(problemOf(await decide({ ...tonight, revision: 1 }))).toBe('offer-withdrawn');
  });

  test('is not accepted for a time that is over, nor with a revision that is none', async () => {
    const { decide } = await anOffer();
    const over = await decide({ ...tonight, revision: 1, from: '2026-11-20T09:00:00Z', to: '2026-11-20T10:00:00Z' });
    expect([over.status, problemOf(over)]).toEqual([422, 'window-not-possible']);
    expect(problemOf(await decide({ ...tonight, revision: 9 }))).toBe('offer-changed');
    expect(problemOf(await decide({ kind: 'decline' }))).toBe('invalid-body');
  });

  test('of a fleet is consented to by the operator alone', async () => {
    const { decide, vehicleId, campaignId } = await anOffer({ consentBy: 'operator' });
    expect(problemOf(await decide({ ...tonight, revision: 1 }))).toBe('operator-consents');
    const answer = await api.call('POST', `/v1/vehicles/${vehicleId}/updates/${campaignId}/decision`, {
      body: { ...tonight, revision: 1 },
    });
    expect([answer.status, answer.json.status]).toEqual([200, 'accepted']);
  });

  test('is cancelled for this one vehicle, and then over for everybody', async () => {
    const { decide, vehicleId, campaignId } = await anOffer();
    const cancel = () => api.call('POST', `/v1/vehicles/${vehicleId}/updates/${campaignId}/cancel`);
    expect([(await cancel()).json.status, (await cancel()).status]).toEqual(['cancelled', 200]);
    expect(problemOf(await decide({ ...tonight, revision: 1 }))).toBe('update-over');
    const none = await api.call('POST', `/v1/vehicles/${vehicleId}/updates/cmp-${anOperationId()}/cancel`);
    expect(none.status).toBe(404);
  });

  test('is moved by no report of another vehicle, nor by one that comes after its end', async () => {
    const { decide, vehicleId, campaignId } = await anOffer();
    const other = await anOffer();
    await decide({ ...tonight, revision: 1 });
    const { updates } = api.campaigns.repositories;
    const words = { campaignId, attempt: 1, at: api.time.now } as const;
    const progress = { kind: 'progress', ...words, sequence: 1, phase: 'installing', percent: 5 } as const;
    const result = { kind: 'result', ...words, sequence: 2, safety: 'safe', ecus: [] } as const;
    const installed = { ...result, outcome: 'installed', softwareVersion: '5.0.0' } as const;
    const failed = { ...result, outcome: 'failed', error: 'health', detail: 'late' } as const;
    const stays = async (from: VehicleId, heard: string, ...reports: readonly Spoken[]) => {
      const before = await updates.ofVehicle(vehicleId);
      for (const report of reports) expect(await api.campaigns.services.updates.hear(from, report)).toBe(heard);
      expect(await updates.ofVehicle(vehicleId)).toEqual(before);
    };
    await stays(other.vehicleId, 'unknown-update', progress, installed, failed);
    expect(await api.campaigns.services.updates.hear(vehicleId, installed)).toBe('taken');
    await stays(vehicleId, 'nothing-new', progress, { ...progress, sequence: 9 }, failed);
    await stays(vehicleId, 'nothing-new', { ...failed, sequence: 9 }, { ...failed, attempt: 2 });
    const muted = await decide({ kind: 'mute', revision: 3 });
    expect([muted.status, problemOf(muted)]).toEqual([409, 'update-over']);
    expect((await updates.ofVehicle(other.vehicleId)).map(({ state }) => state.status)).toEqual(['offered']);
  });

  test('that a campaign was too early for is found by whoever looks for it', async () => {
    const { vehicleId, path } = await anOffer();
    await api.fleet.takeInventory(vehicleId, {
      ...{ sequence: 1, softwareVersion: '4.0.0' },
      ecus: [{ ecuId: 'gateway', hardwareId: 'gateway-hw', softwareVersion: '1', releaseCounter: 1 }],
    });
    const later = await approvedByTwo(await estimated(1));
    await step(later, 'start');
    await step(later, 'close');
    const before = await api.call('GET', path, { person: owner });
    const { json } = await api.call('POST', `${path}/search`, { person: owner });
    expect(before.json.updates).toHaveLength(1);
    expect(json.updates.map(({ campaignId }: { campaignId: string }) => campaignId)).toContain(later);
  });
});
