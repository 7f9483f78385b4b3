import { Construct } from 'constructs';
import { anyVehicle } from '../names.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { iotArn } from '../parts/iot-arn.ts';

/** Desired and reported settings: the device cloud keeps them, so there is nothing here but the grants. */
export class Twins extends Construct {
  serve(api: HouseFunction): void {
    const shadows = [`thing/${anyVehicle}`, `thing/${anyVehicle}/*`].map((shadow) => iotArn(this, shadow));
    api.may(['iot:GetThingShadow', 'iot:UpdateThingShadow'], ...shadows);
  }
}
