import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { Update } from './update.ts';

export interface EnlistedPage {
  readonly vehicles: readonly { readonly vehicleId: VehicleId; readonly position: string }[];
  /** Absent: the list ends here. */
  readonly next?: string;
}

export interface UpdateRepository {
  load(vehicleId: VehicleId, campaignId: CampaignId): Promise<Update | undefined>;
  /** Of all campaigns. */
  ofVehicle(vehicleId: VehicleId): Promise<readonly Update[]>;
  /** False when the vehicle is enlisted already. */
  add(update: Update): Promise<boolean>;
  /** False when it is no longer at the version that was seen. */
  save(update: Update, seenVersion: number): Promise<boolean>;
  /**
   * Saves it where neither it nor any of the vehicle's other updates has changed since they were seen, and changes the
   * version of each of those: of two who see each other's update as it was before, the first one wins.
   */
  claim(update: Update, seenVersion: number, others: readonly Update[]): Promise<boolean>;
  /**
   * The enlisted vehicles, in an order of no meaning; one that was enlisted a moment ago may be missing.
   *
   * @param from `next` of the page before, or the position of one of its vehicles
   */
  enlisted(campaignId: CampaignId, limit: number, from?: string): Promise<EnlistedPage>;
}
