import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { OtaDesired } from '../../vehicle-cloud/update-envelopes.ts';
import { hasClosed } from '../campaigns/campaign.ts';
import type { ReleaseSource } from '../campaigns/offered-release.ts';
import type { CampaignRepository, Rollouts } from '../campaigns/ports.ts';
import { offerOf, offerStateOf, shown } from './offer.ts';
import { isReleased, type Update } from './update.ts';
import type { UpdateRepository } from './update-repository.ts';

/** Says to a vehicle what it is offered; a vehicle that is away hears it when it comes back. */
export interface OfferChannel {
  /**
   * @param replaces whether what was shown before may have been of another campaign
   * @param order rises with each change of the vehicle's updates: what is older is not shown any more
   */
  show(vehicleId: VehicleId, desired: OtaDesired, replaces: boolean, order: number): Promise<void>;
}

export interface OfferPorts {
  readonly updates: Pick<UpdateRepository, 'ofVehicle'>;
  readonly campaigns: Pick<CampaignRepository, 'load'>;
  readonly releases: ReleaseSource;
  readonly rollouts: Pick<Rollouts, 'join'>;
  readonly channel: OfferChannel;
}

/** What a vehicle is shown of its updates, and which of them it may go on with. */
export class VehicleOffers {
  readonly #ports: OfferPorts;

  constructor(ports: OfferPorts) {
    this.#ports = ports;
  }

  /** From what stands in the table, so that of two changes at once the later one is what the vehicle is shown. */
  async show({ vehicleId, campaignId }: Pick<Update, 'vehicleId' | 'campaignId'>): Promise<void> {
    const all = await this.#ports.updates.ofVehicle(vehicleId);
    const isAlone = all.filter((one) => offerStateOf(one) !== undefined).length <= 1;
    await this.#show(vehicleId, all, !isAlone || shown(all)?.campaignId !== campaignId);
  }

  /** Everything once more, where a device cloud may have heard some of it, or nothing. */
  async sayAgain(vehicleId: VehicleId): Promise<void> {
    const { updates, campaigns, rollouts } = this.#ports;
    const all = await updates.ofVehicle(vehicleId);
    // Who was never in a campaign has a twin in which nothing was ever said.
    if (all.length === 0) return;
    await this.#show(vehicleId, all, all.length > 1);
    for (const { campaignId, version: order } of all.filter(isReleased)) {
      const campaign = await campaigns.load(campaignId);
      const closed = campaign !== undefined && hasClosed(campaign);
      await rollouts.join(campaignId, vehicleId, { closed, order });
    }
  }

  async #show(vehicleId: VehicleId, all: readonly Update[], replaces: boolean): Promise<void> {
    const { campaigns, releases, channel } = this.#ports;
    const update = shown(all);
    const order = changesOf(all);
    if (update === undefined) return channel.show(vehicleId, { offer: null }, false, order);
    const [release, campaign] = await Promise.all([releases.load(update.releaseId), campaigns.load(update.campaignId)]);
    if (release === undefined) throw new Error(`The release ${update.releaseId} is gone`);
    const offer = offerOf(update, release, campaign?.state.status) ?? null;
    await channel.show(vehicleId, { offer }, replaces, order);
  }
}

/** How many changes they have had together. No update of a vehicle ever goes, so that it never falls. */
function changesOf(all: readonly Update[]): number {
  return all.reduce((sum, { version }) => sum + version, 0);
}
