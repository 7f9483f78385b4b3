import type { Value } from './values.ts';

/** A message as the rules engine sees it. */
export interface RuleMessage {
  /** Basic Ingest's `$aws/rules/<rule>/` is already taken off. */
  readonly topic: string;
  readonly payload: Buffer;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly accountId: string;
  /** Absent when the message did not come over MQTT. */
  readonly clientId?: string | undefined;
  /** The id of the certificate, or the user's id. */
  readonly principal?: string | undefined;
  readonly traceId?: string | undefined;
}

export interface SqlFunction {
  /** How many arguments it takes. */
  readonly arguments: readonly [least: number, most: number];
  /** Arguments that do not fit give Undefined. */
  call(values: readonly Value[], message: RuleMessage): Value;
}
