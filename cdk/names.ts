import { type ProvisionedNames, provisionedNames } from '#shared/vehicle-cloud/provisioned-names.ts';
import { rotationTemplateName } from '#shared/vehicle-cloud/topics.ts';

/**
 * The one author of the names that must be fixed, because something outside the template says them: a
 * vehicle's policy, the provisioning template's body, an operator's command line.
 * Tables have none: a fixed name would stand in the way of a restored copy.
 */
export function named(stage: string, what: string): string {
  return `fleetloom-${stage}-${what}`;
}

export interface DeviceCloudNames extends ProvisionedNames {
  readonly claimPolicy: string;
  readonly provisioningTemplate: string;
  /** By which a vehicle changes its certificate. */
  readonly rotationTemplate: string;
}

export function deviceCloudNames(stage: string): DeviceCloudNames {
  return {
    ...provisionedNames(stage),
    claimPolicy: named(stage, 'claim'),
    provisioningTemplate: named(stage, 'vehicles'),
    rotationTemplate: rotationTemplateName(stage),
  };
}

/** Every vehicle is called `veh-…`, so a grant can name "any vehicle" without naming "anything". */
export const anyVehicle = 'veh-*';
