import { Failure } from '#shared/kernel/failure.ts';
import type { OfferChannel } from '#shared/ota/updates/consequence-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import { type OtaDesired, otaTwin, type UpdateOffer } from '#shared/vehicle-cloud/update-envelopes.ts';

/** What other states of an offer hold: a shadow merges, and would keep it. */
const ofOtherStates = { remindAt: null, from: null, to: null };

/** Offers as the desired half of a twin. */
export class ShadowOffers implements OfferChannel {
  readonly #twins: Pick<TwinRepository, 'patchDesired'>;

  constructor(twins: Pick<TwinRepository, 'patchDesired'>) {
    this.#twins = twins;
  }

  async show(vehicleId: VehicleId, { offer }: OtaDesired, replaces: boolean): Promise<void> {
    try {
      if (offer === null || replaces) await this.#twins.patchDesired(vehicleId, otaTwin, { offer: null });
      if (offer !== null) await this.#twins.patchDesired(vehicleId, otaTwin, { offer: whole(offer) });
    } catch (error) {
      // A vehicle whose thing is gone is shown nothing any more.
      if (!(error instanceof Failure && error.code === 'vehicle-not-provisioned')) throw error;
    }
  }
}

function whole(offer: UpdateOffer): object {
  return { ...offer, state: { ...ofOtherStates, ...offer.state } };
}
