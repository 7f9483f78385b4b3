import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';

/** Documents that are written once. */
export interface EvidenceStore {
  /** False when there is one of this name already: it stays as it is. */
  add(name: string, document: string): Promise<boolean>;
  find(name: string): Promise<string | undefined>;
}

/** The one author of the names of evidence; each says all that makes it another document, so that none is written twice. */
export const evidenceNames = {
  /** An end of a vehicle's update: a repeated one, after somebody had it tried once more, has a higher version. */
  record: (campaignId: CampaignId, vehicleId: VehicleId, version: number) =>
    `${updateFolder(campaignId, vehicleId)}${String(version).padStart(6, '0')}.json`,
  ofUpdate: updateFolder,
  ofCampaign: (campaignId: CampaignId) => `updates/${campaignId}/`,
  /** What the vehicle itself said at the end of an attempt. */
  statement: (campaignId: CampaignId, vehicleId: VehicleId, attempt: number) =>
    `${statementFolder(campaignId, vehicleId)}${String(attempt).padStart(6, '0')}.json`,
  statements: statementFolder,
  /** @param about a vehicle, or `platform` */
  securityEvent: (about: string, eventId: string) => `security/${about}/${eventId}.json`,
};

function updateFolder(campaignId: CampaignId, vehicleId: VehicleId): string {
  return `updates/${campaignId}/${vehicleId}/`;
}

function statementFolder(campaignId: CampaignId, vehicleId: VehicleId): string {
  return `statements/${campaignId}/${vehicleId}/`;
}
