import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { HubClients } from './hub-clients.ts';
import type { HubHome, HubVehicleName } from './hub-cloud.ts';
import { isUndone, isUnknownDevice, meaningOf } from './hub-failures.ts';
import { HubVehicle } from './hub-vehicle.ts';
import { inTime } from './patience.ts';
import { type HubTwin, wishedIn } from './twin-namespace.ts';

type Registry = HubClients['registry'];
type Identity = Awaited<ReturnType<Registry['get']>>['responseBody'];

/**
 * A vehicle's identity under one epoch, which stands in its tags. Whoever comes with a later epoch makes a new identity,
 * so that the identity's own etag, by which it is changed and removed here, stands for what the tags were seen to say.
 */
export class IdentityHome implements HubHome {
  readonly #home: Home;
  readonly #registry: Pick<Registry, 'create' | 'get' | 'removeDevices' | 'updateDevices'>;
  readonly #vehicle: HubVehicle;
  readonly #ofAnyEpoch: HubVehicle;
  readonly #clock: Clock;

  constructor(home: Home, clients: Pick<HubClients, 'registry'>, clock: Clock) {
    this.#home = home;
    this.#registry = clients.registry;
    this.#vehicle = new HubVehicle(clients, clock, home.epoch);
    this.#ofAnyEpoch = new HubVehicle(clients, clock, Number.POSITIVE_INFINITY);
    this.#clock = clock;
  }

  async letIn(vehicle: HubVehicleName, thumbprint: string): Promise<void> {
    const { vehicleId } = vehicle;
    const authentication = {
      type: 'selfSigned' as const,
      x509Thumbprint: { primaryThumbprint: thumbprint, secondaryThumbprint: thumbprint },
    };
    await untilSaved(async () => {
      // Nothing that comes from it may leave the hub before its tags say of which stay it is.
      const closed = { deviceId: vehicleId, status: 'disabled' as const, authentication };
      const identity = (await this.#find(vehicleId)) ?? (await this.#made(closed));
      if (identity === undefined) return undefined;
      const tags = await this.#tagged(vehicle);
      if (tags === undefined) return undefined;
      const { home, orders } = tags;
      if (home.epoch > this.#home.epoch) return true;
      if (home.epoch < this.#home.epoch) {
        await this.#remove(identity);
        return undefined;
      }
      // The platform has had its say about who may connect: it has come, and this is late.
      if (Object.hasOwn(orders, 'access')) return true;
      const known = identity.authentication?.x509Thumbprint?.primaryThumbprint;
      if (identity.status === 'enabled' && known?.toLowerCase() === thumbprint) return true;
      return (await this.#changed({ ...identity, status: 'enabled', authentication })) || undefined;
    });
  }

  async twinNames(vehicleId: VehicleId): Promise<readonly string[]> {
    const twin = await this.#vehicle.read(vehicleId);
    return twin === undefined ? [] : wishedIn(twin);
  }

  async shutOut(vehicleId: VehicleId): Promise<void> {
    await this.#ifOurs(vehicleId, async (identity) => {
      // Noted first: an order that has waited for the hub must not let it in again.
      const isThere = await isKnown(
        this.#vehicle.change(vehicleId, ({ tags }) => (tags.left ? undefined : [departed])),
      );
      // A hub ends the line of a device that it disables.
      return !isThere || identity.status === 'disabled' || this.#changed({ ...identity, status: 'disabled' });
    });
  }

  async forget(vehicleId: VehicleId): Promise<void> {
    await this.#ifOurs(vehicleId, (identity) => this.#remove(identity));
  }

  /** @param act false: it is another identity by now */
  async #ifOurs(vehicleId: VehicleId, act: (identity: Identity) => Promise<boolean>): Promise<void> {
    await untilSaved(async () => {
      const identity = await this.#find(vehicleId);
      if (identity === undefined) return true;
      const twin = await this.#vehicle.read(vehicleId);
      return twin === undefined || (await act(identity)) || undefined;
    });
  }

  /** What the tags say, after they say something; undefined where the identity has gone meanwhile. */
  async #tagged({ vehicleId, brand, market }: HubVehicleName) {
    const { name, epoch } = this.#home;
    let seen: HubTwin['tags'] | undefined;
    const change = this.#ofAnyEpoch.change(vehicleId, ({ tags }) => {
      seen = tags;
      if (tags.home === undefined) return [{ tags: { vehicleId, brand, market, home: { name, epoch } } }];
      return tags.home.epoch === epoch && tags.left ? [{ tags: { left: null } }] : undefined;
    });
    if (!(await isKnown(change)) || seen === undefined) return undefined;
    return { orders: seen.orders, home: seen.home ?? { epoch } };
  }

  async #find(vehicleId: VehicleId): Promise<Identity | undefined> {
    try {
      return (await inTime(this.#registry.get(vehicleId))).responseBody;
    } catch (error) {
      if (isUnknownDevice(error)) return undefined;
      throw meaningOf(error, this.#clock.now());
    }
  }

  /** Undefined where somebody else was faster. */
  async #made(identity: Parameters<Registry['create']>[0]): Promise<Identity | undefined> {
    try {
      return (await inTime(this.#registry.create(identity))).responseBody;
    } catch (error) {
      if (error instanceof Error && error.name === 'DeviceAlreadyExistsError') return undefined;
      throw meaningOf(error, this.#clock.now());
    }
  }

  #changed(identity: Identity): Promise<boolean> {
    return this.#done(this.#registry.updateDevices([identity], false));
  }

  #remove(identity: Identity): Promise<boolean> {
    return this.#done(this.#registry.removeDevices([identity], false));
  }

  /** Several at once is the only way to change an identity for which its etag counts. */
  async #done(call: ReturnType<Registry['updateDevices']>): Promise<boolean> {
    try {
      return (await inTime(call)).responseBody.isSuccessful;
    } catch (error) {
      if (isUndone(error)) return false;
      throw meaningOf(error, this.#clock.now());
    }
  }
}

const departed = { tags: { left: true } };

/** Whether there was a twin to be changed. */
async function isKnown(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'vehicle-not-provisioned') return false;
    throw error;
  }
}
