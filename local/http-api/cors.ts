import type { HttpAnswer } from './function-response.ts';
import type { ReceivedRequest } from './request-event.ts';

/** `CorsConfiguration` of an API. With one, the gateway alone speaks CORS; the function's headers do not count. */
export interface CorsRules {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAge: number | undefined;
}

export function isPreflight(request: Pick<ReceivedRequest, 'method' | 'headers'>): boolean {
  const { origin } = request.headers;
  return request.method === 'OPTIONS' && origin !== undefined && 'access-control-request-method' in request.headers;
}

function allowsOrigin(rules: CorsRules, origin: string): boolean {
  return rules.allowOrigins.some((allowed) => {
    if (allowed === '*' || allowed === origin) return true;
    return (allowed === 'https://*' || allowed === 'http://*') && origin.startsWith(allowed.slice(0, -1));
  });
}

/** The headers that this origin gets; none when it is not allowed. */
function corsHeaders(rules: CorsRules, origin: string | undefined, preflight: boolean): Record<string, string> {
  if (origin === undefined || !allowsOrigin(rules, origin)) return {};
  const headers: Record<string, string> = {
    'access-control-allow-origin': rules.allowOrigins.includes('*') ? '*' : origin,
  };
  if (rules.allowCredentials) headers['access-control-allow-credentials'] = 'true';
  if (!rules.allowOrigins.includes('*')) headers['vary'] = 'origin';
  if (!preflight) {
    if (rules.exposeHeaders.length > 0) headers['access-control-expose-headers'] = rules.exposeHeaders.join(',');
    return headers;
  }
  if (rules.allowMethods.length > 0) headers['access-control-allow-methods'] = rules.allowMethods.join(',');
  if (rules.allowHeaders.length > 0) headers['access-control-allow-headers'] = rules.allowHeaders.join(',');
  if (rules.maxAge !== undefined) headers['access-control-max-age'] = String(rules.maxAge);
  return headers;
}

export function preflightAnswer(rules: CorsRules, origin: string | undefined): HttpAnswer {
  return { status: 204, headers: corsHeaders(rules, origin, true), cookies: [], body: Buffer.alloc(0) };
}

export function withCors(rules: CorsRules, origin: string | undefined, answer: HttpAnswer): HttpAnswer {
  const kept = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
  return { ...answer, headers: { ...Object.fromEntries(kept), ...corsHeaders(rules, origin, false) } };
}
