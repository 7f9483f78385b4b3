import type { Crash } from '#local/faults/faults.ts';

/** What a worker needs to load a function once. */
export interface WorkerStart {
  readonly assetDirectory: string;
  /** As the template has it: `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly memoryMegabytes: number;
  readonly logGroup: string;
  readonly logStream: string;
  readonly logFormat: 'Text' | 'JSON';
}

/** One event for the worker; it gets the next after it has answered this one. */
export interface WorkerCall {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  readonly functionArn: string;
  /** Real time, milliseconds since the epoch, at which the function is stopped. */
  readonly deadline: number;
  readonly traceHeader: string;
  /** ms by which the local cloud's time is ahead of this machine's: what `Date` shows the function. */
  readonly ahead: number;
  /** A fault: when the process is to die on this event. */
  readonly crash?: Crash;
}

export type WorkerReport =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'answer'; readonly payload: string }
  /** `fatal`: the worker is of no more use. */
  | {
      readonly kind: 'failure';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly trace: readonly string[];
      readonly fatal: boolean;
    };
