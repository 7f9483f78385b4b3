/** What every vehicle of the AWS device cloud is given by name, whoever makes it known there. */
export interface ProvisionedNames {
  readonly thingType: string;
  readonly allVehicles: string;
  /** Followed by the brand's slug. */
  readonly brandPrefix: string;
  readonly messagesPolicy: string;
  readonly shadowsPolicy: string;
  readonly updatesPolicy: string;
}

export function provisionedNames(stage: string): ProvisionedNames {
  const of = (what: string) => `fleetloom-${stage}-${what}`;
  return {
    thingType: of('vehicle'),
    allVehicles: of('vehicles'),
    brandPrefix: of('brand-'),
    messagesPolicy: of('vehicle-messages'),
    shadowsPolicy: of('vehicle-shadows'),
    updatesPolicy: of('vehicle-updates'),
  };
}
