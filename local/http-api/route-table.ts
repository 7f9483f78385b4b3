/** A route key as the template has it, in parts. */
export interface RouteKey {
  readonly key: string;
  /** `ANY` for every method. */
  readonly method: string;
  /** `$default` has no path. */
  readonly segments: readonly Segment[] | undefined;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

export interface RouteMatch<R> {
  readonly route: R;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const methods = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** @throws Error for a key that API Gateway would refuse */
export function routeKey(key: string): RouteKey {
  if (key === '$default') return { key, method: 'ANY', segments: undefined };
  const space = key.indexOf(' ');
  const method = key.slice(0, space);
  const path = key.slice(space + 1);
  if (!methods.has(method) || !path.startsWith('/')) throw new Error(`RouteKey: ${key} is not understood`);
  const segments = path
    .slice(1)
    .split('/')
    .map((text) => segment(text, key));
  const greedy = segments.findIndex(({ kind }) => kind === 'greedy');
  if (greedy >= 0 && greedy !== segments.length - 1) throw new Error(`RouteKey: ${key} goes on after {…+}`);
  return { key, method, segments };
}

function segment(text: string, key: string): Segment {
  const [, name, plus] = /^\{([\w.:-]+)(\+?)\}$/.exec(text) ?? [];
  if (name !== undefined) return { kind: plus === '+' ? 'greedy' : 'variable', name };
  if (/[{}]/.test(text)) throw new Error(`RouteKey: ${key} has a malformed variable`);
  return { kind: 'literal', text };
}

/** The path's part of the key, as it stands in the ARN that a permission's SourceArn is compared with. */
export function pathOf(route: RouteKey): string {
  return route.segments === undefined ? '$default' : route.key.slice(route.key.indexOf(' ') + 2);
}

function parametersOf(route: RouteKey, given: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  if (route.segments === undefined) return parameters;
  for (const [index, wanted] of route.segments.entries()) {
    const text = given[index];
    if (text === undefined) return undefined;
    if (wanted.kind === 'greedy') {
      const rest = given.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [wanted.name]: rest };
    }
    if (wanted.kind === 'literal') {
      if (wanted.text !== text) return undefined;
    } else if (text === '') {
      return undefined;
    } else {
      parameters[wanted.name] = text;
    }
  }
  return given.length === route.segments.length ? parameters : undefined;
}

const weight = { literal: 0, variable: 1, greedy: 2 } as const;

/** Negative when `a` is the more specific: segment by segment, then the method, `$default` last. */
function compare(a: RouteKey, b: RouteKey): number {
  if (a.segments === undefined || b.segments === undefined) {
    return Number(a.segments === undefined) - Number(b.segments === undefined);
  }
  for (const [index, first] of a.segments.entries()) {
    const second = b.segments[index];
    if (second === undefined) break;
    if (weight[first.kind] !== weight[second.kind]) return weight[first.kind] - weight[second.kind];
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

/** The most specific route for a request, as API Gateway selects it ("Routes for HTTP APIs"). */
export function matchRoute<R extends { readonly route: RouteKey }>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  const given = path.slice(1).split('/');
  let best: RouteMatch<R> | undefined;
  for (const candidate of routes) {
    if (candidate.route.method !== 'ANY' && candidate.route.method !== method) continue;
    const pathParameters = parametersOf(candidate.route, given);
    if (pathParameters === undefined) continue;
    if (best === undefined || compare(candidate.route, best.route.route) < 0) {
      best = { route: candidate, pathParameters };
    }
  }
  return best;
}
