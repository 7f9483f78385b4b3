import type { CertificateStatus } from '#shared/registry/consequences.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import { isUnknownDevice, meaningOf } from './hub-failures.ts';
import type { HubTwins } from './hub-twins.ts';

/** Who may connect: a hub knows no certificates, only identities that are enabled or not. */
export class HubAccess {
  readonly #registry: Pick<HubClients['registry'], 'get' | 'update'>;
  readonly #twins: Pick<HubTwins, 'read'>;
  readonly #now: () => number;

  constructor({ registry }: Pick<HubClients, 'registry'>, twins: Pick<HubTwins, 'read'>, now: () => number) {
    this.#registry = registry;
    this.#twins = twins;
    this.#now = now;
  }

  /** A disabled identity loses its connection at once. */
  async setCertificate(vehicleId: VehicleId, certificateId: string, status: CertificateStatus): Promise<void> {
    const twin = await this.#twins.read(vehicleId);
    if (twin === undefined) return;
    // A certificate whose place another took is not what the vehicle connects with.
    const present = twin.tags.certificateId;
    if (present !== undefined && present !== certificateId) return;
    await this.#become(vehicleId, status === 'ACTIVE' ? 'enabled' : 'disabled');
  }

  async #become(vehicleId: VehicleId, status: 'enabled' | 'disabled'): Promise<void> {
    try {
      // The whole identity: a part of one would be given new keys.
      const { responseBody: identity } = await this.#registry.get(vehicleId);
      if (identity.status === status) return;
      await this.#registry.update({ ...identity, deviceId: vehicleId, status });
    } catch (error) {
      if (!isUnknownDevice(error)) throw meaningOf(error, this.#now());
    }
  }
}
