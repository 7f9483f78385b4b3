import type { KeyAction } from '../../vehicle-cloud/sharing-envelopes.ts';

/** What a vehicle asks: 32 random bytes, good once and for half a minute. */
export const nonceBytes = 32;

const context = 'fleetloom digital key 1';

/**
 * What the phone signs to show that the token is its own: the context, the vehicle and the action, each ended by a zero,
 * then the vehicle's nonce and the SHA-256 of the token. An answer to one vehicle, for one action, under one token is none
 * to another, and a signature made for something else is no answer.
 *
 * @param tokenHash 32 bytes
 */
export function proofBytes(vehicleId: string, action: KeyAction, nonce: Uint8Array, tokenHash: Uint8Array): Uint8Array {
  if (nonce.length !== nonceBytes || tokenHash.length !== 32) throw new RangeError('A nonce and a hash have 32 bytes');
  const words = new TextEncoder().encode(`${context}\0${vehicleId}\0${action}\0`);
  return Uint8Array.from([...words, ...nonce, ...tokenHash]);
}
