/** Milliseconds since the Unix epoch. */
export type Instant = number;

/** Where the time comes from. The domain never reads a clock of its own. */
export interface Clock {
  now(): Instant;
}
