import type { CertificateStatus } from '#shared/registry/consequences.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import type { HubAccess } from './hub-cloud.ts';
import { isUnknownDevice, meaningOf } from './hub-failures.ts';
import { type HubVehicle, inOrder } from './hub-vehicle.ts';
import { inTime } from './patience.ts';

/** Who may connect: a hub knows no certificates of ours, only identities that are enabled or not. */
export class IdentityAccess implements HubAccess {
  readonly #registry: Pick<HubClients['registry'], 'get' | 'update'>;
  readonly #vehicle: HubVehicle;
  readonly #now: () => number;

  constructor({ registry }: Pick<HubClients, 'registry'>, vehicle: HubVehicle, now: () => number) {
    this.#registry = registry;
    this.#vehicle = vehicle;
    this.#now = now;
  }

  async set(vehicleId: VehicleId, status: CertificateStatus, order: number): Promise<void> {
    const twin = await this.#vehicle.require(vehicleId);
    // What was said before it left, and waited: it is let in elsewhere.
    if (inOrder(twin, 'access', order, []) === undefined || (status === 'ACTIVE' && twin.tags.left === true)) return;
    await this.#become(vehicleId, status === 'ACTIVE' ? 'enabled' : 'disabled');
    // Noted afterwards: what breaks off in between is done again. What came later meanwhile has noted more.
    let hasLeft = false;
    await this.#vehicle.change(vehicleId, (seen) => {
      hasLeft = seen.tags.left === true;
      return inOrder(seen, 'access', order, []);
    });
    if (hasLeft) await this.#become(vehicleId, 'disabled');
  }

  /** A disabled identity has lost its line already, and one that is enabled may have it: the newest line is the only one. */
  async disconnect(): Promise<void> {}

  async #become(vehicleId: VehicleId, status: 'enabled' | 'disabled'): Promise<void> {
    try {
      // The whole identity: a part of one would be given new keys.
      const { responseBody: identity } = await inTime(this.#registry.get(vehicleId));
      if (identity.status === status) return;
      await inTime(this.#registry.update({ ...identity, deviceId: vehicleId, status }));
    } catch (error) {
      if (!isUnknownDevice(error)) throw meaningOf(error, this.#now());
    }
  }
}
