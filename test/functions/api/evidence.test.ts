import { afterAll, beforeAll, expect, test } from 'vitest';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { evidenceNames } from '#shared/ota/evidence/evidence-store.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aBrand } from '../../contract/samples.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let campaignId: string;
let vehicles: VehicleId[];
beforeAll(async () => {
  api = await startTestApi();
  await api.letIn('peugeot', 'peugeot');
  api.campaigns.known.set('rel-one', {
    ...{ releaseId: 'rel-one', brand: aBrand(), softwareVersion: '5.0.0', minutes: 20, bytes: 1000, preconditions: [] },
    texts: { en: { title: 'Five', notes: 'Better', unavailable: '' } },
    images: [{ ecuId: 'gateway', hardwareIds: ['gateway-hw'], releaseCounter: 2 }],
    approved: true,
  });
  const plan = { name: 'One', releaseId: 'rel-one', rollout: { rate: { kind: 'fixed', perMinute: 100 } } };
  const { json } = await api.call('POST', '/v1/campaigns', { body: plan });
  campaignId = json.campaignId;
  if (!isCampaignId(campaignId)) throw new Error(campaignId);
  vehicles = [await anActiveVehicle(api), await anActiveVehicle(api), await anActiveVehicle(api)];
  for (const vehicleId of vehicles) {
    await api.evidence.add(evidenceNames.record(campaignId, vehicleId, 6), JSON.stringify({ vehicleId, end: 6 }));
  }
  const [first] = vehicles;
  if (first === undefined) return;
  await api.evidence.add(evidenceNames.record(campaignId, first, 12), JSON.stringify({ end: 12 }));
  await api.evidence.add(evidenceNames.statement(campaignId, first, 1), JSON.stringify({ attempt: 1 }));
});
afterAll(() => api.stop());

const problemOf = ({ json }: { json: { type?: string } }) => json.type?.split('#problem-')[1];

test('the records of a campaign are listed page by page, each once, with a link', async () => {
  const found: { vehicleId: string; url: string }[] = [];
  for (let cursor = ''; ; ) {
    const { status, json } = await api.call('GET', `/v1/campaigns/${campaignId}/evidence?limit=2${cursor}`);
    expect(status).toBe(200);
    expect(json.items.length).toBeLessThanOrEqual(2);
    found.push(...json.items);
    if (json.nextCursor === undefined) break;
    cursor = `&cursor=${json.nextCursor}`;
  }
  expect(found).toHaveLength(4);
  expect(new Set(found.map(({ url }) => url)).size).toBe(4);
  expect(new Set(found.map(({ vehicleId }) => vehicleId))).toEqual(new Set(vehicles));
});

test('of one vehicle the records and its own statements are shown as they were put down', async () => {
  const { json } = await api.call('GET', `/v1/vehicles/${vehicles[0]}/updates/${campaignId}/evidence`);
  expect(json.records).toMatchObject([{ end: 6 }, { end: 12 }]);
  expect(json.statements).toEqual([{ attempt: 1 }]);
});

test('who takes evidence out stands in the audit', async () => {
  await api.call('GET', `/v1/campaigns/${campaignId}/evidence`);
  const { json } = await api.call('GET', '/v1/audit?limit=100');
  expect(json.items).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: 'evidence.export', outcome: 'done' })]),
  );
});

test('evidence is shown with its scope alone, to clients of the brand, and of what there is', async () => {
  const path = `/v1/campaigns/${campaignId}/evidence`;
  const of = `/v1/vehicles/${vehicles[0]}/updates/${campaignId}/evidence`;
  expect(problemOf(await api.call('GET', path, { scopes: ['read_campaigns'] }))).toBe('scope-missing');
  expect(problemOf(await api.call('GET', path, { client: 'peugeot' }))).toBe('campaign-not-found');
  expect(problemOf(await api.call('GET', of, { client: 'peugeot' }))).toBe('vehicle-not-found');
  expect(problemOf(await api.call('GET', `${path}?cursor=abc`))).toBe('bad-cursor');
  expect(problemOf(await api.call('GET', `${path}?limit=1001`))).toBe('invalid-parameter');
  const nobody = 'cmp-000000000aaaaaaaaaaa';
  expect(problemOf(await api.call('GET', `/v1/campaigns/${nobody}/evidence`))).toBe('campaign-not-found');
});
