import type { Instant } from '../kernel/clock.ts';
import type { Ledger } from './ledger.ts';
import { type Quota, waitFor } from './quota.ts';

/** What is said of a request before it is carried out. */
export interface Admission {
  readonly kind: 'admitted' | 'quota-exceeded' | 'circuit-open';
  readonly quota: Quota;
  /** Requests that may go through at once, by what this instance knows. */
  readonly remaining: number;
  /** Whole seconds: admitted, until the quota is whole again; else, until another attempt makes sense. */
  readonly seconds: number;
}

/** It goes through. */
export function admitted(ledger: Ledger, now: Instant): Admission {
  const { quota } = ledger;
  const bucket = ledger.estimated(now);
  const remaining = Math.min(quota.burst, Math.floor(bucket.tokens) + ledger.inHand(now));
  const seconds = Math.ceil(waitFor(bucket, quota.burst, quota, now) / 1000);
  return { kind: 'admitted', quota, remaining, seconds };
}

/** Its quota is used up: counts the refusal. */
export function refused(ledger: Ledger, now: Instant): Admission {
  const wait = Math.max(1, (ledger.denied?.until ?? now) - now);
  const seconds = Math.ceil(wait / 1000);
  ledger.refused(now, seconds);
  return { kind: 'quota-exceeded', quota: ledger.quota, remaining: 0, seconds };
}
