import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { offered } from '#shared/ota/updates/course.ts';
import { enlisted, type Update } from '#shared/ota/updates/update.ts';
import { isMarket, type Market } from '#shared/registry/market.ts';
import { vehicleIdOf } from '#shared/registry/vehicle-id.ts';
import { aBrand } from '../../../contract/samples.ts';

export const now = Date.parse('2026-11-22T08:00:00Z');

function market(code: string): Market {
  if (!isMarket(code)) throw new RangeError(code);
  return code;
}

export function aCampaignId(serial = 0): CampaignId {
  return campaignIdOf(now + serial, new Uint8Array(7));
}

export function anUpdate(changes: Partial<Update> = {}): Update {
  const enlistment = {
    vehicleId: vehicleIdOf('k3vq7n2mzt5ahx6cwp4r'),
    campaignId: aCampaignId(),
    ...{ releaseId: 'rel-1', softwareVersion: '5.0.0', priority: 100, recall: false },
    ...{ consentBy: 'owner' as const, market: market('FR'), model: 'ID.3' },
  };
  return { ...enlisted(enlistment, now), ...changes };
}

export function anOffered(changes: Partial<Update> = {}): Update {
  return offered(anUpdate(changes), [], now);
}

/** As much of a campaign as most decisions look at. */
export function aRunningCampaign(changes: Partial<Campaign> = {}): Campaign {
  return {
    ...{ campaignId: aCampaignId(), name: 'one', releaseId: 'rel-1', query: {}, priority: 1, recall: false },
    ...{ rollout: { rate: { kind: 'unlimited' }, waves: [] }, consentBy: 'owner', abort: [], ...policy },
    ...{ brand: aBrand(), softwareVersion: '5.0.0', hardwareIds: ['hw'], author: 'a', createdAt: now, changedAt: now },
    ...{ approvals: [], state: { status: 'running', since: now }, version: 1 },
    ...changes,
  };
}

export const policy = { retries: { network: { times: 2, afterMinutes: 30 } }, installMinutes: 60 };
