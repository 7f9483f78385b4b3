/** The twin through which the platform, and nobody else, asks a vehicle to change its certificate. */
export const certificateTwin = 'certificate';

/** What is desired in it. The vehicle reports the same `replace` once it has given that certificate up. */
export interface CertificateWish {
  /** Id of the certificate that is to be given up: said twice or late, it asks for nothing new. */
  readonly replace: string;
  /** Where the next one is registered, for a vehicle that provisioning did not tell. */
  readonly topic: string;
}
