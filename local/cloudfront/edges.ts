import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Behaviour, Distribution, Door } from './distribution.ts';
import { fits } from './wildcard.ts';

/** What the template says about the content delivery network: keys, who may sign with them, a distribution a door. */
export class Edges {
  readonly accountId: string;
  readonly #keys = new Map<string, KeyObject>();
  readonly #groups = new Map<string, readonly string[]>();
  readonly #distributions = new Map<Door, Distribution>();

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  /** @returns the key's id. @throws Error for anything but a public RSA key of 2,048 bits, as CloudFront's quota has it */
  putKey(name: string, pem: string): string {
    const key = createPublicKey(pem);
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (key.asymmetricKeyType !== 'rsa' || bits !== 2048) throw new Error('the public key is not RSA with 2048 bits');
    const id = idOf('K', `${name}${pem}`);
    this.#keys.set(id, key);
    return id;
  }

  putGroup(name: string, keyIds: readonly string[]): string {
    for (const id of keyIds) if (!this.#keys.has(id)) throw new Error(`the key group names ${id}, which is no key`);
    const id = idOf('G', name);
    this.#groups.set(id, keyIds);
    return id;
  }

  /** @throws Error for a second one behind a door: on AWS each has a host of its own */
  host(distribution: Distribution): void {
    const { door, id } = distribution;
    const known = this.#distributions.get(door);
    if (known !== undefined && known.id !== id) {
      throw new Error(`The local cloud serves one distribution that is ${door}; the template has a second one`);
    }
    for (const group of distribution.behaviours.flatMap(({ keyGroups }) => keyGroups)) {
      if (!this.#groups.has(group)) throw new Error(`a behaviour trusts ${group}, which is no key group`);
    }
    this.#distributions.set(door, distribution);
  }

  behind(door: Door): Distribution | undefined {
    return this.#distributions.get(door);
  }

  /** Of several that fit the first. @param path without the leading slash */
  behaviour(door: Door, path: string): Behaviour | undefined {
    return this.#distributions
      .get(door)
      ?.behaviours.find(({ pattern }) => pattern === undefined || fits(pattern.replace(/^\//, ''), path));
  }

  /** The key, where one of the groups trusts it. */
  trusted({ keyGroups }: Behaviour, keyPairId: string): KeyObject | undefined {
    const trusted = keyGroups.some((group) => this.#groups.get(group)?.includes(keyPairId));
    return trusted ? this.#keys.get(keyPairId) : undefined;
  }
}

/** Fourteen capitals and digits, the same at every start. */
export function idOf(kind: 'E' | 'G' | 'K', name: string): string {
  const number = BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 32)}`);
  return `${kind}${number.toString(36).toUpperCase().slice(0, 13)}`;
}
