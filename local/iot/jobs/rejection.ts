import type { Execution } from './execution.ts';

/** AWS IoT developer guide, "ErrorResponse of Jobs". */
export type RejectionCode =
  | 'InvalidTopic'
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'ResourceNotFound'
  | 'VersionMismatch'
  | 'InternalError'
  | 'TerminalStateReached';

/** Why the jobs service refuses what a device asks. */
export class JobsRejection extends Error {
  override readonly name = 'JobsRejection';
  readonly code: RejectionCode;
  /** The execution as it stands, where the refusal is about its state. */
  readonly execution: Execution | undefined;

  constructor(code: RejectionCode, message: string, execution?: Execution) {
    super(message);
    this.code = code;
    this.execution = execution;
  }
}
