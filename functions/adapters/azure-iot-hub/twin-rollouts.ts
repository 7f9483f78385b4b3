import * as z from 'zod/mini';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubRollouts } from './hub-cloud.ts';
import { type HubVehicle, inOrder } from './hub-vehicle.ts';
import type { HubTwin } from './twin-namespace.ts';

const prefix = 'rollout-';

/**
 * Of so many campaigns that are over for a vehicle a twin still says which order was the last: a late one must not
 * bring anything back. All that a vehicle sees in its life would not fit into the 8 KB that tags may have.
 */
const remembered = 16;

const releases = z.record(z.string(), z.unknown());

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
    await this.#vehicle.change(vehicleId, (twin) => {
      return inOrder(twin, `${prefix}${campaignId}`, order, [patch], longOver(twin, campaignId));
    });
  }
}

/** The ids of campaigns sort by their age. @param present the one that is spoken of */
function longOver({ tags, properties }: HubTwin, present: CampaignId): readonly string[] {
  const released = releases.safeParse(properties.desired['rollouts']).data ?? {};
  const over = Object.keys(tags.orders).filter((key) => {
    const campaignId = key.slice(prefix.length);
    return key.startsWith(prefix) && campaignId !== present && !Object.hasOwn(released, campaignId);
  });
  return over.sort().slice(0, -remembered);
}
