import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '#local/clock.ts';
import { certificateIdOf } from '#local/iot/authority/fingerprint.ts';

/** The certificate that a client has proven to hold the key of. */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  readonly certificateId: string;
}

/**
 * What a client may come in with: a certificate of our authority, or one of any other that somebody has registered.
 * AWS IoT looks for the latter in the account whose endpoint the client has named, and so wants to be told that
 * ("Register a client certificate signed by an unregistered CA": the client must send the SNI extension).
 */
export function shownCertificate(
  socket: TLSSocket,
  isRegistered: (certificateId: string) => boolean,
): ShownCertificate | undefined {
  const { raw } = socket.getPeerCertificate();
  if (raw === undefined) return undefined;
  const shown = { certificate: new X509Certificate(raw), certificateId: certificateIdOf(raw) };
  if (socket.authorized) return shown;
  const isKnown = serverNameOf(socket) !== undefined && isRegistered(shown.certificateId);
  return isKnown && isGoodNow(shown.certificate) ? shown : undefined;
}

/** Node says `false` for a client that named no server. */
export function serverNameOf({ servername }: TLSSocket): string | undefined {
  return typeof servername === 'string' ? servername : undefined;
}

/** TLS counts real time. */
function isGoodNow({ validFrom, validTo }: X509Certificate): boolean {
  const now = systemClock.now();
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}
