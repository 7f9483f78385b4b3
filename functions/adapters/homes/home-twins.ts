import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { Settings, TwinDocument } from '#shared/twins/twin.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import type { HomeDirectory } from './home-directory.ts';

/** Twins are kept where their vehicle is at home. */
export class HomeTwins implements TwinRepository {
  readonly #directory: HomeDirectory;
  readonly #first: TwinRepository;
  readonly #elsewhere: (home: Home) => TwinRepository;

  constructor(directory: HomeDirectory, first: TwinRepository, elsewhere: (home: Home) => TwinRepository) {
    this.#directory = directory;
    this.#first = first;
    this.#elsewhere = elsewhere;
  }

  async load(vehicleId: VehicleId, name: string): Promise<TwinDocument | undefined> {
    return (await this.#at(vehicleId)).load(vehicleId, name);
  }

  async patchDesired(vehicleId: VehicleId, name: string, patch: Settings | null, seen?: string): Promise<boolean> {
    return (await this.#at(vehicleId)).patchDesired(vehicleId, name, patch, seen);
  }

  async #at(vehicleId: VehicleId): Promise<TwinRepository> {
    const home = await this.#directory.homeOf(vehicleId);
    return home === undefined ? this.#first : this.#elsewhere(home);
  }
}

/** The same of what the platform itself says in twins. */
export class HomePlatformTwins implements PlatformTwins {
  readonly #directory: HomeDirectory;
  readonly #first: PlatformTwins;
  readonly #elsewhere: (home: Home) => PlatformTwins;

  constructor(directory: HomeDirectory, first: PlatformTwins, elsewhere: (home: Home) => PlatformTwins) {
    this.#directory = directory;
    this.#first = first;
    this.#elsewhere = elsewhere;
  }

  async show(vehicleId: VehicleId, name: string, patches: readonly Settings[], order: number): Promise<void> {
    const home = await this.#directory.homeOf(vehicleId);
    await (home === undefined ? this.#first : this.#elsewhere(home)).show(vehicleId, name, patches, order);
  }
}
