import { timingSafeEqual } from 'node:crypto';
import type { Collection } from '#local/state/collection.ts';
import { drawn } from './drawn.ts';
import type { PasswordPolicy } from './people/password.ts';
import type { SigningKey } from './signing-key.ts';

/** An OAuth2 client of a pool. */
export interface PoolClient {
  readonly poolId: string;
  readonly name: string;
  readonly clientId: string;
  /** Only with `GenerateSecret`. */
  readonly clientSecret: string | undefined;
  readonly flows: readonly string[];
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly people: PeopleSettings;
}

/** How people use a client. */
export interface PeopleSettings {
  /** `ALLOW_USER_PASSWORD_AUTH` … */
  readonly authFlows: readonly string[];
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  readonly revocation: boolean;
  /** Whether a wrong name is answered like a wrong password. */
  readonly hidesUsers: boolean;
}

export interface UserPool {
  readonly poolId: string;
  readonly name: string;
  readonly key: SigningKey;
  /** Without a domain a pool has no token endpoint. */
  domain: string | undefined;
  /** `<resource server>/<scope>`. */
  readonly scopes: Set<string>;
  readonly caseSensitive: boolean;
  readonly passwordPolicy: PasswordPolicy;
}

/** Identifiers that Cognito would have given once; they stay the same as long as the state does. */
export interface GivenIds {
  readonly id: string;
  readonly secret?: string;
}

const lowerCase = 'abcdefghijklmnopqrstuvwxyz0123456789';
const mixedCase = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lowerCase}`;

/** The user pools of the template and their clients. */
export class UserPools {
  readonly #ids: Collection<GivenIds>;
  readonly #pools = new Map<string, UserPool>();
  readonly #clients = new Map<string, PoolClient>();

  constructor(ids: Collection<GivenIds>) {
    this.#ids = ids;
  }

  poolIdFor(place: string, region: string): string {
    return this.#given(`pool/${place}`, () => ({ id: `${region}_${drawn(9, mixedCase)}` })).id;
  }

  clientIdsFor(place: string): { readonly clientId: string; readonly clientSecret: string } {
    const given = this.#given(`client/${place}`, () => ({ id: drawn(26, lowerCase), secret: drawn(51, lowerCase) }));
    return { clientId: given.id, clientSecret: given.secret ?? '' };
  }

  add(pool: UserPool): void {
    this.#pools.set(pool.poolId, pool);
  }

  addClient(client: PoolClient): void {
    this.#clients.set(client.clientId, client);
  }

  /** As an operator would let a further address in. */
  allowCallback(clientId: string, url: string): void {
    const client = this.#clients.get(clientId);
    if (client === undefined) throw new Error(`ClientId: there is no client ${clientId}`);
    const people = { ...client.people, callbackUrls: [...client.people.callbackUrls, url] };
    this.#clients.set(clientId, { ...client, people: { ...people, logoutUrls: [...people.logoutUrls, url] } });
  }

  /** @throws Error that names the pool */
  pool(poolId: string): UserPool {
    const found = this.#pools.get(poolId);
    if (found === undefined) throw new Error(`UserPoolId: there is no user pool ${poolId}`);
    return found;
  }

  findPool(poolId: string): UserPool | undefined {
    return this.#pools.get(poolId);
  }

  findClient(clientId: string): PoolClient | undefined {
    return this.#clients.get(clientId);
  }

  all(): UserPool[] {
    return [...this.#pools.values()];
  }

  clients(): PoolClient[] {
    return [...this.#clients.values()];
  }

  #given(place: string, make: () => GivenIds): GivenIds {
    const known = this.#ids.get(place);
    if (known !== undefined) return known;
    const made = make();
    this.#ids.set(place, made);
    return made;
  }
}

/** Takes as long for a secret that is nearly right as for one that is wrong. */
export function secretMatches(client: PoolClient, presented: string): boolean {
  const expected = Buffer.from(client.clientSecret ?? '');
  const given = Buffer.alloc(expected.length);
  const presentedBytes = Buffer.from(presented);
  presentedBytes.copy(given);
  return timingSafeEqual(expected, given) && presentedBytes.length === expected.length && expected.length > 0;
}
