import { Failure } from '#shared/kernel/failure.ts';
import type { OfferChannel } from '#shared/ota/updates/vehicle-offers.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { Settings } from '#shared/twins/twin.ts';
import type { PlatformTwins } from '#shared/twins/twin-repository.ts';
import { type OtaDesired, otaTwin, type UpdateOffer } from '#shared/vehicle-cloud/update-envelopes.ts';

/** What other states of an offer hold: a twin merges, and would keep it. */
const ofOtherStates = { remindAt: null, from: null, to: null };

/** Offers as the desired half of a twin. */
export class TwinOffers implements OfferChannel {
  readonly #twins: PlatformTwins;

  constructor(twins: PlatformTwins) {
    this.#twins = twins;
  }

  async show(vehicleId: VehicleId, { offer }: OtaDesired, replaces: boolean, order: number): Promise<void> {
    const without = offer === null || replaces ? [{ offer: null }] : [];
    const patches = offer === null ? without : [...without, { offer: whole(offer) }];
    try {
      await this.#twins.show(vehicleId, otaTwin, patches, order);
    } catch (error) {
      // A vehicle that is gone from its device cloud is shown nothing any more.
      if (!(error instanceof Failure && error.code === 'vehicle-not-provisioned')) throw error;
    }
  }
}

function whole(offer: UpdateOffer): Settings {
  return { ...offer, state: { ...ofOtherStates, ...offer.state } };
}
