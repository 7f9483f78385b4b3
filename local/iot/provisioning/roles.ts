import type { Permission, Principal } from '#local/iam/principal.ts';

/** What the device services ask of IAM: to act as a role that trusts them. Both throw AccessDeniedException. */
export interface Roles {
  assume(roleArn: string, servicePrincipal: string, context?: Readonly<Record<string, string>>): Principal;
  authorize(principal: Principal, permissions: readonly Permission[]): void;
}
