import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Rollouts, RolloutTerms } from '#shared/ota/campaigns/ports.ts';
import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HomeDirectory } from './home-directory.ts';

/**
 * The first home has a group and a job for each campaign. In the others a vehicle by itself has joined, or not: there is
 * nothing to open, and nothing left to clear when the last one has left.
 */
export class HomeRollouts implements Rollouts {
  readonly #directory: HomeDirectory;
  readonly #first: Rollouts;
  readonly #elsewhere: (home: Home) => Pick<Rollouts, 'join' | 'leave'>;

  constructor(directory: HomeDirectory, first: Rollouts, elsewhere: (home: Home) => Pick<Rollouts, 'join' | 'leave'>) {
    this.#directory = directory;
    this.#first = first;
    this.#elsewhere = elsewhere;
  }

  open(campaignId: CampaignId): Promise<void> {
    return this.#first.open(campaignId);
  }

  async join(campaignId: CampaignId, vehicleId: VehicleId, terms: RolloutTerms): Promise<void> {
    await (await this.#at(vehicleId)).join(campaignId, vehicleId, terms);
  }

  async leave(campaignId: CampaignId, vehicleId: VehicleId, terms: RolloutTerms): Promise<void> {
    await (await this.#at(vehicleId)).leave(campaignId, vehicleId, terms);
  }

  end(campaignId: CampaignId): Promise<void> {
    return this.#first.end(campaignId);
  }

  clear(campaignId: CampaignId): Promise<boolean> {
    return this.#first.clear(campaignId);
  }

  async #at(vehicleId: VehicleId): Promise<Pick<Rollouts, 'join' | 'leave'>> {
    const home = await this.#directory.homeOf(vehicleId);
    return home === undefined ? this.#first : this.#elsewhere(home);
  }
}
