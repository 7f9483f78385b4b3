import type { JsonObject } from './json-object.ts';

/** What an answer or a delta says of a twin. */
export interface TwinView {
  /** Rises with each change of what is desired; begins anew where the twin does. */
  readonly version: number;
  /** What is desired and not yet reported so. */
  readonly delta: JsonObject;
  /** When it was last asked for, in whatever form the cloud says that: another value is another wish. */
  readonly askedAt: unknown;
}

/** `code` as in HTTP: 404 for a twin that there is not, 429 and from 500 on for what passes. */
export type TwinAnswer =
  | { readonly kind: 'accepted'; readonly view: TwinView }
  | { readonly kind: 'rejected'; readonly code: number; readonly message: string };

/**
 * How a device cloud keeps the documents that it shares with a vehicle: named shadows on AWS, the members of one twin on
 * Azure. Questions reject when no answer came in time or the line broke; a refusal is an answer.
 */
export interface TwinWire {
  get(twin: string): Promise<TwinAnswer>;
  /** Members that are null are removed over there. */
  report(twin: string, reported: JsonObject): Promise<TwinAnswer>;
  /** Called with each change of what is desired. */
  onDelta: (twin: string, view: TwinView) => void;
  /** Called with the names of what somebody else takes out of the desired half: no delta tells of that. */
  onTakenBack: (twin: string, names: readonly string[]) => void;
}
