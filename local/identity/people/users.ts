import { randomUUID } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection } from '#local/state/collection.ts';
import type { UserPool } from '../user-pool.ts';
import type { PasswordHash } from './password.ts';

/** A person in a user pool. */
export interface User {
  readonly poolId: string;
  /** For ever theirs, and nobody's afterwards. */
  readonly sub: string;
  readonly username: string;
  readonly enabled: boolean;
  /** `FORCE_CHANGE_PASSWORD`: somebody else chose the password, until `temporaryUntil`. */
  readonly status: 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';
  readonly password: PasswordHash;
  readonly temporaryUntil?: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly changedAt: number;
}

type NewUser = Pick<User, 'username' | 'password' | 'status' | 'attributes'> & { readonly temporaryUntil?: number };

/** The persons of all pools; they outlive restarts. */
export class Users {
  readonly #users: Collection<User>;
  readonly #clock: LocalClock;
  readonly #forgetting = new Set<(user: User) => void>();

  constructor(users: Collection<User>, clock: LocalClock) {
    this.#users = users;
    this.#clock = clock;
  }

  find(pool: UserPool, username: string): User | undefined {
    return this.#users.get(keyOf(pool, username));
  }

  /** As the administrator's operations do: by the name, or by the `sub`. */
  named(pool: UserPool, usernameOrSub: string): User | undefined {
    return this.find(pool, usernameOrSub) ?? this.all(pool).find(({ sub }) => sub === usernameOrSub);
  }

  /** Undefined: the name is taken. */
  create(pool: UserPool, user: NewUser): User | undefined {
    if (this.#users.has(keyOf(pool, user.username))) return undefined;
    const now = this.#clock.now();
    const made: User = {
      ...{ poolId: pool.poolId, sub: randomUUID(), enabled: true, createdAt: now, changedAt: now },
      ...user,
    };
    this.#users.set(keyOf(pool, user.username), made);
    return made;
  }

  save(pool: UserPool, user: User): User {
    const saved = { ...user, changedAt: this.#clock.now() };
    this.#users.set(keyOf(pool, user.username), saved);
    return saved;
  }

  /** Nothing of them is left on disk. */
  delete(pool: UserPool, user: User): void {
    this.#users.purge(keyOf(pool, user.username));
    for (const forget of this.#forgetting) forget(user);
  }

  /** Whoever keeps something of persons forgets it with them. */
  whenDeleted(forget: (user: User) => void): void {
    this.#forgetting.add(forget);
  }

  /** By name, so that a list can be continued. */
  all({ poolId }: UserPool): User[] {
    const own = [...this.#users.values()].filter((user) => user.poolId === poolId);
    return own.sort((one, other) => (one.username < other.username ? -1 : 1));
  }
}

function keyOf({ poolId, caseSensitive }: UserPool, username: string): string {
  return `${poolId}/${caseSensitive ? username : username.toLowerCase()}`;
}
