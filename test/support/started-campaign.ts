import { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { type CampaignId, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { JourneyCloud } from './journey-cloud.ts';

/** A campaign for one vehicle, or for these: drafted, estimated, approved by two others, and started. */
export async function startedCampaign(
  home: JourneyCloud,
  releaseId: string,
  vehicleIds: string | readonly string[],
  priority = 100,
): Promise<CampaignId> {
  const { operator } = home.journey;
  const plan = { name: 'A trial', releaseId, rollout: { rate: { kind: 'unlimited' } }, priority };
  const draft = await operator.post('/v1/campaigns', { ...plan, query: { vehicleIds: [vehicleIds].flat() } });
  const path = `/v1/campaigns/${String(at(draft.body, 'campaignId'))}`;
  await operator.post(`${path}/estimate`, undefined);
  const estimated = () => operator.get(path);
  await eventually('an estimate', estimated, ({ body }) => at(body, 'estimate') !== undefined);
  for (const name of ['quality', 'safety']) {
    await new ApiClient(home.cloud.file, name).post(`${path}/approve`, undefined);
  }
  const start = await operator.post(`${path}/start`, undefined);
  const id = at(start.body, 'campaignId');
  if (typeof id !== 'string' || !isCampaignId(id)) throw new Error(JSON.stringify(start.body));
  return id;
}
