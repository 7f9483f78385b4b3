import type { Caller } from '../access/caller.ts';
import { type HomeName, noSuchHome } from './home.ts';
import { calledBack, sentTo } from './move.ts';
import type { Obstacles } from './move-ports.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { KnownVehicle, VehicleService } from './vehicle-service.ts';

export interface MovePorts {
  readonly vehicles: VehicleService;
  readonly obstacles: Obstacles;
  /** Every home of the deployment. */
  readonly homes: readonly HomeName[];
}

/** Has vehicles moved to another device cloud. What is asked for here is carried out by `MoveWorker`. */
export class MoveService {
  readonly #ports: MovePorts;

  constructor(ports: MovePorts) {
    this.#ports = ports;
  }

  /** A vehicle that is there, or on its way there, is left alone. */
  async send(caller: Caller, vehicleId: VehicleId, to: HomeName): Promise<KnownVehicle> {
    const { vehicles, obstacles, homes } = this.#ports;
    await vehicles.require(caller, vehicleId);
    if (!homes.includes(to)) throw noSuchHome(to, homes, '/to');
    const obstacle = await obstacles.of(vehicleId);
    return vehicles.change(caller, vehicleId, (vehicle, now) => sentTo(vehicle, to, obstacle, now));
  }

  /** A vehicle that is not on its way is left alone. */
  callBack(caller: Caller, vehicleId: VehicleId): Promise<KnownVehicle> {
    return this.#ports.vehicles.change(caller, vehicleId, (vehicle, now) => calledBack(vehicle, now));
  }
}
