import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnThingGroup, CfnThingType } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { deviceCloudNames } from '../names.ts';
import type { Settings } from '../settings.ts';

/** The thing type and the groups: vehicles belong to them, so they stay when the stack goes. */
export class Fleet extends Construct {
  constructor(scope: Construct, id: string, { stage, brands }: Settings) {
    super(scope, id);
    const names = deviceCloudNames(stage);
    const lasting = [
      new CfnThingType(this, 'VehicleType', {
        thingTypeName: names.thingType,
        thingTypeProperties: { thingTypeDescription: 'A vehicle of the Fleetloom platform' },
      }),
      new CfnThingGroup(this, 'AllVehicles', {
        thingGroupName: names.allVehicles,
        thingGroupProperties: { thingGroupDescription: 'Every vehicle' },
      }),
      ...brands.map(
        ({ slug }) =>
          new CfnThingGroup(this, `Brand-${slug}`, {
            thingGroupName: `${names.brandPrefix}${slug}`,
            // AWS IoT takes ASCII here: no Škoda, no Citroën.
            thingGroupProperties: { thingGroupDescription: `Vehicles of the brand ${slug}` },
          }),
      ),
    ];
    for (const resource of lasting) resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
