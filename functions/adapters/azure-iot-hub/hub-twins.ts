import type { Clock } from '#shared/kernel/clock.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { platformTwins } from '#shared/twins/platform-twins.ts';
import { merged, type Settings, type TwinDocument } from '#shared/twins/twin.ts';
import { requireAcceptable, requireRoom, requireRoomBeside } from '#shared/twins/twin-limits.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import { type HubVehicle, inOrder } from './hub-vehicle.ts';
import { namespaceOf, ofPartners, patchOf, revisionOf } from './twin-namespace.ts';

const nothing = { desired: {}, reported: {}, revision: revisionOf({}) };

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
    requireAcceptable(patch);
    return this.#vehicle.change(vehicleId, (twin) => {
      const { desired, reported, revision } = namespaceOf(twin, name) ?? nothing;
      if (seenRevision !== undefined && revision !== seenRevision) return undefined;
      // A hub counts all that it keeps of a device; a twin of ours is to fit into every device cloud.
      if (patch !== null) {
        requireRoom({ desired: merged(desired, patch), reported });
        if (!platformTwins.includes(name)) requireRoomBeside(merged(ofPartners(twin), { [name]: patch }));
      }
      return [patchOf(name, patch, this.#clock.now())];
    });
  }

  async show(vehicleId: VehicleId, name: string, patches: readonly Settings[], order: number): Promise<void> {
    const at = this.#clock.now();
    const made = patches.map((patch) => patchOf(name, patch, at));
    await this.#vehicle.change(vehicleId, (twin) => inOrder(twin, name, order, made));
  }
}
