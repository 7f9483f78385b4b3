/**
 * What went wrong, by meaning. Transports translate the kind: only `functions/api/problems.ts` knows
 * HTTP status codes, only the device SDK knows what a vehicle does about it.
 */
export type FailureKind =
  | 'invalid' // the input is malformed or out of range
  | 'unacceptable' // well formed, but contradicts something that was said before (RFC 9110: unprocessable)
  | 'forbidden' // known caller, missing right
  | 'not-found'
  | 'conflict' // the present state does not allow it
  | 'stale' // the caller's view of the state is out of date
  | 'too-large'
  | 'throttled'
  | 'unavailable'; // a dependency did not answer; nothing was changed

export interface FailureOptions {
  /** What the reader can do about it, one sentence. */
  readonly resolution?: string;
  /** The offending members, by JSON pointer or parameter name. */
  readonly errors?: readonly FieldError[];
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

export interface FieldError {
  /** JSON pointer into the body (`/vin`), or the name of a parameter or header. */
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The one error of the domain.
 *
 * @example throw new Failure('conflict', 'vehicle-offline', 'The vehicle has been offline since …')
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  /** Stable kebab-case identifier of this failure; the last segment of the problem's `type`. */
  readonly code: string;
  readonly resolution: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(kind: FailureKind, code: string, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.resolution = options.resolution;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
  }
}
