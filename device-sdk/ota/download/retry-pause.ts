const first = 1000;
const longest = 300_000;

/**
 * Milliseconds before the next attempt: each time twice as many, with so much chance that a whole fleet that lost its
 * network at one moment does not come back at one moment.
 *
 * @param failures in a row, at least 1
 * @param random 0 … 1
 * @param asked what the server asked for, ms: at least so long
 */
export function retryPause(failures: number, random: number, asked = 0): number {
  const most = Math.min(longest, first * 2 ** Math.min(failures, 20));
  return asked + random * Math.max(most, asked / 2);
}
