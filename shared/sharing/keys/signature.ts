/**
 * Whether the signature (r and s, 32 bytes each) over the bytes is that of the key (P-256, SPKI). False, never an error,
 * for a key that is none.
 */
export type Verify = (spki: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean;
