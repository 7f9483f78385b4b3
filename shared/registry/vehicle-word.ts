import type { VehicleOffers } from '../ota/updates/vehicle-offers.ts';
import type { StatementCalls } from '../sharing/keys/statement-service.ts';
import { type TripOrderPorts, tellToEnd } from '../sharing/trips/recall-service.ts';
import type { PlatformWord } from './move-ports.ts';
import type { VehicleId } from './vehicle-id.ts';

export interface WordPorts extends TripOrderPorts {
  readonly offers: Pick<VehicleOffers, 'sayAgain'>;
  readonly statements: StatementCalls;
}

/** What the services have to say to a vehicle. */
export class VehicleWord implements PlatformWord {
  readonly #ports: WordPorts;

  constructor(ports: WordPorts) {
    this.#ports = ports;
  }

  async sayAgain(vehicleId: VehicleId): Promise<void> {
    await this.#ports.offers.sayAgain(vehicleId);
    await this.#ofSharing(vehicleId);
  }

  async #ofSharing(vehicleId: VehicleId): Promise<void> {
    const { bookings, statements, clock } = this.#ports;
    const shared = await bookings.vehicle(vehicleId);
    if (shared === undefined) return;
    await statements.call({ kind: 'vehicle', vehicleId });
    // Its order goes by itself every few minutes; somebody who is waited for should not wait for that.
    await tellToEnd(this.#ports, { vehicleId, fence: shared.fence }, clock.now());
  }
}
