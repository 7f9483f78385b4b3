import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rsaKey } from '#local/rsa-keys.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { keyArn, keyIdOf } from './key-name.ts';

export const keySpecs = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'ECC_NIST_P256'] as const;
export type KeySpec = (typeof keySpecs)[number];

interface StoredKey {
  readonly spec: KeySpec;
  /** PKCS #8. */
  readonly pem: string;
}

/** A key that signs and never leaves. */
export interface SigningKey {
  readonly keyId: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly privateKey: KeyObject;
  /** SPKI. */
  readonly publicKey: KeyObject;
}

/** The account's asymmetric keys, kept like everything else in the state directory. */
export class SigningKeys {
  readonly #place: { readonly region: string; readonly accountId: string };
  readonly #stored: Collection<StoredKey>;
  readonly #keys = new Map<string, SigningKey>();
  readonly #aliases = new Map<string, string>();

  constructor({ state, ...place }: { region: string; accountId: string; state: State }) {
    this.#place = place;
    this.#stored = state.collection('kms/keys');
  }

  /** The key of this name: the one made before, or a new one. @throws Error for another spec than it was made with */
  ensure(name: string, spec: KeySpec): SigningKey {
    const keyId = keyIdOf(name);
    const stored = this.#stored.get(keyId) ?? { spec, pem: generated(keyId, spec) };
    if (stored.spec !== spec) throw new Error(`the key is ${stored.spec} and cannot become ${spec}`);
    this.#stored.set(keyId, stored);
    const privateKey = createPrivateKey(stored.pem);
    const arn = keyArn(this.#place, keyId);
    const key = { keyId, arn, spec, privateKey, publicKey: createPublicKey(privateKey) };
    this.#keys.set(keyId, key);
    return key;
  }

  /** @param alias `alias/…` */
  name(alias: string, keyReference: string): void {
    const key = this.find(keyReference);
    if (key === undefined) throw new Error(`the alias ${alias} names a key that does not exist: ${keyReference}`);
    this.#aliases.set(alias, key.keyId);
  }

  /** By key id, alias, or the ARN of either. */
  find(reference: string): SigningKey | undefined {
    const name = reference.startsWith('arn:') ? reference.split(':').slice(5).join(':') : reference;
    const keyId = name.startsWith('alias/') ? this.#aliases.get(name) : name.replace(/^key\//, '');
    return keyId === undefined ? undefined : this.#keys.get(keyId);
  }
}

function generated(keyId: string, spec: KeySpec): string {
  const privateKey =
    spec === 'ECC_NIST_P256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : rsaKey(`kms ${keyId}`, Number(spec.slice('RSA_'.length)));
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
