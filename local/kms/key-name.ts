import { createHash } from 'node:crypto';

/** In the form of a UUID, and the same at every start. */
export function keyIdOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export function keyArn(place: { readonly region: string; readonly accountId: string }, keyId: string): string {
  return `arn:aws:kms:${place.region}:${place.accountId}:key/${keyId}`;
}
