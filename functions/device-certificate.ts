import { createHash, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import type { DeviceCertificate } from '#shared/registry/vehicle.ts';

/** AWS IoT Core, "Pre-provisioning hooks", payload version 2020-04-01. */
export const hookRequest = {
  certificateId: z.string().check(z.minLength(1)),
  certificatePem: z.string(),
  clientId: z.string(),
};

/**
 * What the registry keeps of a certificate. The pin is over the public key (SPKI, DER), so that it can be known
 * before there is a certificate.
 *
 * @param certificatePem throws where it is none
 */
export function deviceCertificate(certificateId: string, certificatePem: string): DeviceCertificate {
  const certificate = new X509Certificate(certificatePem);
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    certificateId,
    deviceKeySha256: createHash('sha256').update(key).digest('hex'),
    expiresAt: Date.parse(certificate.validTo),
  };
}
