import type { Instant } from '../kernel/clock.ts';

/** What a client may ask for: `rate` requests a second for ever, and `burst` at once after a rest. */
export interface Quota {
  readonly rate: number;
  readonly burst: number;
}

/** A token bucket: a request costs one token, and tokens come back by time. */
export interface Bucket {
  readonly tokens: number;
  readonly filledAt: Instant;
}

/**
 * So long an instance may spend tokens that it took out of the shared bucket; the rest is thrown away. Whatever
 * number of instances there is, within any t seconds a client gets at most burst + rate × (t + 5) requests through,
 * and since the beginning at most burst + rate × t.
 */
export const tokensKeep = 5_000;

/** Clocks of several instances differ by so much and mean nothing by it. */
const largestSkew = 5_000;

/** Adding up fractions may leave a hair less than the whole that it stands for. */
const hair = 1e-6;

export function fullBucket({ burst }: Quota, now: Instant): Bucket {
  return { tokens: burst, filledAt: now };
}

/**
 * The bucket as it is now. A clock that is a little behind fills nothing. One that was set back for good begins
 * anew with the tokens that are there, so that nobody waits for the former time to come again.
 */
export function filled({ tokens, filledAt }: Bucket, { rate, burst }: Quota, now: Instant): Bucket {
  const passed = now - filledAt;
  if (passed < -largestSkew) return { tokens: Math.min(burst, tokens), filledAt: now };
  if (passed <= 0) return { tokens: Math.min(burst, tokens), filledAt };
  return { tokens: Math.min(burst, tokens + (passed / 1000) * rate), filledAt: now };
}

/** Takes up to `wanted` whole tokens, as many as there are. */
export function take(bucket: Bucket, wanted: number): { readonly taken: number; readonly bucket: Bucket } {
  const taken = Math.max(0, Math.min(wanted, Math.floor(bucket.tokens + hair)));
  return { taken, bucket: { ...bucket, tokens: Math.max(0, bucket.tokens - taken) } };
}

/** Milliseconds until so many tokens are there, if nobody takes any meanwhile. */
export function waitFor(bucket: Bucket, count: number, { rate }: Quota, now: Instant): number {
  const missing = count - bucket.tokens;
  return missing <= hair ? 0 : Math.ceil(Math.max(0, bucket.filledAt - now) + (missing / rate) * 1000);
}

/**
 * What an instance takes at a time: a fifth of a second's worth. A client at its limit costs five writes a second
 * all in all, and no more than a quarter of its burst lies in one instance's hand.
 */
export function batchOf({ rate, burst }: Quota): number {
  return Math.max(1, Math.floor(Math.min(rate / 5, burst / 4)));
}

/** Whole seconds in which an empty bucket becomes full: the window in which `burst` is all there is. */
export function windowOf({ rate, burst }: Quota): number {
  return Math.max(1, Math.ceil(burst / rate));
}
