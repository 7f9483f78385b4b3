import { randomBytes } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection } from '#local/state/collection.ts';
import type { User, Users } from '../people/users.ts';
import type { UserPool } from '../user-pool.ts';
import { hashedKey } from '../web.ts';

export interface BrowserSession {
  readonly poolId: string;
  readonly sub: string;
  readonly username: string;
  /** Seconds. */
  readonly authTime: number;
  readonly expiresAt: number;
}

/** So long Cognito lets a browser sign in again without a password. */
export const sessionSeconds = 3600;

/** Browsers in which somebody has signed in. */
export class BrowserSessions {
  readonly #sessions: Collection<BrowserSession>;
  readonly #users: Users;
  readonly #clock: LocalClock;

  constructor(sessions: Collection<BrowserSession>, users: Users, clock: LocalClock) {
    this.#sessions = sessions;
    this.#users = users;
    this.#clock = clock;
    users.whenDeleted((user) => this.#forget(user));
  }

  /** @returns the cookie's value */
  begin({ poolId, sub, username }: User, authTime: number): string {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of [...this.#sessions.entries()]) if (expiresAt <= now) this.#sessions.delete(key);
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = now + sessionSeconds * 1000;
    this.#sessions.set(hashedKey(secret), { poolId, sub, username, authTime, expiresAt });
    return secret;
  }

  find(secret: string | undefined, pool: UserPool): { readonly user: User; readonly authTime: number } | undefined {
    const session = secret === undefined ? undefined : this.#sessions.get(hashedKey(secret));
    if (session === undefined || session.poolId !== pool.poolId || session.expiresAt <= this.#clock.now()) {
      return undefined;
    }
    const user = this.#users.find(pool, session.username);
    return user?.sub === session.sub && user.enabled ? { user, authTime: session.authTime } : undefined;
  }

  #forget({ sub }: User): void {
    this.#sessions.purge(...[...this.#sessions.entries()].flatMap(([key, kept]) => (kept.sub === sub ? [key] : [])));
  }

  end(secret: string | undefined): void {
    if (secret !== undefined) this.#sessions.delete(hashedKey(secret));
  }
}
