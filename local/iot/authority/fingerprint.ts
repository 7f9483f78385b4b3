import { createHash, X509Certificate } from 'node:crypto';

/** The id that AWS IoT gives a certificate: SHA-256 over its DER, in lower-case hex. */
export function certificateIdOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex');
}

/** SHA-256 over the certificate's public key (SPKI, DER), in lower-case hex: the same for every certificate of a key. */
export function devicePublicKeySha256(certificatePem: string): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex');
}
