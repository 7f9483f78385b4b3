import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { KeyBoard } from '#shared/sharing/keys/statement-service.ts';
import type { PlatformTwins } from '#shared/twins/twin-repository.ts';
import { type SharingDesired, sharingTwin } from '#shared/vehicle-cloud/sharing-envelopes.ts';

/** What is said of keys as the desired half of a twin: a vehicle that was away finds it when it comes back. */
export class TwinKeyBoard implements KeyBoard {
  readonly #twins: PlatformTwins;

  constructor(twins: PlatformTwins) {
    this.#twins = twins;
  }

  async show(vehicleId: VehicleId, { issuer, statement }: SharingDesired, order: number): Promise<void> {
    try {
      await this.#twins.show(vehicleId, sharingTwin, [{ issuer, statement }], order);
    } catch (error) {
      // A bicycle for which its operator speaks is unknown to the device cloud, and has nothing that keys would open.
      if (!(error instanceof Failure && error.code === 'vehicle-not-provisioned')) throw error;
    }
  }
}
