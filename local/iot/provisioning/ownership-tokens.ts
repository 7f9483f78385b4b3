import { randomBytes } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { Instant } from '#shared/kernel/clock.ts';

/** Proof that a device was given a certificate; for the claim and client that asked for it. */
export interface OwnershipToken {
  readonly certificateId: string;
  readonly claimCertificateId: string;
  readonly clientId: string;
  readonly expiresAt: Instant;
}

const life = 3_600_000;

/** Tokens live for an hour and are used once. What was not used by then is given to `onExpired`. */
export class OwnershipTokens {
  readonly #tokens: Collection<OwnershipToken>;
  readonly #clock: LocalClock;
  readonly #onExpired: (certificateId: string) => void;
  readonly #newToken: () => string;

  constructor(options: {
    readonly state: State;
    readonly clock: LocalClock;
    readonly onExpired: (certificateId: string) => void;
    readonly newToken?: () => string;
  }) {
    this.#tokens = options.state.collection('iot/ownership-tokens');
    this.#clock = options.clock;
    this.#onExpired = options.onExpired;
    this.#newToken = options.newToken ?? (() => randomBytes(48).toString('base64url'));
    for (const [token, { expiresAt }] of [...this.#tokens.entries()]) this.#expireAt(token, expiresAt);
  }

  issue(holder: Omit<OwnershipToken, 'expiresAt'>): string {
    const token = this.#newToken();
    const expiresAt = this.#clock.now() + life;
    this.#tokens.set(token, { ...holder, expiresAt });
    this.#expireAt(token, expiresAt);
    return token;
  }

  /** Undefined for an unknown, used or expired token, and for another holder than it was given to. */
  find(token: string, claimCertificateId: string, clientId: string): OwnershipToken | undefined {
    const known = this.#tokens.get(token);
    const holds = known?.claimCertificateId === claimCertificateId && known.clientId === clientId;
    return holds && known.expiresAt > this.#clock.now() ? known : undefined;
  }

  spend(token: string): void {
    this.#tokens.delete(token);
  }

  #expireAt(token: string, expiresAt: Instant): void {
    // Those that a process before this one gave out may be from a future that the clock was set back from.
    this.#clock.after(Math.min(life, Math.max(0, expiresAt - this.#clock.now())), () => {
      const unused = this.#tokens.get(token);
      if (unused === undefined) return;
      this.#tokens.delete(token);
      this.#onExpired(unused.certificateId);
    });
  }
}
