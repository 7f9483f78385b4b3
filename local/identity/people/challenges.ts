import { randomBytes } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { User } from './users.ts';

interface Challenge {
  readonly clientId: string;
  readonly user: User;
  readonly expiresAt: number;
}

/** Cognito's AuthSessionValidity, when nothing is said. */
const lifeTime = 3 * 60_000;

/** Persons who gave the right password and have to do something more. Whoever waits at a restart begins again. */
export class Challenges {
  readonly #clock: LocalClock;
  readonly #open = new Map<string, Challenge>();

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** @returns the session to answer with */
  begin(clientId: string, user: User): string {
    const now = this.#clock.now();
    for (const [session, { expiresAt }] of this.#open) if (expiresAt <= now) this.#open.delete(session);
    const session = randomBytes(48).toString('base64url');
    this.#open.set(session, { clientId, user, expiresAt: now + lifeTime });
    return session;
  }

  find(session: string, clientId: string): User | undefined {
    const challenge = this.#open.get(session);
    if (challenge === undefined || challenge.clientId !== clientId) return undefined;
    return challenge.expiresAt > this.#clock.now() ? challenge.user : undefined;
  }

  /** Each session answers once. */
  end(session: string): void {
    this.#open.delete(session);
  }
}
