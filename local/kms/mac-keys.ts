import { createHmac, randomBytes } from 'node:crypto';
import type { Collection, State } from '#local/state/collection.ts';
import { keyArn, keyIdOf } from './key-name.ts';

/** A key that makes message authentication codes and never leaves. */
export interface MacKey {
  readonly keyId: string;
  readonly arn: string;
  mac(message: Buffer): Buffer;
}

/** The account's HMAC_256 keys, kept like everything else in the state directory. */
export class MacKeys {
  readonly #place: { readonly region: string; readonly accountId: string };
  readonly #stored: Collection<{ readonly hex: string }>;
  readonly #keys = new Map<string, MacKey>();

  constructor({ state, ...place }: { region: string; accountId: string; state: State }) {
    this.#place = place;
    this.#stored = state.collection('kms/mac-keys');
  }

  /** The key of this name: the one made before, or a new one. */
  ensure(name: string): MacKey {
    const keyId = keyIdOf(name);
    const { hex } = this.#stored.get(keyId) ?? { hex: randomBytes(32).toString('hex') };
    this.#stored.set(keyId, { hex });
    const secret = Buffer.from(hex, 'hex');
    const mac = (message: Buffer) => createHmac('sha256', secret).update(message).digest();
    const key = { keyId, arn: keyArn(this.#place, keyId), mac };
    this.#keys.set(keyId, key);
    return key;
  }

  /** By key id or ARN. */
  find(reference: string): MacKey | undefined {
    return this.#keys.get(reference.slice(reference.lastIndexOf('/') + 1));
  }
}
