import type { LocalClock } from '#local/clock.ts';
import type { State } from '#local/state/collection.ts';
import type { PoolClient, UserPool, UserPools } from '../user-pool.ts';
import { Attempts } from './attempts.ts';
import { Challenges } from './challenges.ts';
import { type Grant, Grants } from './grants.ts';
import { hashOf, passwordMatches } from './password.ts';
import { PersonTokens, type TokenSet } from './person-tokens.ts';
import { type User, Users } from './users.ts';

export interface PeopleOptions {
  readonly pools: UserPools;
  readonly clock: LocalClock;
  readonly state: State;
  issuerOf(poolId: string): string;
}

/** What comes of a name and a password. */
export type SignIn =
  | { readonly kind: 'signed-in'; readonly user: User }
  /** The password was somebody else's choice: the person has to choose one. */
  | { readonly kind: 'new-password'; readonly user: User }
  | { readonly kind: 'refused'; readonly reason: 'wrong' | 'unknown' | 'locked' | 'disabled' | 'password-expired' };

export interface NewSignIn {
  readonly scope: string;
  /** Seconds; default: now. */
  readonly authTime?: number;
  readonly nonce?: string | undefined;
  readonly begun?: (grantId: string) => void;
}

/** What Cognito knows of people: who they are, their passwords, their sign-ins. */
export class People {
  readonly users: Users;
  readonly grants: Grants;
  readonly tokens: PersonTokens;
  /** Who has yet to choose a password. */
  readonly challenges: Challenges;
  readonly #attempts: Attempts;
  readonly #turns = new Map<string, Promise<SignIn>>();
  readonly #clock: LocalClock;

  constructor({ pools, clock, state, issuerOf }: PeopleOptions) {
    this.#clock = clock;
    this.users = new Users(state.collection<User>('identity/users'), clock);
    this.grants = new Grants(state.collection<Grant>('identity/grants'), clock);
    this.tokens = new PersonTokens({ pools, users: this.users, grants: this.grants, clock, issuerOf });
    this.challenges = new Challenges(clock);
    this.#attempts = new Attempts(clock);
  }

  /** One after the other for each name: many guesses at once must not count as one, nor many right ones as guesses. */
  signIn(pool: UserPool, username: string, password: string): Promise<SignIn> {
    const name = `${pool.poolId}/${username.toLowerCase()}`;
    const attempt = () => this.#signIn(pool, name, username, password);
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(attempt, attempt);
    this.#turns.set(name, turn);
    const leave = () => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  }

  async #signIn(pool: UserPool, name: string, username: string, password: string): Promise<SignIn> {
    if (this.#attempts.locked(name)) return { kind: 'refused', reason: 'locked' };
    const known = this.users.find(pool, username);
    const right = await passwordMatches(password, known?.password);
    const user = this.users.find(pool, username);
    if (!right || user === undefined || user.sub !== known?.sub) {
      this.#attempts.failed(name);
      return { kind: 'refused', reason: user === undefined ? 'unknown' : 'wrong' };
    }
    this.#attempts.succeeded(name);
    if (!user.enabled) return { kind: 'refused', reason: 'disabled' };
    if (user.status === 'CONFIRMED') return { kind: 'signed-in', user };
    const expired = (user.temporaryUntil ?? Number.POSITIVE_INFINITY) <= this.#clock.now();
    return expired ? { kind: 'refused', reason: 'password-expired' } : { kind: 'new-password', user };
  }

  /** @param temporaryUntil until when it can be changed, if somebody else chose it */
  async setPassword(pool: UserPool, user: User, password: string, temporaryUntil?: number): Promise<User> {
    const { temporaryUntil: _, ...rest } = user;
    const hash = await hashOf(password);
    // Whoever deleted the person meanwhile has the last word.
    if (this.users.find(pool, user.username)?.sub !== user.sub) return user;
    if (temporaryUntil === undefined) return this.users.save(pool, { ...rest, password: hash, status: 'CONFIRMED' });
    return this.users.save(pool, { ...rest, password: hash, status: 'FORCE_CHANGE_PASSWORD', temporaryUntil });
  }

  /** The first tokens of a sign-in. `begun` hears of the sign-in before anything else can happen. */
  async begin(
    pool: UserPool,
    client: PoolClient,
    user: User,
    { scope, authTime = this.seconds(), nonce, begun }: NewSignIn,
  ): Promise<TokenSet & { readonly refreshToken: string }> {
    const wanted = { clientId: client.clientId, scope, authTime };
    const { grant, refreshToken } = this.grants.begin(user, wanted, client.people.refreshTokenSeconds);
    begun?.(grant.grantId);
    return { ...(await this.tokens.issue(pool, client, user, grant, nonce)), refreshToken };
  }

  /** Further tokens of a sign-in that holds. */
  async refresh(
    pool: UserPool,
    client: PoolClient,
    refreshToken: string,
  ): Promise<TokenSet | 'unknown' | 'expired' | 'disabled'> {
    const found = this.grants.byRefreshToken(refreshToken);
    if (found.kind === 'refused') return found.reason;
    const { grant } = found;
    const user = this.users.find(pool, grant.username);
    if (grant.clientId !== client.clientId || user?.sub !== grant.sub) return 'unknown';
    return user.enabled ? this.tokens.issue(pool, client, user, grant) : 'disabled';
  }

  seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
