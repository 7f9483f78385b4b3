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

/** SHA-256 over the DER, hex: as every device cloud names it. Undefined where it is no certificate. */
export function certificateIdOf(certificatePem: string): string | undefined {
  try {
    return createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('hex');
  } catch {
    return undefined;
  }
}

/** The certificate that a device of a plant has, where it names this vehicle as its one common name. */
export function offeredCertificate(certificatePem: string, vehicleId: string): DeviceCertificate | undefined {
  try {
    const { raw, subject } = new X509Certificate(certificatePem);
    if (!subject.split('\n').includes(`CN=${vehicleId}`)) return undefined;
    return deviceCertificate(createHash('sha256').update(raw).digest('hex'), certificatePem);
  } catch {
    return undefined;
  }
}
