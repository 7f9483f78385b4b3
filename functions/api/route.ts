import * as z from 'zod/mini';
import type { Caller } from '#shared/access/caller.ts';
import type { Operation } from '#shared/access/idempotent-operation.ts';
import type { Scope } from '#shared/access/scopes.ts';
import type { ProblemCode } from './problem-catalogue.ts';
import type { Services } from './services.ts';

export type Method = 'GET' | 'POST' | 'PATCH';
type Schema = z.ZodMiniType;

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReplyDocument {
  readonly description: string;
  readonly schema: Schema;
  readonly example: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Input<Path, Query, Headers, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly caller: Caller;
  /** New with each request, the same again when an Idempotency-Key is repeated after a crash. */
  readonly operation: Operation;
}

export interface BodyDocument<S extends Schema> {
  readonly schema: S;
  /** Empty: the request has no body. */
  readonly mediaTypes: readonly string[];
  readonly examples: Readonly<Record<string, unknown>>;
}

/** What is said about a route: the API is made of it, and so is its description. */
export interface RouteDocument {
  readonly method: Method;
  /** In OpenAPI's notation: `/v1/vehicles/{vehicleId}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** The caller needs one of them to come in at all. */
  readonly scopes: readonly Scope[];
  readonly pathSchema: Schema;
  readonly querySchema: Schema;
  readonly headerSchema: Schema;
  readonly body: BodyDocument<Schema>;
  readonly replies: Readonly<Record<number, ReplyDocument>>;
  /** Beside those that every route of its kind has. */
  readonly problems?: readonly ProblemCode[];
}

export interface RawInput {
  readonly path: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
}

export interface Prepared {
  /** Before an answer is given again: throws where the caller's rights no longer reach so far. */
  permit(caller: Caller, services: Services): Promise<void>;
  run(caller: Caller, operation: Operation, services: Services): Promise<Reply>;
}

export interface Route extends RouteDocument {
  /** Parses everything the request brought; throws `Failure` by the parser it is given. */
  prepare(raw: RawInput, parse: Parser): Prepared;
}

export type InputPart = keyof RawInput;
export type Parser = <S extends Schema>(part: InputPart, schema: S, value: unknown) => z.output<S>;

interface Definition<P extends Schema, Q extends Schema, H extends Schema, B extends Schema>
  extends Omit<RouteDocument, 'pathSchema' | 'querySchema' | 'headerSchema' | 'body'> {
  readonly pathSchema: P;
  readonly querySchema: Q;
  readonly headerSchema: H;
  readonly body: BodyDocument<B>;
  /** What a POST asks of its caller beside the route's scopes. Its answers are kept, rights may go meanwhile. */
  permit?(
    input: Omit<Input<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>, 'operation'>,
    services: Services,
  ): Promise<void>;
  handle(input: Input<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>, services: Services): Promise<Reply>;
}

/** A route as data, with a handler whose input has the types of its schemas. */
export function route<P extends Schema, Q extends Schema, H extends Schema, B extends Schema>(
  definition: Definition<P, Q, H, B>,
): Route {
  const { handle, permit, ...document } = definition;
  return {
    ...document,
    prepare(raw, parse) {
      const path = parse('path', definition.pathSchema, raw.path);
      const query = parse('query', definition.querySchema, raw.query);
      const headers = parse('headers', definition.headerSchema, raw.headers);
      const body = parse('body', definition.body.schema, raw.body);
      return {
        permit: async (caller, services) => permit?.({ path, query, headers, body, caller }, services),
        run: (caller, operation, services) => handle({ path, query, headers, body, caller, operation }, services),
      };
    },
  };
}

export const noBody = { schema: z.optional(z.strictObject({})), mediaTypes: [], examples: {} };
export const noQuery = z.strictObject({});
export const noHeaders = z.object({});
