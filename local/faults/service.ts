import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import { jsonOf } from '#local/gateway/json-body.ts';
import type { AwsOperation, AwsRequest, AwsService } from '#local/gateway/service.ts';
import { faultRuleSchema } from './fault-rule.ts';
import type { PlannedFaults } from './planned-faults.ts';

/**
 * Faults for whoever holds the administrator's key, behind the same signature as AWS's services; no role of
 * the template has a grant for it.
 *
 * @example
 * curl --aws-sigv4 aws:amz:eu-central-1:faults -u "$KEY:$SECRET" http://127.0.0.1:4566/faults \
 *   -d '{"kind":"drop","hop":"mqtt","label":"vehicles/*","probability":0.2,"seed":7}'
 */
export function faultService(faults: PlannedFaults): AwsService {
  const operations = (request: AwsRequest): Record<string, Omit<AwsOperation, 'permissions'>> => {
    const faultId = request.path.split('/')[2] ?? '';
    return {
      'POST /faults': {
        name: 'PlanFault',
        run: () => ({ status: 201, body: { faultId: faults.plan(understood(request.body)) } }),
      },
      'GET /faults': {
        name: 'ListFaults',
        run: () => ({ status: 200, body: { faults: faults.list(), disturbances: faults.disturbances } }),
      },
      'DELETE /faults': {
        name: 'EndFaults',
        run() {
          faults.endAll();
          return { status: 204 };
        },
      },
      'DELETE /faults/': {
        name: 'EndFault',
        run() {
          if (!faults.end(faultId)) throw new AwsError('ResourceNotFoundException', 404, `There is no ${faultId}.`);
          return { status: 204 };
        },
      },
    };
  };
  return {
    names: ['faults'],
    understand(request) {
      const one = /^\/faults\/[\w-]+$/.test(request.path);
      const route = `${request.method} ${one ? '/faults/' : request.path}`;
      const operation = operations(request)[route];
      if (operation === undefined) {
        throw new AwsError('UnknownOperationException', 404, `${route}: there are POST, GET and DELETE /faults.`);
      }
      return { ...operation, permissions: [{ action: `faults:${operation.name}`, resource: '*' }] };
    },
  };
}

function understood(body: Buffer): z.output<typeof faultRuleSchema> {
  const parsed = faultRuleSchema.safeParse(jsonOf(body));
  if (!parsed.success) throw new AwsError('ValidationException', 400, z.prettifyError(parsed.error));
  return parsed.data;
}
