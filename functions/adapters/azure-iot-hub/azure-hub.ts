import type { Clock } from '#shared/kernel/clock.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Home } from '#shared/registry/home.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import type { FleetQuery } from '#shared/vehicle-cloud/fleet-query.ts';
import { IdentityAccess } from './hub-access.ts';
import type { HubClients } from './hub-clients.ts';
import type { HubCloud, HubErasure, HubHome, HubVehicles } from './hub-cloud.ts';
import { meaningOf } from './hub-failures.ts';
import { HubMessages } from './hub-messages.ts';
import { conditionOf } from './hub-query.ts';
import { HubTwins } from './hub-twins.ts';
import { HubVehicle } from './hub-vehicle.ts';
import { IdentityErasure } from './identity-erasure.ts';
import { IdentityHome } from './identity-home.ts';
import { inTime } from './patience.ts';
import { TwinRollouts } from './twin-rollouts.ts';

/** One IoT Hub behind the port of device clouds. */
export class AzureHub implements HubCloud {
  readonly host: string;
  readonly erasure: HubErasure;
  readonly #clients: HubClients;
  readonly #clock: Clock;

  constructor(clients: HubClients, clock: Clock) {
    this.host = clients.host;
    this.#clients = clients;
    this.#clock = clock;
    const ofAnyEpoch = new HubVehicle(clients, clock, Number.POSITIVE_INFINITY);
    this.erasure = new IdentityErasure(clients, ofAnyEpoch, () => clock.now());
  }

  homeOf(home: Home): HubHome {
    return new IdentityHome(home, this.#clients, this.#clock);
  }

  vehiclesOf(epoch: number): HubVehicles {
    const [clients, clock] = [this.#clients, this.#clock];
    const vehicle = new HubVehicle(clients, clock, epoch);
    return {
      twins: new HubTwins(vehicle, clock),
      messages: new HubMessages(clients, vehicle, clock),
      access: new IdentityAccess(clients, vehicle, () => clock.now()),
      rollouts: new TwinRollouts(vehicle),
    };
  }

  /** From the hub's index, which lags behind: nothing may be decided by it alone. */
  async query(query: FleetQuery, { limit, from }: PageRequest): Promise<Page<VehicleId>> {
    const sql = `SELECT deviceId FROM devices WHERE ${conditionOf(query)}`;
    try {
      const asked = this.#clients.registry.createQuery(sql, limit);
      const { result } = await inTime(from === undefined ? asked.next() : asked.next(from));
      const found: readonly { readonly deviceId?: unknown }[] = result;
      const items = found.flatMap(({ deviceId }) =>
        typeof deviceId === 'string' && isVehicleId(deviceId) ? [deviceId] : [],
      );
      return { items, ...(asked.hasMoreResults && { next: asked.continuationToken }) };
    } catch (error) {
      throw meaningOf(error, this.#clock.now());
    }
  }
}
