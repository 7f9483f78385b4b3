import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubRollouts } from './hub-cloud.ts';
import { type HubVehicle, inOrder } from './hub-vehicle.ts';

/** That a vehicle may go on with a campaign's update, as a member of its twin that the vehicle looks at. */
export class TwinRollouts implements HubRollouts {
  readonly #vehicle: HubVehicle;

  constructor(vehicle: HubVehicle) {
    this.#vehicle = vehicle;
  }

  async join(vehicleId: VehicleId, campaignId: CampaignId, releasedAt: number, order: number): Promise<void> {
    await this.#write(vehicleId, campaignId, { releasedAt }, order);
  }

  async leave(vehicleId: VehicleId, campaignId: CampaignId, order: number): Promise<void> {
    await this.#write(vehicleId, campaignId, null, order);
  }

  async #write(vehicleId: VehicleId, campaignId: CampaignId, release: object | null, order: number): Promise<void> {
    const patch = { properties: { desired: { rollouts: { [campaignId]: release } } } };
    await this.#vehicle.change(vehicleId, (twin) => inOrder(twin, `rollout-${campaignId}`, order, [patch]));
  }
}
