import type { Permission, Principal } from '#local/iam/principal.ts';

/** What belongs to an access key id. */
export interface AccessKey {
  readonly secretAccessKey: string;
  readonly principal: Principal;
}

/** The part of IAM that the gateway needs. */
export interface AccessControl {
  find(accessKeyId: string): AccessKey | undefined;
  /** Throws `AwsError` AccessDeniedException, naming the action and the resource. */
  authorize(principal: Principal, permissions: readonly Permission[]): void;
}
