import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** The certificate a client has shown, and those above it that it sent along. */
export interface ShownChain {
  readonly certificate: X509Certificate;
  readonly above: readonly X509Certificate[];
}

const longestChain = 4;

/** Undefined: the client has shown none. That it holds the key was proven by TLS, the chain is proven by nobody. */
export function shownChain(socket: TLSSocket): ShownChain | undefined {
  const peer = socket.getPeerCertificate(true);
  if (peer.raw === undefined) return undefined;
  const above: X509Certificate[] = [];
  let current = peer;
  while (above.length < longestChain) {
    const next = current.issuerCertificate;
    if (next?.raw === undefined || next === current) break;
    above.push(new X509Certificate(next.raw));
    current = next;
  }
  return { certificate: new X509Certificate(peer.raw), above };
}

/** Whether a chain ends at one of the authorities, every certificate of it good now. */
export function isIssuedBy({ certificate, above }: ShownChain, authorities: readonly X509Certificate[], now: number) {
  let current = certificate;
  for (let depth = 0; depth <= longestChain; depth += 1) {
    if (!isGoodAt(current, now)) return false;
    const subject = current;
    if (authorities.some((authority) => isGoodAt(authority, now) && hasIssued(authority, subject))) return true;
    const issuer = above.find((candidate) => candidate !== subject && hasIssued(candidate, subject));
    if (issuer === undefined) return false;
    current = issuer;
  }
  return false;
}

/** The `CN` of its subject; undefined where there is none or several. */
export function commonNameOf(certificate: X509Certificate): string | undefined {
  const names = certificate.subject.split('\n').filter((line) => line.startsWith('CN='));
  return names.length === 1 ? names[0]?.slice('CN='.length) : undefined;
}

export function isGoodAt({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}

function hasIssued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
