import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection } from '#local/state/collection.ts';
import type { User } from './users.ts';

/** One sign-in of a person at one app. All tokens of it carry its id as `origin_jti`, and end with it. */
export interface Grant {
  readonly grantId: string;
  readonly poolId: string;
  readonly clientId: string;
  readonly sub: string;
  readonly username: string;
  readonly scope: string;
  /** Seconds, as in the tokens. */
  readonly authTime: number;
  /** Only a hash: the token itself is a key. */
  readonly refreshHash: string;
  readonly expiresAt: number;
}

export type NewGrant = Pick<Grant, 'clientId' | 'scope' | 'authTime'>;

export type Refreshed =
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'expired' };

/** Which sign-ins hold. A grant that is gone was revoked, or nobody can need it any more. */
export class Grants {
  readonly #grants: Collection<Grant>;
  readonly #clock: LocalClock;

  constructor(grants: Collection<Grant>, clock: LocalClock) {
    this.#grants = grants;
    this.#clock = clock;
  }

  begin({ poolId, sub, username }: User, { clientId, scope, authTime }: NewGrant, refreshSeconds: number) {
    this.#sweep();
    const grantId = randomUUID();
    const refreshToken = `${grantId}.${randomBytes(48).toString('base64url')}`;
    const refreshHash = hashed(refreshToken).toString('base64');
    const expiresAt = this.#clock.now() + refreshSeconds * 1000;
    const grant: Grant = { grantId, poolId, clientId, sub, username, scope, authTime, refreshHash, expiresAt };
    this.#grants.set(grantId, grant);
    return { grant, refreshToken };
  }

  holds(grantId: string): boolean {
    return this.#grants.has(grantId);
  }

  byRefreshToken(token: string): Refreshed {
    const grant = this.#grants.get(token.slice(0, token.indexOf('.')));
    if (grant === undefined || !timingSafeEqual(Buffer.from(grant.refreshHash, 'base64'), hashed(token))) {
      return { kind: 'refused', reason: 'unknown' };
    }
    if (grant.expiresAt <= this.#clock.now()) return { kind: 'refused', reason: 'expired' };
    return { kind: 'grant', grant };
  }

  end(grantId: string): void {
    this.#grants.delete(grantId);
  }

  endAllOf({ sub }: User): void {
    const theirs = [...this.#grants.values()].filter((grant) => grant.sub === sub);
    this.#grants.purge(...theirs.map(({ grantId }) => grantId));
  }

  /** An access token may outlive its refresh token, by a day at the most. */
  #sweep(): void {
    const past = this.#clock.now() - 86_400_000;
    for (const grant of [...this.#grants.values()]) if (grant.expiresAt < past) this.#grants.delete(grant.grantId);
  }
}

function hashed(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
