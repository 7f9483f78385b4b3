import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { type Rotation, type RotationRequest, rotation } from './rotation.ts';
import { isVehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

/** Vehicles that change their certificate by themselves. */
export class RotationService {
  readonly #vehicles: VehicleRepository;
  readonly #clock: Clock;

  constructor(vehicles: VehicleRepository, clock: Clock) {
    this.#vehicles = vehicles;
    this.#clock = clock;
  }

  /** @param clientId the name under which the connection stands: anything at all */
  async admit(clientId: string, request: RotationRequest): Promise<Rotation> {
    if (!isVehicleId(clientId)) return { admitted: false, reason: 'not-registered' };
    return untilSaved(async () => {
      const seen = await this.#vehicles.load(clientId);
      const decision = rotation(seen, request, this.#clock.now());
      if (!decision.admitted || seen === undefined || decision.vehicle === seen) return decision;
      return (await this.#vehicles.save(decision.vehicle, seen.version)) ? decision : undefined;
    });
  }
}
