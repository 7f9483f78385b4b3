import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsRequest, AwsResponse } from '#local/gateway/service.ts';
import type { Permission } from '#local/iam/principal.ts';
import { invalidRequest } from './errors.ts';

/** The part of a request that names an operation and carries its input. */
export type RestRequest = Pick<AwsRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;

export interface Route {
  /** The operation's name in the API, `CreateThing`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/things/{thingName}`; `{topic+}` at the end takes the rest of the path. */
  readonly path: string;
  /** Every query parameter that is understood; any other is refused. */
  readonly query?: readonly string[];
  understand(call: RestCall): {
    readonly permissions: readonly Permission[];
    run(): AwsResponse | Promise<AwsResponse>;
  };
}

export const answer = (body: object): AwsResponse => ({ status: 200, body });
export const done = (): AwsResponse => ({ status: 200, body: {} });

/** Finds the operation that a REST request means. Throws `AwsError` when there is none. */
export function understandRest(routes: readonly Route[], service: string, request: RestRequest): AwsOperation {
  const segments = request.path.split('/').slice(1);
  for (const route of routes) {
    const parameters = route.method === request.method ? match(route.path, segments) : undefined;
    if (parameters === undefined) continue;
    const stranger = [...request.query.keys()].find((name) => !(route.query ?? []).includes(name));
    if (stranger !== undefined) {
      throw invalidRequest(`The local cloud does not know the parameter "${stranger}" of ${route.name}.`);
    }
    const { permissions, run } = route.understand(new RestCall(request, parameters));
    return { name: route.name, permissions, run };
  }
  const message = `The local cloud does not know the operation ${request.method} ${request.path} of ${service}.`;
  throw new AwsError('UnknownOperationException', 404, message);
}

function match(template: string, segments: readonly string[]): ReadonlyMap<string, string> | undefined {
  const wanted = template.split('/').slice(1);
  const parameters = new Map<string, string>();
  for (const [i, part] of wanted.entries()) {
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (part.endsWith('+}')) {
      parameters.set(part.slice(1, -2), segments.slice(i).map(decode).join('/'));
      return parameters;
    }
    if (part.startsWith('{')) parameters.set(part.slice(1, -1), decode(segment));
    else if (part !== segment) return undefined;
  }
  return wanted.length === segments.length ? parameters : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidRequest(`"${segment}" is not percent-encoded UTF-8.`);
  }
}

/** One request, its inputs read by name. */
export class RestCall {
  readonly body: Buffer;
  readonly #request: RestRequest;
  readonly #parameters: ReadonlyMap<string, string>;

  constructor(request: RestRequest, parameters: ReadonlyMap<string, string>) {
    this.body = request.body;
    this.#request = request;
    this.#parameters = parameters;
  }

  parameter(name: string): string {
    const value = this.#parameters.get(name) ?? '';
    if (value === '') throw invalidRequest(`The parameter "${name}" is missing.`);
    return value;
  }

  query(name: string): string | undefined {
    return this.#request.query.get(name) ?? undefined;
  }

  flag(name: string): boolean {
    const value = this.query(name);
    if (value !== undefined && value !== 'true' && value !== 'false') {
      throw invalidRequest(`The parameter "${name}" is true or false.`);
    }
    return value === 'true';
  }

  integer(name: string, least: number, most: number): number | undefined {
    const text = this.query(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw invalidRequest(`"${name}" is a number from ${least} to ${most}.`);
    return value;
  }

  /** @param name in lower case */
  header(name: string): string | undefined {
    return this.#request.headers[name];
  }

  json<T>(schema: z.ZodType<T>): T {
    let value: unknown;
    try {
      value = this.body.byteLength === 0 ? {} : JSON.parse(this.body.toString('utf8'));
    } catch {
      throw invalidRequest('The body is not JSON.');
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw invalidRequest(z.prettifyError(parsed.error));
    return parsed.data;
  }

  /** One page of items that are in the order of their names. */
  page<T>(items: readonly T[], nameOf: (item: T) => string, names: PageNames = newPageNames): Page<T> {
    const size = this.integer(names.size, 1, names.most) ?? names.default;
    const token = this.query(names.token);
    const after = token === undefined ? undefined : readToken(token);
    const start = after === undefined ? 0 : items.findIndex((item) => nameOf(item) > after);
    const shown = start < 0 ? [] : items.slice(start, start + size);
    const last = shown.at(-1);
    const more = last !== undefined && start + size < items.length;
    return { items: shown, next: more ? { [names.next]: writeToken(nameOf(last)) } : {} };
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  /** The member of the answer that leads to the next page; empty on the last one. */
  readonly next: Readonly<Record<string, string>>;
}

export interface PageNames {
  readonly size: string;
  readonly token: string;
  readonly next: string;
  readonly default: number;
  readonly most: number;
}

const newPageNames: PageNames = { size: 'maxResults', token: 'nextToken', next: 'nextToken', default: 100, most: 250 };

/** The older operations of AWS IoT page by marker. */
export const markerPages: PageNames = {
  size: 'pageSize',
  token: 'marker',
  next: 'nextMarker',
  default: 100,
  most: 250,
};

function writeToken(name: string): string {
  return Buffer.from(JSON.stringify({ after: name })).toString('base64url');
}

function readToken(token: string): string {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return z.strictObject({ after: z.string() }).parse(content).after;
  } catch {
    throw invalidRequest('The token of the next page is not one of this service.');
  }
}

/** AWS IoT's control plane writes times as seconds. */
export const seconds = (instant: number): number => instant / 1000;
