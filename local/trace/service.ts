import { AwsError } from '#local/aws-error.ts';
import type { AwsService } from '#local/gateway/service.ts';
import { subjectOf } from './subject.ts';
import type { Traces } from './traces.ts';

const mostAtOnce = 100;

/**
 * The ways of messages, for whoever holds the administrator's key; no role of the template has a grant for it.
 * `GET /traces?id=<vehicle, request or trace>&last=<1 to 100>` answers `{"traces":[…]}`, the newest first.
 *
 * @example
 * curl --aws-sigv4 aws:amz:eu-central-1:traces -u "$KEY:$SECRET" 'http://127.0.0.1:4566/traces?last=3'
 */
export function traceService(traces: Pick<Traces, 'find'>): AwsService {
  return {
    names: ['traces'],
    understand({ method, path, query }) {
      if (method !== 'GET' || path !== '/traces') {
        throw new AwsError('UnknownOperationException', 404, `${method} ${path}: there is GET /traces.`);
      }
      const id = query.get('id') ?? undefined;
      if (id !== undefined && subjectOf(id) === undefined) {
        throw new AwsError('ValidationException', 400, `id names a vehicle, a request or a trace; "${id}" is none.`);
      }
      const last = Number(query.get('last') ?? 3);
      if (!Number.isInteger(last) || last < 1 || last > mostAtOnce) {
        throw new AwsError('ValidationException', 400, `last is a whole number from 1 to ${mostAtOnce}.`);
      }
      return {
        name: 'FindTraces',
        permissions: [{ action: 'traces:FindTraces', resource: '*' }],
        run: () => ({ status: 200, body: { traces: traces.find(id, last) } }),
      };
    },
  };
}
