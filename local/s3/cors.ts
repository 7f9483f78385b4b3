import type { CorsRule } from './bucket-settings.ts';

export interface CorsRequest {
  readonly origin: string;
  /** The method that is used, or asked for. */
  readonly method: string;
  /** What a browser wants to send, in lower case. */
  readonly headers: readonly string[];
}

/** The head fields with which a bucket lets a browser in; undefined: it does not. */
export function corsHeaders(rules: readonly CorsRule[], request: CorsRequest): Record<string, string> | undefined {
  const { origin, method, headers } = request;
  const rule = rules.find(
    (one) =>
      one.methods.includes(method) &&
      one.origins.some((pattern) => fits(pattern, origin)) &&
      headers.every((header) => one.headers.some((pattern) => fits(pattern.toLowerCase(), header))),
  );
  if (rule === undefined) return undefined;
  const everybody = rule.origins.includes('*');
  return {
    'access-control-allow-origin': everybody ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.exposed.length > 0 && { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    ...(!everybody && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** With at most one `*`, which stands for any text. */
function fits(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
