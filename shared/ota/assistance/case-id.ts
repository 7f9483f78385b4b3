import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import { type CampaignId, isCampaignId } from '../campaigns/campaign-id.ts';

/** Names the one case that a vehicle can have in a campaign, so that whoever opens it twice opens it once. */
export type CaseId = string & { readonly caseId: unique symbol };

export const caseIdPattern = /^case-[0-9a-v]{9}[a-z2-7]{11}-[a-z2-7]{20}$/;

export function isCaseId(text: string): text is CaseId {
  return caseIdPattern.test(text);
}

export function caseIdOf({ vehicleId, campaignId }: Subject): CaseId {
  const id = `case-${campaignId.slice('cmp-'.length)}-${vehicleId.slice('veh-'.length)}`;
  if (!isCaseId(id)) throw new RangeError(`no case of ${vehicleId} in ${campaignId}`);
  return id;
}

export interface Subject {
  readonly vehicleId: VehicleId;
  readonly campaignId: CampaignId;
}

export function subjectOf(caseId: CaseId): Subject {
  const [, campaign = '', vehicle = ''] = caseId.split('-');
  const [campaignId, vehicleId] = [`cmp-${campaign}`, `veh-${vehicle}`];
  if (!isCampaignId(campaignId) || !isVehicleId(vehicleId)) throw new RangeError(`no case: ${caseId}`);
  return { campaignId, vehicleId };
}
