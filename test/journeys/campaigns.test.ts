import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually, problem } from '#local/tour/telling.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { approvedRelease, gateway, UpdatedCar } from '../support/updated-car.ts';

let home: JourneyCloud;
beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(() => home.close());

let serial = 800;
const aCar = () => UpdatedCar.online(home, `WVWZZZAUZLW000${serial++}`);
const operator = () => home.journey.operator;

async function claimed(vehicleId: string, code: string) {
  return home.journey.person('driver').post('/v1/me/vehicles', { vehicleId, code });
}

/** Drafted, estimated, approved by two others, and started. */
async function started(plan: object): Promise<string> {
  const release = await approvedRelease(home.cloud);
  const draft = await operator().post('/v1/campaigns', {
    ...{ name: 'A trial', releaseId: release.releaseId, rollout: { rate: { kind: 'unlimited' } } },
    ...plan,
  });
  expect(draft.status, JSON.stringify(draft.body)).toBe(201);
  const campaignId = String(at(draft.body, 'campaignId'));
  const step = (verb: string, client = operator()) => client.post(`/v1/campaigns/${campaignId}/${verb}`, undefined);
  expect((await step('estimate')).status).toBe(202);
  await eventually(
    'an estimate',
    () => operator().get(`/v1/campaigns/${campaignId}`),
    ({ body }) => at(body, 'estimate') !== undefined,
  );
  for (const name of ['quality', 'safety']) {
    expect((await step('approve', new ApiClient(home.cloud.file, name))).status).toBe(200);
  }
  const start = await step('start');
  expect([start.status, at(start.body, 'status')]).toEqual([200, 'running']);
  return campaignId;
}

const statistics = async (campaignId: string) => (await operator().get(`/v1/campaigns/${campaignId}/statistics`)).body;

test('a campaign is offered to a car, accepted in the app, released, installed and counted', async () => {
  const car = await aCar();
  const { vehicleId } = car;
  const campaignId = await started({ query: { vehicleIds: [vehicleId] } });
  const offered = await car.hears(
    '/ota/update/delta',
    (delta) => at(delta, 'state', 'offer', 'campaignId') === campaignId,
  );
  expect(at(offered, 'state', 'offer', 'state')).toEqual({ status: 'offered' });
  expect(at(offered, 'state', 'offer', 'texts', 'en', 'title')).toBe('Plug & Charge');

  await car.client.subscribe(car.identity.topics.claimCodeTopic ?? '');
  car.client.publish(car.identity.topics.claimCodeRequestTopic ?? '', '{"requestId":"one"}');
  const code = await car.hears('/code', (answer) => at(answer, 'kind') === 'code');
  expect((await claimed(vehicleId, String(at(code, 'code')))).status).toBe(201);

  const driver = home.journey.person('driver');
  const list = await eventually(
    'an offer for the new owner',
    () => driver.get(`/v1/me/vehicles/${vehicleId}/updates`),
    ({ body }) => at(body, 'items', 0, 'status') === 'offered',
  );
  const revision = at(list.body, 'items', 0, 'revision');
  const [from, to] = [new Date(Date.now() - 1000), new Date(Date.now() + 3_600_000)];
  const accepted = await driver.post(`/v1/me/vehicles/${vehicleId}/updates/${campaignId}/decision`, {
    ...{ kind: 'accept', revision, from, to },
  });
  expect([accepted.status, at(accepted.body, 'status')]).toEqual([200, 'accepted']);
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
    () => statistics(campaignId),
    (body) => at(body, 'total', 'installed') === 1,
  );
  expect(counted).toMatchObject({ total: { installed: 1 }, byMarket: { DE: { installed: 1 } }, byError: {} });
  const over = await driver.post(`/v1/me/vehicles/${vehicleId}/updates/${campaignId}/decision`, {
    kind: 'decline',
    revision: 9,
  });
  expect([over.status, problem(over)]).toEqual([409, 'update-over']);
});
