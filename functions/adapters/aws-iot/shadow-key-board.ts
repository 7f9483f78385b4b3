import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { KeyBoard } from '#shared/sharing/keys/statement-service.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import { type SharingDesired, sharingTwin } from '#shared/vehicle-cloud/sharing-envelopes.ts';

/** What is said of keys as the desired half of a twin: a vehicle that was away finds it when it comes back. */
export class ShadowKeyBoard implements KeyBoard {
  readonly #twins: Pick<TwinRepository, 'patchDesired'>;

  constructor(twins: Pick<TwinRepository, 'patchDesired'>) {
    this.#twins = twins;
  }

  async show(vehicleId: VehicleId, { issuer, statement }: SharingDesired): Promise<void> {
    try {
      await this.#twins.patchDesired(vehicleId, sharingTwin, { issuer, statement });
    } catch (error) {
      // A bicycle for which its operator speaks has no thing, and nothing that keys would open.
      if (!(error instanceof Failure && error.code === 'vehicle-not-provisioned')) throw error;
    }
  }
}
