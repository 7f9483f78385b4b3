import type { Instant } from '../kernel/clock.ts';
import { type Conduct, quiet } from './circuit.ts';
import { type Bucket, filled, type Quota, tokensKeep } from './quota.ts';
import type { Standing } from './standing.ts';

interface Lease {
  left: number;
  readonly takenAt: Instant;
}

/** What one instance knows of one client: the tokens in its hand, and the shared standing as it saw it last. */
export class Ledger {
  quota: Quota;
  /** By this time the quota is asked for again. */
  quotaUntil = Number.NEGATIVE_INFINITY;
  standing: Standing | undefined;
  standingAt = Number.NEGATIVE_INFINITY;
  /** No tokens are to be had before. */
  denied: { readonly at: Instant; readonly until: Instant } | undefined;
  /** The table does not answer: this instance counts by itself until then. */
  blind: { readonly since: Instant; readonly until: Instant; bucket: Bucket } | undefined;
  settling: Promise<void> | undefined;
  /** Requests that went through before their tokens were there. */
  borrowed = 0;
  /** When a refusal said last how long to wait. */
  #told: { readonly at: Instant; readonly until: Instant } | undefined;
  #leases: Lease[] = [];
  #report: Conduct = quiet;

  constructor(quota: Quota) {
    this.quota = quota;
  }

  /** One request in `tokensKeep` need not wait for the shared standing, if nothing speaks against it. */
  borrow(now: Instant): boolean {
    if (this.borrowed > 0 || this.settling !== undefined || Math.abs(now - this.standingAt) < tokensKeep) return false;
    this.borrowed = 1;
    return true;
  }

  settledAs(standing: Standing, taken: number, now: Instant): void {
    this.standing = standing;
    this.standingAt = now;
    this.blind = undefined;
    const left = taken - this.borrowed;
    this.borrowed = 0;
    if (left > 0) this.#leases.push({ left, takenAt: now });
  }

  /** Spends one token, the oldest first. */
  spend(now: Instant): boolean {
    this.#drop(now);
    const [oldest] = this.#leases;
    if (oldest === undefined) return false;
    oldest.left -= 1;
    if (oldest.left === 0) this.#leases.shift();
    return true;
  }

  inHand(now: Instant): number {
    this.#drop(now);
    return this.#leases.reduce((sum, { left }) => sum + left, 0);
  }

  /** The newest tokens are most of their time old: whoever comes later should not have to wait for others. */
  ageing(now: Instant): boolean {
    const newest = this.#leases.at(-1);
    return newest !== undefined && now - newest.takenAt > tokensKeep * 0.6;
  }

  isDenied(now: Instant): boolean {
    // A clock that was set back makes the denial void.
    if (this.denied !== undefined && (now < this.denied.at || now >= this.denied.until)) this.denied = undefined;
    return this.denied !== undefined;
  }

  isBlind(now: Instant): boolean {
    if (this.blind === undefined) return false;
    return now >= this.blind.since && now < this.blind.until;
  }

  /** Tokens that may be left in the shared bucket, by what this instance has seen of it. */
  estimated(now: Instant): Bucket {
    const { bucket } = this.standing ?? { bucket: { tokens: this.quota.burst, filledAt: now } };
    return filled(this.blind?.bucket ?? bucket, this.quota, now);
  }

  /** Counts a refusal by the quota; `retryAfter` in seconds goes to the client. */
  refused(now: Instant, retryAfter: number): void {
    const told = this.#told !== undefined && now >= this.#told.at && now < this.#told.until;
    this.noted({ requests: 1, ignored: told ? 1 : 0, nonsense: 0 });
    if (!told) this.#told = { at: now, until: now + retryAfter * 1000 };
  }

  noted(more: Conduct): void {
    const { requests, ignored, nonsense } = this.#report;
    this.#report = {
      requests: requests + more.requests,
      ignored: ignored + more.ignored,
      nonsense: nonsense + more.nonsense,
    };
  }

  /** What is to be reported; from now on it counts as reported. */
  takeReport(): Conduct {
    const report = this.#report;
    this.#report = quiet;
    return report;
  }

  #drop(now: Instant): void {
    this.#leases = this.#leases.filter(({ takenAt }) => now >= takenAt && now - takenAt < tokensKeep);
  }
}
