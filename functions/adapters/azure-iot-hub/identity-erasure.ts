import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import type { HubErasure } from './hub-cloud.ts';
import { isUnknownDevice, meaningOf } from './hub-failures.ts';
import type { HubVehicle } from './hub-vehicle.ts';
import { inTime } from './patience.ts';
import { namesIn } from './twin-namespace.ts';

/** What a hub keeps of a vehicle: its twin, and the identity with whatever waits for it. */
export class IdentityErasure implements HubErasure {
  readonly #registry: Pick<HubClients['registry'], 'get' | 'delete'>;
  readonly #vehicle: HubVehicle;
  readonly #now: () => number;

  /** @param vehicle of whatever epoch: erasure looks everywhere */
  constructor({ registry }: Pick<HubClients, 'registry'>, vehicle: HubVehicle, now: () => number) {
    this.#registry = registry;
    this.#vehicle = vehicle;
    this.#now = now;
  }

  async find(vehicleId: VehicleId, what: 'twins' | 'identity'): Promise<{ readonly keys: readonly string[] }> {
    const twin = await this.#vehicle.read(vehicleId);
    if (twin === undefined) return { keys: [] };
    return { keys: what === 'twins' ? namesIn(twin) : [vehicleId] };
  }

  async erase(vehicleId: VehicleId, what: 'twins' | 'identity', keys: readonly string[]): Promise<void> {
    // What a vehicle reported only the vehicle can change: its half goes with the identity.
    if (what === 'twins' || keys.length === 0) return this.#wishes(vehicleId, keys);
    try {
      await inTime(this.#registry.delete(vehicleId));
    } catch (error) {
      if (!isUnknownDevice(error)) throw meaningOf(error, this.#now());
    }
  }

  async #wishes(vehicleId: VehicleId, names: readonly string[]): Promise<void> {
    if (names.length === 0 || (await this.#vehicle.read(vehicleId)) === undefined) return;
    const gone = Object.fromEntries(names.map((name) => [name, null]));
    await this.#vehicle.change(vehicleId, () => [{ properties: { desired: { ...gone, stamps: gone } } }]);
  }
}
