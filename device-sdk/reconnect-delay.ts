/** Bounds in ms of the pause between attempts to connect, which is drawn at random from a growing range. */
export interface ReconnectDelay {
  readonly min: number;
  readonly max: number;
}

/**
 * Milliseconds. A car that comes out of a tunnel waits half a minute at the most on average; a fleet that lost its cloud
 * at one moment is spread over a minute, and the cloud's limit of connections a second lets it in.
 */
export const usualDelay: ReconnectDelay = { min: 500, max: 60_000 };

/**
 * Milliseconds before the next attempt: anything up to a bound that doubles with each failure, so that a fleet that lost
 * its cloud at one moment does not come back at one moment.
 *
 * @param failures in a row before this one
 * @param random 0 … 1
 */
export function reconnectPause(failures: number, random: number, { min, max }: ReconnectDelay): number {
  return random * Math.min(max, min * 2 ** Math.min(failures, 30));
}
