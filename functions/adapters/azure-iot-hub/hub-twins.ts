import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { Settings, TwinDocument } from '#shared/twins/twin.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import { type HubVehicle, inOrder } from './hub-vehicle.ts';
import { badKeyIn, namespaceOf, patchOf, revisionOf } from './twin-namespace.ts';

/** Twins as members of the one twin that a hub keeps of a device. */
export class HubTwins implements TwinRepository, PlatformTwins {
  readonly #vehicle: HubVehicle;
  readonly #clock: Clock;

  constructor(vehicle: HubVehicle, clock: Clock) {
    this.#vehicle = vehicle;
    this.#clock = clock;
  }

  async load(vehicleId: VehicleId, name: string): Promise<TwinDocument | undefined> {
    const twin = await this.#vehicle.read(vehicleId);
    return twin === undefined ? undefined : namespaceOf(twin, name);
  }

  async patchDesired(
    vehicleId: VehicleId,
    name: string,
    patch: Settings | null,
    seenRevision?: string,
  ): Promise<boolean> {
    requireGoodKeys(name, patch);
    return this.#vehicle.change(vehicleId, (twin) => {
      const revision = namespaceOf(twin, name)?.revision ?? revisionOf({});
      if (seenRevision !== undefined && revision !== seenRevision) return undefined;
      return [patchOf(name, patch, this.#clock.now())];
    });
  }

  async show(vehicleId: VehicleId, name: string, patches: readonly Settings[], order: number): Promise<void> {
    const at = this.#clock.now();
    const made = patches.map((patch) => patchOf(name, patch, at));
    await this.#vehicle.change(vehicleId, (twin) => inOrder(twin, name, order, made));
  }
}

function requireGoodKeys(name: string, patch: Settings | null): void {
  const key = badKeyIn({ [name]: patch });
  if (key === undefined) return;
  throw new Failure('invalid', 'twin-not-acceptable', `The twin cannot become so: '${key}' cannot be a name in it.`, {
    resolution: 'Names hold no full stop, dollar sign, space or control character.',
  });
}
