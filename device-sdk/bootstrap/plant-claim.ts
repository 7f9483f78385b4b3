/** What the factory gives a vehicle of Azure: where the provisioning service is, and the plant that signs for its key. */
export interface PlantClaim {
  /** Host name of the provisioning service, with a port where it is not 8883. */
  readonly provisioningHost: string;
  /** The ID scope of the provisioning service. */
  readonly scope: string;
  /** PEM file of the authority that signed the service's certificate; default: the system's trust store. */
  readonly caFile?: string;
  /**
   * Has the plant's authority sign for the key that the vehicle has made: it gets a PKCS#10 request (PEM) and answers
   * with the certificate (PEM): first the vehicle's own, whose common name is the vehicleId that the registry gave, then
   * those between it and the root. May be asked again for the same key.
   *
   * @throws ProvisioningRefused where the plant will never sign for this vehicle; anything else counts as a bad network
   */
  readonly plant: (signingRequestPem: string) => Promise<string>;
}
