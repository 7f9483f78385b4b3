import { randomBytes } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection } from '#local/state/collection.ts';
import type { User, Users } from '../people/users.ts';
import { hashedKey } from '../web.ts';
import type { Authorization } from './authorization.ts';

/** What a code stands for. */
export interface IssuedCode {
  readonly clientId: string;
  readonly poolId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge: string;
  readonly nonce?: string;
  readonly sub: string;
  readonly username: string;
  readonly authTime: number;
  readonly expiresAt: number;
  /** Once it was traded, or the attempt failed. */
  readonly spent?: { readonly grantId?: string };
}

/** Cognito's, and not to be changed there. */
const lifeTime = 5 * 60_000;

/** Authorization codes, of which only hashes are kept. Spent ones are remembered until they would have expired. */
export class Codes {
  readonly #codes: Collection<IssuedCode>;
  readonly #clock: LocalClock;

  constructor(codes: Collection<IssuedCode>, users: Users, clock: LocalClock) {
    this.#codes = codes;
    this.#clock = clock;
    users.whenDeleted((user) => this.#forget(user));
  }

  #forget({ sub }: User): void {
    this.#codes.purge(...[...this.#codes.entries()].flatMap(([key, code]) => (code.sub === sub ? [key] : [])));
  }

  issue({ client, redirectUri, scope, challenge, nonce }: Authorization, user: User, authTime: number): string {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of [...this.#codes.entries()]) if (expiresAt <= now) this.#codes.delete(key);
    const code = randomBytes(32).toString('base64url');
    this.#codes.set(hashedKey(code), {
      ...{ clientId: client.clientId, poolId: client.poolId, redirectUri, scope, challenge, authTime },
      ...(nonce !== undefined && { nonce }),
      ...{ sub: user.sub, username: user.username, expiresAt: now + lifeTime },
    });
    return code;
  }

  find(code: string): IssuedCode | undefined {
    const found = this.#codes.get(hashedKey(code));
    if (found === undefined || found.expiresAt > this.#clock.now()) return found;
    // Who was refused stays refused, also where the clock is set back.
    this.#codes.delete(hashedKey(code));
    return undefined;
  }

  spend(code: string, issued: IssuedCode, grantId?: string): void {
    this.#codes.set(hashedKey(code), { ...issued, spent: grantId === undefined ? {} : { grantId } });
  }
}
