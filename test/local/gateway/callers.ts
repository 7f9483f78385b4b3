import { AwsError } from '#local/aws-error.ts';
import { noFaults } from '#local/faults/faults.ts';
import type { AccessControl } from '#local/gateway/access.ts';
import { Gateway } from '#local/gateway/gateway.ts';

/** A fixed pair of callers: one who may do everything, one who may do what is listed as `action resource`. */
export function callers(allowed: readonly string[]): AccessControl {
  const rights = new Set(allowed);
  const role = 'arn:aws:iam::000000000000:role/tester';
  return {
    find(accessKeyId) {
      if (accessKeyId === 'ADMIN') {
        return {
          secretAccessKey: 'admin secret',
          principal: { kind: 'administrator', arn: 'arn:aws:iam::000000000000:user/operator' },
        };
      }
      if (accessKeyId !== 'ROLE') return undefined;
      return { secretAccessKey: 'role secret', principal: { kind: 'role', arn: role, roleName: 'tester' } };
    },
    authorize(principal, permissions) {
      if (principal.kind === 'administrator') return;
      for (const { action, resource } of permissions) {
        if (rights.has(`${action} ${resource}`)) continue;
        throw new AwsError('AccessDeniedException', 403, `${principal.arn} may not ${action} on ${resource}`);
      }
    },
  };
}

export const administrator = { accessKeyId: 'ADMIN', secretAccessKey: 'admin secret' };
export const tester = { accessKeyId: 'ROLE', secretAccessKey: 'role secret' };

/** A gateway on a free port without services. */
export function newGateway(access: AccessControl = callers([])): Gateway {
  return new Gateway({ port: 0, access, faults: noFaults, log: () => {} });
}
