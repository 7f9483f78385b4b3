import { Construct } from 'constructs';
import { anyVehicle } from '../names.ts';
import type { HouseFunction } from '../parts/house-function.ts';

/** Desired and reported settings: the device cloud keeps them, so there is nothing here but the grants. */
export class Twins extends Construct {
  serve(api: HouseFunction): void {
    // The classic shadow is `thing/<vehicle>`, a named one `thing/<vehicle>/<name>`.
    const shadows = [`thing/${anyVehicle}`, `thing/${anyVehicle}/*`];
    api.mayInIot(['iot:GetThingShadow', 'iot:UpdateThingShadow'], shadows, 'Any vehicle has twins, under any name.');
  }
}
