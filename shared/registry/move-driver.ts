import type { Clock, Instant } from '../kernel/clock.ts';
import type { MoveWorker } from './move-worker.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

/** A move is to be carried on, as of this version of its vehicle. */
export interface MoveCall {
  readonly vehicleId: VehicleId;
  readonly version: number;
}

export interface MoveCalls {
  /** May come twice, and earlier than asked for. */
  call(call: MoveCall, at: Instant, now: Instant): Promise<void>;
}

export interface MoveDriverPorts {
  readonly vehicles: Pick<VehicleRepository, 'load'>;
  readonly worker: Pick<MoveWorker, 'goOn'>;
  readonly calls: MoveCalls;
  readonly clock: Clock;
}

/**
 * Keeps moves going. Each version of a vehicle that is moving has one chain of calls: whoever changes the vehicle begins
 * the next one, and the one before ends.
 */
export class MoveDriver {
  readonly #ports: MoveDriverPorts;

  constructor(ports: MoveDriverPorts) {
    this.#ports = ports;
  }

  /** @returns `overtaken` where the vehicle has changed: there is a newer call for it; `over` where it is not moving */
  async drive(call: MoveCall): Promise<'waits' | 'overtaken' | 'over'> {
    const { worker, calls, clock } = this.#ports;
    if (!(await this.#isPresent(call))) return 'overtaken';
    const next = await worker.goOn(call.vehicleId);
    // Whatever it has noted began a chain of its own.
    if (!(await this.#isPresent(call))) return 'overtaken';
    if (next === undefined) return 'over';
    const now = clock.now();
    await calls.call(call, next, now);
    return 'waits';
  }

  async #isPresent({ vehicleId, version }: MoveCall): Promise<boolean> {
    const vehicle = await this.#ports.vehicles.load(vehicleId);
    return vehicle !== undefined && vehicle.version <= version;
  }
}
