import * as z from 'zod/mini';
import { type Asker, requireClient, requirePerson } from '#shared/access/asker.ts';
import type { Caller } from '#shared/access/caller.ts';
import type { Operation } from '#shared/access/idempotent-operation.ts';
import type { Person } from '#shared/access/person.ts';
import type { Scope } from '#shared/access/scopes.ts';
import type { AuditSubject } from '#shared/audit/audit-record.ts';
import type { ProblemCode } from './problem-catalogue.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Schema = z.ZodMiniType;

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** In place of a body that is JSON; its media type stands in `headers`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose records what was done belongs into, beside what the path says: only the outcome tells. */
  readonly about?: readonly AuditSubject[];
}

export interface ReplyDocument {
  readonly description: string;
  readonly schema: Schema;
  readonly example: unknown;
  /** What whoever asks for it by `Accept` gets in place of JSON. */
  readonly text?: { readonly mediaType: string; readonly example: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** `application/json` where it is absent. */
  readonly mediaType?: string;
}

export interface Input<Path, Query, Headers, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  /** Of the API, as the caller named it: for links in answers. */
  readonly origin: string;
  /** New with each request, the same again when an Idempotency-Key is repeated after a crash. */
  readonly operation: Operation;
}

export interface BodyDocument<S extends Schema> {
  readonly schema: S;
  /** Empty: the request has no body. */
  readonly mediaTypes: readonly string[];
  readonly examples: Readonly<Record<string, unknown>>;
  /** Bytes, where it may hold more than any other body. */
  readonly largest?: number;
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
  /** Whose token opens it. */
  readonly audience: Asker['kind'];
  /** A client needs one of them to come in at all; persons have none. */
  readonly scopes: readonly Scope[];
  readonly pathSchema: Schema;
  readonly querySchema: Schema;
  readonly headerSchema: Schema;
  readonly body: BodyDocument<Schema>;
  readonly replies: Readonly<Record<number, ReplyDocument>>;
  /** The name under which the audit keeps what was asked and what came of it: `vehicle.suspend`. Every change has one, or is its own record. */
  readonly audit?: string;
  /** What the records are about, where neither path nor asker say it: something named after the operation. */
  readonly auditSubject?: (operation: Operation) => AuditSubject;
  /**
   * What it writes is the record of the request and of the change: it keeps the Idempotency-Key (`operation.ownKey`), and
   * no other record is written beside it, neither of the operation nor of the audit. For what is asked so often, and in
   * such a hurry, that two more writes would be most of its cost.
   */
  readonly isOwnRecord?: true;
  /**
   * The same again is the same, and no Idempotency-Key is remembered for it: with it would stand a hash of the body, and
   * whoever hashes every PIN there is finds the one that is in it.
   */
  readonly keepsNoKey?: true;
  /** The same again would be another one, and nothing but the key tells a second try from it. */
  readonly needsKey?: true;
  /** Beside those that every route of its kind has. */
  readonly problems?: readonly ProblemCode[];
}

export interface RawInput {
  readonly path: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  /** Of the API, as the caller named it. */
  readonly origin: string;
}

export interface Prepared<S> {
  /** Before an answer is given again: throws where the caller's rights no longer reach so far. */
  readonly permit: (asker: Asker, services: S, before: unknown) => Promise<void>;
  readonly run: (asker: Asker, operation: Operation, services: S) => Promise<Reply>;
}

/** Calls the services `S`, which its function has to have. */
export interface Route<S> extends RouteDocument {
  /** Parses everything the request brought; throws `Failure` by the parser it is given. */
  readonly prepare: (raw: RawInput, parse: Parser) => Prepared<S>;
}

export type InputPart = Exclude<keyof RawInput, 'origin'>;
export type Parser = <S extends Schema>(part: InputPart, schema: S, value: unknown) => z.output<S>;

/** What a handler learns of its asker: `caller` of a client, `person` of a person. */
type ByClient = { readonly caller: Caller };
type ByPerson = { readonly person: Person };

interface Definition<P extends Schema, Q extends Schema, H extends Schema, B extends Schema, By, S>
  extends Omit<RouteDocument, 'audience' | 'pathSchema' | 'querySchema' | 'headerSchema' | 'body'> {
  readonly pathSchema: P;
  readonly querySchema: Q;
  readonly headerSchema: H;
  readonly body: BodyDocument<B>;
  /**
   * What a POST asks of its caller beside the route's scopes, before it answers again what it answered `before`: rights
   * may have gone meanwhile, and so may what the answer is about.
   */
  permit?(
    input: Omit<Input<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>, 'operation'> &
      By & { readonly before: unknown },
    services: S,
  ): Promise<void>;
  handle(input: Input<z.output<P>, z.output<Q>, z.output<H>, z.output<B>> & By, services: S): Promise<Reply>;
}

/** A route as data, with a handler whose input has the types of its schemas. */
interface RouteMakers<S> {
  route<P extends Schema, Q extends Schema, H extends Schema, B extends Schema>(
    definition: Definition<P, Q, H, B, ByClient, S>,
  ): Route<S>;
  /** One that only a person's own token opens. */
  personRoute<P extends Schema, Q extends Schema, H extends Schema, B extends Schema>(
    definition: Omit<Definition<P, Q, H, B, ByPerson, S>, 'scopes'>,
  ): Route<S>;
}

/** For routes of one function: they call the services that it has, and no others. */
export function routesCalling<S>(): RouteMakers<S> {
  return {
    route: (definition) => routeFor('client', (asker) => ({ caller: requireClient(asker) }), definition),
    personRoute: (definition) =>
      routeFor('person', (asker) => ({ person: requirePerson(asker) }), { ...definition, scopes: [] }),
  };
}

function routeFor<P extends Schema, Q extends Schema, H extends Schema, B extends Schema, By, S>(
  audience: Asker['kind'],
  by: (asker: Asker) => By,
  definition: Definition<P, Q, H, B, By, S>,
): Route<S> {
  const { handle, permit, ...document } = definition;
  return {
    ...document,
    audience,
    prepare(raw, parse) {
      const path = parse('path', definition.pathSchema, raw.path);
      const query = parse('query', definition.querySchema, raw.query);
      const headers = parse('headers', definition.headerSchema, raw.headers);
      const body = parse('body', definition.body.schema, raw.body);
      const input = { path, query, headers, body, origin: raw.origin };
      return {
        permit: async (asker, services, before) => permit?.({ ...input, ...by(asker), before }, services),
        run: async (asker, operation, services) => handle({ ...input, ...by(asker), operation }, services),
      };
    },
  };
}

export const noBody = { schema: z.optional(z.strictObject({})), mediaTypes: [], examples: {} };
export const noQuery = z.strictObject({});
export const noHeaders = z.object({});
/** What is asked for stands in the path, all of it. */
export const pathAlone = { querySchema: noQuery, headerSchema: noHeaders, body: noBody };
