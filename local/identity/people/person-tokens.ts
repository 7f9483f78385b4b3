import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { PoolClient, UserPool, UserPools } from '../user-pool.ts';
import type { Grant, Grants } from './grants.ts';
import type { User, Users } from './users.ts';

export interface TokenSet {
  readonly accessToken: string;
  readonly idToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What stands behind an access token that a person shows. */
export type Shown =
  | { readonly kind: 'person'; readonly pool: UserPool; readonly user: User; readonly scopes: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: 'invalid' | 'expired' | 'revoked' | 'user-gone' };

const accessClaims = z.object({
  sub: z.string(),
  username: z.string(),
  scope: z.string(),
  origin_jti: z.string(),
  token_use: z.literal('access'),
});

export interface TokenParts {
  readonly pools: UserPools;
  readonly users: Users;
  readonly grants: Grants;
  readonly clock: LocalClock;
  issuerOf(poolId: string): string;
}

/** Writes and reads the tokens of people. */
export class PersonTokens {
  readonly #parts: TokenParts;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  /** @param nonce what the app wants to find in the identity token (OpenID Connect Core 1.0, section 3.1.2.1) */
  async issue(pool: UserPool, client: PoolClient, user: User, grant: Grant, nonce?: string): Promise<TokenSet> {
    const seconds = Math.floor(this.#parts.clock.now() / 1000);
    const common = {
      sub: user.sub,
      iss: this.#parts.issuerOf(pool.poolId),
      origin_jti: grant.grantId,
      event_id: randomUUID(),
      auth_time: grant.authTime,
      iat: seconds,
    };
    const accessToken = await this.#signed(pool, {
      ...common,
      version: 2,
      client_id: client.clientId,
      token_use: 'access',
      scope: grant.scope,
      username: user.username,
      exp: seconds + client.accessTokenSeconds,
      jti: randomUUID(),
    });
    const idToken = await this.#signed(pool, {
      ...common,
      ...attributesFor(user, grant.scope.split(' ')),
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
      aud: client.clientId,
      token_use: 'id',
      'cognito:username': user.username,
      exp: seconds + client.people.idTokenSeconds,
      jti: randomUUID(),
      ...(nonce !== undefined && { nonce }),
    });
    return { accessToken, idToken, expiresIn: client.accessTokenSeconds };
  }

  /** The person behind an access token, as Cognito's own operations see it: revoked is revoked at once. */
  async shown(accessToken: string): Promise<Shown> {
    const { pools, users, grants, clock, issuerOf } = this.#parts;
    const refused = (reason: 'invalid' | 'expired' | 'revoked' | 'user-gone'): Shown => ({ kind: 'refused', reason });
    for (const pool of pools.all()) {
      try {
        const { payload } = await jwtVerify(accessToken, createPublicKey(pool.key.privateKey), {
          ...{ issuer: issuerOf(pool.poolId), algorithms: ['RS256'], currentDate: new Date(clock.now()) },
        });
        const claims = accessClaims.safeParse(payload);
        if (!claims.success) return refused('invalid');
        const user = users.find(pool, claims.data.username);
        if (user?.sub !== claims.data.sub) return refused('user-gone');
        if (!grants.holds(claims.data.origin_jti) || !user.enabled) return refused('revoked');
        return { kind: 'person', pool, user, scopes: claims.data.scope.split(' ') };
      } catch (error) {
        if (error instanceof errors.JWTExpired) return refused('expired');
        if (!(error instanceof errors.JOSEError)) throw error;
      }
    }
    return refused('invalid');
  }

  #signed(pool: UserPool, claims: Readonly<Record<string, unknown>>): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ kid: pool.key.kid, alg: 'RS256' }).sign(pool.key.privateKey);
  }
}

const attributesOf: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  profile: ['name', 'given_name', 'family_name', 'nickname', 'preferred_username', 'locale', 'zoneinfo', 'updated_at'],
};

/** The claims about a person that these scopes show; a sign-in without OpenID Connect shows all. */
export function attributesFor({ attributes }: User, scopes: readonly string[]): Record<string, string> {
  if (!scopes.includes('openid')) return { ...attributes };
  const shown = new Set(scopes.flatMap((scope) => attributesOf[scope] ?? []));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => shown.has(name)));
}
