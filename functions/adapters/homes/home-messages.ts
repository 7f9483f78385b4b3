import type { Instant } from '#shared/kernel/clock.ts';
import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { DeviceMessage, DeviceMessages, Handed } from '#shared/vehicle-cloud/device-messages.ts';
import type { HomeDirectory } from './home-directory.ts';

/** Messages go to where their vehicle is at home. */
export class HomeMessages implements DeviceMessages {
  readonly #directory: HomeDirectory;
  readonly #first: DeviceMessages;
  readonly #elsewhere: (home: Home) => DeviceMessages;

  constructor(directory: HomeDirectory, first: DeviceMessages, elsewhere: (home: Home) => DeviceMessages) {
    this.#directory = directory;
    this.#first = first;
    this.#elsewhere = elsewhere;
  }

  async send(vehicleId: VehicleId, message: DeviceMessage, now: Instant): Promise<Handed> {
    const home = await this.#directory.homeOf(vehicleId);
    return (home === undefined ? this.#first : this.#elsewhere(home)).send(vehicleId, message, now);
  }
}
