import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { type Asker, askerId, requireClient, requirePerson } from '#shared/access/asker.ts';
import { requireScope } from '#shared/access/caller.ts';
import type { Answer, Operation } from '#shared/access/idempotent-operation.ts';
import type { OperationService } from '#shared/access/operation-service.ts';
import type { QuotaService } from '#shared/access/quota-service.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { type Auditing, reasonOf } from './auditing.ts';
import type { Authentication } from './authentication.ts';
import type { Documents } from './documents.ts';
import { pathOf } from './gateway-event.ts';
import { bodyText, parse, rawInput, TransportFault } from './input.ts';
import { failureOf, type ProblemReply, problemContentType, problemOf, transportProblem } from './problems.ts';
import { quotaGuard } from './quota-guard.ts';
import type { Reply, Route, RouteDocument } from './route.ts';

export interface ApiParts<S> {
  readonly routes: readonly Route<S>[];
  readonly services: S;
  readonly authentication: Authentication;
  readonly operations: OperationService;
  readonly auditing: Auditing;
  /** Where it is this function that describes the API. */
  readonly documents?: Documents;
  readonly quotas: QuotaService;
  readonly log: RequestLog;
}

export interface RequestLog {
  /** One line a request. Never a VIN, a token or a place. */
  request(entry: RequestEntry): void;
  failure(entry: RequestEntry, error: unknown): void;
}

export interface RequestEntry {
  readonly requestId: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly clientId?: string;
  readonly vehicleId?: string;
  readonly problem?: string;
}

/** What the Lambda adapter gives beside the request. */
export interface Bindings {
  readonly event?: { readonly rawPath?: string; readonly requestContext?: unknown };
  readonly lambdaContext?: { readonly awsRequestId: string };
}

type Env = { Bindings: Bindings };
type Ctx = Context<Env>;

/** The API, made of its routes. */
export function createApp<S>(parts: ApiParts<S>): Hono<Env> {
  const app = new Hono<Env>({ getPath });
  app.use(quotaGuard(parts));
  for (const route of parts.routes) app.on(route.method, honoPath(route.path), (c) => answer(c, parts, route));
  if (parts.documents !== undefined) publishAll(app, parts.documents, parts.log);
  for (const [path, methods] of methodsByPath(parts)) app.all(path, (c) => refuseMethod(c, methods));
  app.notFound((c) =>
    send(c, problemOf(new Failure('not-found', 'not-found', 'There is nothing under this path.'), requestId(c))),
  );
  return app;
}

/** The path that API Gateway has matched, where there is one. */
function getPath(request: Request, options?: { readonly env?: Bindings | undefined }): string {
  const rawPath = options?.env?.event?.rawPath;
  return rawPath === undefined ? new URL(request.url).pathname : pathOf(rawPath);
}

function publishAll(app: Hono<Env>, { openApi, page }: Documents, log: RequestLog): void {
  app.get('/openapi.json', (c) => publish(c, log, 'application/json', openApi));
  app.get('/docs', (c) => publish(c, log, 'text/html; charset=utf-8', () => page(new URL(c.req.url).origin)));
}

const publicCache = {
  'cache-control': 'public, max-age=300',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
};

async function publish(c: Ctx, log: RequestLog, type: string, make: () => Promise<string>): Promise<Response> {
  const begun = performance.now();
  try {
    return c.body(await make(), 200, { 'content-type': type, ...publicCache });
  } catch (error) {
    const reply = problemFor(error, requestId(c));
    const { status, type: problem } = reply.problem;
    const durationMs = Math.round(performance.now() - begun);
    log.failure({ requestId: requestId(c), route: `GET ${c.req.path}`, status, durationMs, problem }, error);
    return send(c, reply);
  }
}

async function answer<S>(c: Ctx, parts: ApiParts<S>, route: Route<S>): Promise<Response> {
  const begun = performance.now();
  let asker: Asker | undefined;
  const vehicleId = c.req.param('vehicleId');
  const entry = (status: number, problem?: string): RequestEntry => ({
    ...{ requestId: requestId(c), route: `${route.method} ${route.path}`, status },
    durationMs: Math.round(performance.now() - begun),
    // The app of a person, never the person.
    ...(asker !== undefined && { clientId: asker.clientId }),
    // Somebody may have put a VIN there.
    ...(vehicleId !== undefined && isVehicleId(vehicleId) && { vehicleId }),
    ...(problem !== undefined && { problem }),
  });
  try {
    asker = await parts.authentication.asker(c.env);
    requireAudience(asker, route);
    const lost = (error: unknown) => parts.log.failure(entry(500, 'audit-incomplete'), error);
    const reply = await carriedOut(c, parts, route, asker, lost);
    parts.log.request(entry(reply.status));
    return new Response(reply.body, {
      status: reply.status,
      headers: { ...reply.headers, 'x-request-id': requestId(c) },
    });
  } catch (error) {
    const reply = problemFor(error, requestId(c));
    const line = entry(reply.problem.status, reply.problem.type);
    if (reply.problem.status >= 500) parts.log.failure(line, error);
    else parts.log.request(line);
    return send(c, reply);
  }
}

async function carriedOut<S>(
  c: Ctx,
  { operations, services, auditing }: ApiParts<S>,
  route: Route<S>,
  asker: Asker,
  lost: (error: unknown) => void,
): Promise<Answer> {
  const body = await bodyText(c, route.body.largest);
  const raw = rawInput(c, route, body);
  const prepared = route.prepare(raw, parse);
  const key = route.method === 'POST' ? c.req.header('idempotency-key') : undefined;
  if (route.needsKey && key === undefined) throw keyMissing();
  if (route.isOwnRecord) {
    const ownKey = key === undefined ? {} : { ownKey: checkedKey(key) };
    return answerOf(await prepared.run(asker, { ...operations.unkeyed(), ...ownKey }, services));
  }
  const reason = route.audit === undefined ? {} : reasonOf(c.req.header('x-reason'), raw.body);
  const audited = { route, asker, requestId: requestId(c), path: c.req.param(), ...reason };
  const run = async (operation: Operation) =>
    answerOf(await auditing.around(audited, operation, () => prepared.run(asker, operation, services), lost));
  if (key === undefined) return run(operations.unkeyed());
  const checked = checkedKey(key);
  if (route.keepsNoKey) return run(operations.unkeyed());
  const request = { clientId: askerId(asker), key: checked, fingerprint: fingerprint(c, body) };
  return operations.once(request, ({ body: before }) => prepared.permit(asker, services, JSON.parse(before)), run);
}

function answerOf({ status, headers, body, text = JSON.stringify(body) }: Reply): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: text };
}

function requireAudience(asker: Asker, { audience, scopes }: RouteDocument): void {
  if (audience === 'person') {
    requirePerson(asker);
    return;
  }
  const caller = requireClient(asker);
  const [first] = scopes;
  if (first !== undefined && !scopes.some((scope) => caller.scopes.has(scope))) requireScope(caller, first);
}

function checkedKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Failure('invalid', 'invalid-header', 'A header is not valid.', {
    errors: [{ pointer: 'Idempotency-Key', detail: 'is not 1 to 255 visible ASCII characters' }],
  });
}

function keyMissing(): Failure {
  return new Failure('invalid', 'idempotency-key-missing', 'Nothing tells this request from a second try of another.', {
    resolution: 'Send an Idempotency-Key: a new one for each request that is meant, the same one with each try of it.',
    errors: [{ pointer: 'Idempotency-Key', detail: 'is missing' }],
  });
}

function fingerprint(c: Ctx, body: string): string {
  return createHash('sha256').update(`${c.req.method} ${c.req.path}\n${body}`).digest('base64url');
}

function problemFor(error: unknown, id: string): ProblemReply {
  if (error instanceof TransportFault) {
    const reply = transportProblem(error.problem, id, { resolution: error.resolution });
    return { ...reply, headers: { ...reply.headers, ...error.headers } };
  }
  const failure = failureOf(error);
  return failure === undefined ? transportProblem('unexpected', id) : problemOf(failure, id);
}

function refuseMethod(c: Ctx, methods: readonly string[]): Response {
  const reply = transportProblem('methodNotAllowed', requestId(c), { resolution: `It has ${methods.join(', ')}.` });
  return send(c, { ...reply, headers: { ...reply.headers, allow: methods.join(', ') } });
}

function send(c: Ctx, { problem, headers }: ProblemReply): Response {
  const all = { 'content-type': problemContentType, 'x-request-id': problem.requestId, ...headers };
  return new Response(c.req.method === 'HEAD' ? null : JSON.stringify(problem), {
    status: problem.status,
    headers: all,
  });
}

function requestId(c: Ctx): string {
  return c.env?.lambdaContext?.awsRequestId ?? 'local';
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function methodsByPath<S>({ routes, documents }: ApiParts<S>): Map<string, readonly string[]> {
  const published = documents === undefined ? [] : ['/openapi.json', '/docs'].map((path) => ({ path, method: 'GET' }));
  const paths = new Map<string, readonly string[]>();
  for (const { path, method } of [...routes, ...published]) {
    const known = paths.get(honoPath(path)) ?? [];
    paths.set(honoPath(path), [...known, ...(method === 'GET' ? ['GET', 'HEAD'] : [method])]);
  }
  return paths;
}
