import * as z from 'zod/mini';
import { personScopes } from '#shared/access/person.ts';
import { scopeNames, scopes, tokenScope } from '#shared/access/scopes.ts';
import { reasonPattern } from '#shared/audit/audit-record.ts';
import { issuerPlaceholders } from './documents.ts';
import { type DescribedProblem, describedProblems, type ProblemCode } from './problem-catalogue.ts';
import { problemContentType, problemSchema, problemType } from './problems.ts';
import type { ReplyDocument, RouteDocument } from './route.ts';
import { routes } from './routes.ts';
import { described } from './schemas.ts';

type Json = Record<string, unknown>;
type Schema = z.ZodMiniType;

/** By whose token opens a route. */
const securitySchemes = { client: 'clientCredentials', person: 'personSignIn' } as const;

/**
 * The description of the API (OpenAPI 3.1), from the very routes it is made of.
 *
 * @returns a JSON document, the same for the same sources
 */
export function buildOpenApi(): object {
  const schemas: Json = { Problem: jsonSchema(problemSchema, 'input', {}) };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fleetloom',
      version: '1',
      summary: 'The API of the connected-vehicle platform',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document was read' }],
    tags: tags.map(([name, text]) => ({ name, description: text })),
    paths,
    components: {
      schemas,
      responses: fromGateway,
      headers: quotaHeaders,
      examples: Object.fromEntries(describedProblems.map((problem) => [problem.code, problemExample(problem)])),
      securitySchemes: { [securitySchemes.client]: oauth(), [securitySchemes.person]: signIn() },
    },
  };
}

const description = `Every request bears an OAuth2 access token: a partner's system gets one by its client credentials, a person by signing in (authorization code with PKCE). Neither may do what is meant for the other. A client sees the vehicles of its brands; another brand's vehicle is 404.

Every fault that the API finds is a problem (RFC 9457) with a \`type\` that never changes and a \`requestId\`. A path without the method that was asked for answers 405, and \`Allow\` lists those it has. API Gateway answers in its own shape where it lets nothing through: 401 without a valid token, 429 above the rate that all clients together are allowed.

Each client, and each person, has a quota. Every answer says in \`RateLimit-Policy\` what it is and in \`RateLimit\` what is left; above it a request is answered 429 with \`Retry-After\`, and nothing was done. Whoever keeps asking without waiting is shut out for a time, except with a token of the scope \`manage_clients\`, which can let others in again.

Lists come in pages: send \`nextCursor\` as \`cursor\`, with all else unchanged. Send an \`Idempotency-Key\` with a POST that must not happen twice: the same request with the same key is answered as it was the first time, for a day.`;

const tags = [
  ['Registry', 'Which vehicles there are, their life cycle, connection and control units'],
  ['Twins', 'What a vehicle should be, and what it is'],
  ['Commands', 'What a vehicle is told to do now'],
  ['Clients', 'How partners’ systems keep to their quotas'],
  ['Transfers', 'Many vehicles at once, in and out by a file'],
  ['Telemetry', 'What a vehicle measures, by the names and units of COVESA VSS 6'],
  ['Ownership', 'Whose a vehicle is: claimed with the code that it shows, handed on, given up'],
  ['Releases', 'Software for control units: described, uploaded, signed offline, approved by two'],
  ['Campaigns', 'Whom a release is offered to, how fast, and how far it came'],
  ['Updates', 'What becomes of the update of one vehicle, and who decides of it'],
  ['Evidence', 'What was put down of updates for whoever checks them later, and cannot be changed'],
  ['Assistance', 'Vehicles whose update failed or fell silent, and what is done about it'],
  ['Sharing', 'Vehicles that many people use: a city, finding one, holding, opening, driving, paying'],
  ['Mobility data', 'What a city may know of shared vehicles in it: MDS 2.0, provider'],
  ['Care', 'What happens to shared vehicles: photos, damage, dirt, lost property, cards, a driver who is locked out'],
  ['Accounts', 'What sharing costs and brings: invoices, charges, fines, businesses, an accountant’s month'],
  ['Partners', 'Partners book shared vehicles for their own customers, in the shape of TOMP 2.0'],
  ['Webhooks', 'Servers of partners are told of events, by signed calls'],
  ['Audit', 'Who did what, when and why'],
  ['Erasure', 'What is kept of a vehicle or a person goes, with a proof'],
  ['Persons', 'What a person may do who has signed in'],
] as const;

function operation(route: RouteDocument, schemas: Json): Json {
  const { operationId, summary, description: text, tag, method, body } = route;
  const parameters = [
    ...parametersOf('path', route.pathSchema, schemas),
    ...parametersOf('query', route.querySchema, schemas),
    ...parametersOf('header', route.headerSchema, schemas),
    ...(method === 'POST' ? [{ ...idempotencyKey, required: route.needsKey === true }] : []),
    ...(route.audit === undefined ? [] : [reasonHeader]),
  ];
  const needed = route.audience === 'person' ? personScopes : route.scopes.map(tokenScope);
  return {
    ...{ operationId, summary, tags: [tag] },
    ...(text !== undefined && { description: text }),
    ...(parameters.length > 0 && { parameters }),
    ...(body.mediaTypes.length > 0 && { requestBody: requestBody(route, schemas) }),
    responses: responses(route, schemas),
    security: needed.map((scope) => ({ [securitySchemes[route.audience]]: [scope] })),
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same request with the same key happens once; visible ASCII characters',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

const reasonHeader = {
  name: 'X-Reason',
  in: 'header',
  required: false,
  description: 'Why, for the audit: printable ASCII that names no person and holds no VIN',
  schema: { type: 'string', minLength: 1, maxLength: 256, pattern: reasonPattern.source },
};

function parametersOf(place: 'path' | 'query' | 'header', schema: Schema, schemas: Json): Json[] {
  // Parsed values describe themselves better than their texts do: a limit is an integer.
  const { properties = {}, required = [] } = jsonSchema(schema, place === 'query' ? 'output' : 'input', schemas);
  return Object.entries(isJson(properties) ? properties : {}).map(([name, property]) => {
    const {
      description: text = aboutReferred(property, schemas),
      examples: _,
      ...rest
    } = isJson(property) ? property : {};
    const isRequired =
      place === 'path' || (Array.isArray(required) && required.includes(name) && rest['default'] === undefined);
    return {
      ...{ name: place === 'header' ? headerName(name) : name, in: place, required: isRequired },
      ...(typeof text === 'string' && { description: text }),
      schema: rest,
      ...(exampleFor(property) !== undefined && { example: exampleFor(property) }),
    };
  });
}

/** A parameter of a named schema is described by it. */
function aboutReferred(property: unknown, schemas: Json): unknown {
  const reference = isJson(property) ? property['$ref'] : undefined;
  const schema = typeof reference === 'string' ? schemas[reference.split('/').at(-1) ?? ''] : undefined;
  return isJson(schema) ? schema['description'] : undefined;
}

function exampleFor(property: unknown): unknown {
  const examples = isJson(property) ? property['examples'] : undefined;
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** `if-match` is `If-Match` to people. */
function headerName(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (_, dash, letter) => `${dash}${String(letter).toUpperCase()}`);
}

function requestBody({ body }: RouteDocument, schemas: Json): Json {
  const examples = Object.fromEntries(Object.entries(body.examples).map(([name, value]) => [name, { value }]));
  const schema = jsonSchema(body.schema, 'input', schemas);
  return { required: true, content: Object.fromEntries(body.mediaTypes.map((type) => [type, { schema, examples }])) };
}

function responses(route: RouteDocument, schemas: Json): Json {
  const good = Object.entries(route.replies).map(([status, reply]) => [status, response(reply, schemas)]);
  const codes: ReadonlySet<string> = new Set([...(route.problems ?? []), ...commonProblems(route)]);
  const known = describedProblems.filter(({ code }) => codes.has(code));
  const bad = [...new Set(known.map(({ status }) => status))].map((status) => [
    status,
    problemResponse(known.filter((problem) => problem.status === status)),
  ]);
  const unauthorized = { 401: { $ref: '#/components/responses/401' } };
  return { ...Object.fromEntries(good), ...Object.fromEntries(bad), ...unauthorized };
}

const fromGateway = {
  401: {
    description: 'No valid access token: answered by API Gateway, in its own shape',
    content: { 'application/json': { example: { message: 'Unauthorized' } } },
  },
  429: {
    description: 'Too many requests of all clients together: answered by API Gateway, in its own shape',
    content: { 'application/json': { example: { message: 'Too Many Requests' } } },
  },
};

/** The fields of draft-ietf-httpapi-ratelimit-headers-10, on every answer of an operation. */
const quotaHeaders = {
  'RateLimit-Policy': {
    description: 'The quota: `q` requests at once, and as many again within each `w` seconds',
    schema: { type: 'string' },
    example: '"default";q=200;w=2',
  },
  RateLimit: {
    description: 'What is left: `r` requests at once; in `t` seconds the quota is whole again',
    schema: { type: 'string' },
    example: '"default";r=163;t=1',
  },
  'Retry-After': {
    description: 'Whole seconds after which the same request makes sense',
    schema: { type: 'integer', minimum: 1 },
    example: 2,
  },
};

const overQuota: readonly ProblemCode[] = ['quota-exceeded', 'circuit-open'];

function headersOf(...names: readonly (keyof typeof quotaHeaders)[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** What may go wrong with any route of this kind. */
function commonProblems({
  audience,
  method,
  body,
  pathSchema,
  headerSchema,
  audit,
  needsKey,
  problems = [],
}: RouteDocument): ProblemCode[] {
  const hasSome = (schema: Schema) => Object.keys(jsonSchema(schema, 'input', {})['properties'] ?? {}).length > 0;
  const codes: ProblemCode[] = ['invalid-parameter', 'unexpected', 'overloaded', 'contended', ...overQuota];
  if (audience === 'person') codes.push('person-token-needed');
  else codes.push('scope-missing', 'client-token-needed');
  if (hasSome(pathSchema)) codes.push('not-found');
  if (problems.includes('vehicle-not-found')) codes.push('vehicle-erased');
  if (hasSome(headerSchema) || method === 'POST' || audit !== undefined) codes.push('invalid-header');
  if (audit !== undefined) codes.push('audit-unavailable');
  if (needsKey) codes.push('idempotency-key-missing');
  if (method === 'POST') codes.push('operation-in-progress', 'idempotency-key-reused');
  if (body.mediaTypes.length > 0 || method === 'POST') {
    codes.push('malformed-body', 'invalid-body', 'body-too-large', 'unsupported-media-type');
  }
  return codes;
}

function problemResponse(problems: readonly DescribedProblem[]): Json {
  const examples = problems.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }]);
  const waiting = problems.some(({ status }) => status === 429 || status === 503);
  const gateway = problems.some(({ status }) => status === 429) ? fromGateway[429].content : {};
  return {
    description: problems.map(({ code }) => `\`${code}\``).join(', '),
    headers: headersOf('RateLimit-Policy', 'RateLimit', ...(waiting ? (['Retry-After'] as const) : [])),
    content: {
      ...gateway,
      [problemContentType]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function problemExample({ code, status, title, when, remedy }: DescribedProblem): Json {
  const requestId = '5f2c1c9e-6f0c-4d6e-9a53-0d6f4d1c2b7a';
  return {
    ...{ summary: when, description: remedy },
    value: { type: problemType(code), title, status, detail: when, requestId },
  };
}

function response(reply: ReplyDocument, schemas: Json): Json {
  const { description: about, schema, example, text, headers = {}, mediaType = 'application/json' } = reply;
  const described = Object.entries(headers).map(([name, says]) => [
    name,
    { description: says, schema: { type: 'string' } },
  ]);
  return {
    description: about,
    headers: { ...Object.fromEntries(described), ...headersOf('RateLimit-Policy', 'RateLimit') },
    content: {
      [mediaType]: { schema: jsonSchema(schema, 'input', schemas), example },
      ...(text !== undefined && { [text.mediaType]: { schema: { type: 'string' }, example: text.example } }),
    },
  };
}

function oauth(): Json {
  const offered = scopeNames.map((scope) => [tokenScope(scope), scopes[scope]]);
  return {
    type: 'oauth2',
    description: 'Client credentials, as the issuer of this deployment takes them',
    flows: {
      clientCredentials: {
        tokenUrl: issuerPlaceholders.tokenUrl,
        scopes: Object.fromEntries(offered),
      },
    },
  };
}

function signIn(): Json {
  const about: Readonly<Record<(typeof personScopes)[number], string>> = {
    openid: 'Says who has signed in, through the browser',
    'aws.cognito.signin.user.admin': 'In the tokens of an app that signs a person in by name and password itself',
  };
  return {
    type: 'oauth2',
    description:
      'A person signs in at the issuer of this deployment; the app proves itself by PKCE (S256), not by a secret',
    flows: {
      authorizationCode: {
        authorizationUrl: issuerPlaceholders.authorizeUrl,
        tokenUrl: issuerPlaceholders.tokenUrl,
        refreshUrl: issuerPlaceholders.tokenUrl,
        scopes: about,
      },
    },
  };
}

/** The schema as JSON Schema; what has an id goes among the components and is referred to. */
function jsonSchema(schema: Schema, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, { metadata: described, io, unrepresentable: 'any', target: 'draft-2020-12' });
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = referring(definition);
  const json = referring(rest);
  if (!isJson(json)) return {};
  const { id, ...named } = json;
  if (typeof id !== 'string') return json;
  schemas[id] = named;
  return { $ref: `#/components/schemas/${id}` };
}

function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === '$ref' && typeof member === 'string'
        ? [key, member.replace('#/$defs/', '#/components/schemas/')]
        : [key, referring(member)],
    ),
  );
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
