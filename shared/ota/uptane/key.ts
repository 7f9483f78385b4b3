/**
 * Public keys and signatures as Uptane metadata writes them. The cryptography itself is a port: `node:crypto` in
 * vehicle, command line and function, KMS for the cloud's online roles.
 */
export type SignatureScheme = 'ed25519' | 'rsassa-pss-sha256' | 'rsassa-pss-sha512';

export const signatureSchemes: readonly SignatureScheme[] = ['ed25519', 'rsassa-pss-sha256', 'rsassa-pss-sha512'];

export interface PublicKey {
  readonly keytype: 'ed25519' | 'rsa';
  readonly scheme: SignatureScheme;
  /** ed25519: the 32 bytes in hex (base64 and PEM are read as well). RSA: PEM, `BEGIN PUBLIC KEY`. */
  readonly keyval: { readonly public: string };
}

export interface Signature {
  readonly keyid: string;
  readonly method: SignatureScheme;
  /** Hex, or base64. */
  readonly sig: string;
}

export type HashAlgorithm = 'sha256' | 'sha512';

/** Hex by algorithm. Algorithms that nobody here computes are compared, never trusted alone. */
export type Hashes = Readonly<Record<string, string>>;

export interface Digests {
  /** Hex, lower case. */
  digest(algorithm: HashAlgorithm, bytes: Uint8Array): string;
}

export interface Cryptography extends Digests {
  /** False for whatever is not a signature of this key over these bytes; never throws. */
  verify(key: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * Signs with a key that stays where it is. RSA: PSS over the bytes' digest with a salt of the digest's length
 * (RFC 8017 9.1), which a KMS key does with the message type `DIGEST`.
 */
export interface Signer {
  readonly keyid: string;
  readonly scheme: SignatureScheme;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
