import { createHmac, timingSafeEqual } from 'node:crypto';

/** `SharedAccessSignature sr=<resource>&sig=<signature>&se=<expiry>[&skn=<policy>]` */
export interface SharedAccessSignature {
  /** As it was signed, percent-encoded or not. */
  readonly signedResource: string;
  /** Decoded. */
  readonly resource: string;
  readonly signature: Buffer;
  /** Seconds since the Unix epoch, as it was signed. */
  readonly expiry: string;
  /** The policy whose key signed; undefined: the device's own. */
  readonly policy: string | undefined;
}

/** Undefined: this is none. */
export function parseSas(text: string): SharedAccessSignature | undefined {
  const fields = /^SharedAccessSignature\s+(.+)$/.exec(text)?.[1];
  if (fields === undefined) return undefined;
  const values = new Map<string, string>();
  for (const field of fields.split('&')) {
    const [, name, value] = /^([a-z]+)=(.*)$/s.exec(field) ?? [];
    if (name === undefined || value === undefined || values.has(name)) return undefined;
    values.set(name, value);
  }
  const [signedResource, sig, expiry] = [values.get('sr'), values.get('sig'), values.get('se')];
  if (!signedResource || !sig || expiry === undefined || !/^\d{1,15}$/.test(expiry)) return undefined;
  const [resource, signature, policy] = [signedResource, sig, values.get('skn')].map(decoded);
  if (resource === undefined || signature === undefined) return undefined;
  return { signedResource, resource, signature: Buffer.from(signature, 'base64'), expiry, policy: policy || undefined };
}

/** @param keys in base64; one of them has signed */
export function isSignedBy(
  { signedResource, expiry, signature }: SharedAccessSignature,
  keys: readonly string[],
): boolean {
  return keys.some((key) => {
    const expected = hmac(key, `${signedResource}\n${expiry}`);
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  });
}

/** TLS and signatures keep this machine's time, as callers outside do, wherever the cloud's clock stands. */
export function isExpired({ expiry }: SharedAccessSignature, now: number = Date.now()): boolean {
  return Number(expiry) * 1000 <= now;
}

/** True where the signed resource is `wanted` or lies above it: a hub's signature is good for its devices. */
export function covers({ resource }: SharedAccessSignature, wanted: string): boolean {
  const [above, below] = [hostInLowerCase(resource), hostInLowerCase(wanted)];
  return below === above || below.startsWith(`${above}/`);
}

/** The names of devices are told apart by case, those of hosts are not. */
const hostInLowerCase = (resource: string) => resource.replace(/^[^/]*/, (host) => host.toLowerCase());

/** @param expiresAt ms since the Unix epoch */
export function signSas(resource: string, key: string, expiresAt: number, policy?: string): string {
  const [sr, se] = [encodeURIComponent(resource), String(Math.ceil(expiresAt / 1000))];
  const sig = encodeURIComponent(hmac(key, `${sr}\n${se}`).toString('base64'));
  return `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}${policy === undefined ? '' : `&skn=${policy}`}`;
}

function hmac(key: string, text: string): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest();
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
