import { Failure } from '../kernel/failure.ts';
import type { VehicleEraser } from '../registry/vehicle-eraser.ts';
import type { Erasure } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/** The vehicle and the entry of its VIN. It goes first: what is not registered, nobody reports for or commands. */
export class RegistrationStep implements ErasureStep {
  readonly category = 'registration';
  readonly where = 'Registry';
  readonly #eraser: VehicleEraser;

  constructor(eraser: VehicleEraser) {
    this.#eraser = eraser;
  }

  async find({ subject }: Erasure): Promise<Found> {
    if (subject.kind !== 'vehicle') return { keys: [] };
    const vehicle = await this.#eraser.load(subject.vehicleId);
    return vehicle === undefined ? { keys: [] } : { keys: ['vehicle', 'vin'] };
  }

  async erase({ subject, erasureId }: Erasure): Promise<void> {
    if (subject.kind !== 'vehicle') return;
    const vehicle = await this.#eraser.load(subject.vehicleId);
    if (vehicle === undefined || (await this.#eraser.erase(vehicle, erasureId))) return;
    throw new Failure('unavailable', 'contended', 'The vehicle was changed while it was erased.');
  }
}
