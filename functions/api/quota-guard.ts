import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Admission } from '#shared/access/admission.ts';
import { windowOf } from '#shared/access/quota.ts';
import type { QuotaService } from '#shared/access/quota-service.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Authentication } from './authentication.ts';
import { problemContentType, problemOf } from './problems.ts';

type Env = { Bindings: { readonly lambdaContext?: { readonly awsRequestId: string } } };

interface Refusal {
  readonly requestId: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly clientId?: string;
  readonly problem: string;
}

export interface GuardParts {
  readonly quotas: QuotaService;
  readonly authentication: Authentication;
  readonly log: { request(entry: Refusal): void };
}

/** Stands before everything: counts who asks, and says on every answer what is left. */
export function quotaGuard({ quotas, authentication, log }: GuardParts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const asking = authentication.asking(c.env);
    // The public documents, and what the route will refuse for want of a token.
    if (asking === undefined) return next();
    const admission = await quotas.admit(asking);
    if (admission.kind !== 'admitted') {
      const requestId = c.env?.lambdaContext?.awsRequestId ?? 'local';
      const { problem, headers } = problemOf(failureFor(admission), requestId);
      const path = matchedRoutes(c).at(-1)?.path ?? '';
      const clientId = asking.kind === 'client' ? { clientId: asking.askerId } : {};
      log.request({
        requestId,
        route: `${c.req.method} ${path}`,
        status: 429,
        durationMs: 0,
        ...clientId,
        problem: problem.type,
      });
      const all = { 'content-type': problemContentType, 'x-request-id': requestId, ...headers, ...fields(admission) };
      return new Response(c.req.method === 'HEAD' ? null : JSON.stringify(problem), { status: 429, headers: all });
    }
    await next();
    const after = quotas.answered(asking, c.res.status);
    for (const [name, value] of Object.entries(fields(after))) c.res.headers.set(name, value);
    return undefined;
  };
}

/** draft-ietf-httpapi-ratelimit-headers-10: structured fields (RFC 9651), one policy. */
function fields({ quota, remaining, seconds }: Admission): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"default";q=${Math.floor(quota.burst)};w=${windowOf(quota)}`,
    ratelimit: `"default";r=${remaining};t=${seconds}`,
  };
}

function failureFor({ kind, quota, seconds: retryAfter }: Admission): Failure {
  if (kind === 'circuit-open') {
    return new Failure('throttled', 'circuit-open', 'This client is shut out for a time, for its conduct.', {
      resolution: 'Stop, mend the program, and come back later; the operator of the platform can let it in at once.',
      retryAfter,
    });
  }
  const allowed = `${quota.rate} requests a second and ${quota.burst} at once`;
  return new Failure('throttled', 'quota-exceeded', `The quota is ${allowed}, and it is used up.`, {
    resolution: `Send it again in ${retryAfter} s, and other requests no faster than the quota.`,
    retryAfter,
  });
}
