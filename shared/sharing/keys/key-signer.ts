import type { IssuerKey } from '../../vehicle-cloud/sharing-envelopes.ts';

/** Signs digital keys and statements: ES256 (RFC 9053, section 2.1). Its private half stays where it is. */
export interface KeySigner {
  /** Names the key in what it signs. */
  readonly kid: string;
  /** @returns r and s, 32 bytes each */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Who signs, and by what a vehicle knows it. */
export interface KeyIssuer {
  readonly signer: KeySigner;
  readonly key: IssuerKey;
}
