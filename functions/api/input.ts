import type { Context } from 'hono';
import { Failure, type FailureKind, type FieldError } from '#shared/kernel/failure.ts';
import { bodyFaults, parameterFaults } from '#shared/kernel/input-faults.ts';
import { type TransportProblem, transportProblems } from './problems.ts';
import type { InputPart, Parser, RawInput, RouteDocument } from './route.ts';

const largestBody = 64 * 1024;

/** A fault that HTTP has a word for and the domain has none. */
export class TransportFault extends Error {
  override readonly name = 'TransportFault';
  readonly problem: TransportProblem;
  readonly headers: Readonly<Record<string, string>>;
  readonly resolution: string | undefined;

  constructor(problem: TransportProblem, headers: Readonly<Record<string, string>> = {}, resolution?: string) {
    super(transportProblems[problem].detail);
    this.problem = problem;
    this.headers = headers;
    this.resolution = resolution;
  }
}

export async function bodyText(c: Context, largest = largestBody): Promise<string> {
  // The declared length spares reading, the real one decides.
  if (Number(c.req.header('content-length') ?? 0) > largest) throw tooLarge(largest);
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > largest) throw tooLarge(largest);
  if (bytes.byteLength > 0) requireUncompressed(c.req.header('content-encoding'));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('invalid', 'malformed-body', 'The body is not UTF-8.');
  }
}

export function rawInput(c: Context, route: RouteDocument, body: string): RawInput {
  const { origin } = new URL(c.req.url);
  return {
    ...{ path: c.req.param(), query: queryOf(c.req.url), headers: c.req.header() },
    ...{ body: jsonBody(c, route, body), origin },
  };
}

/** Checks every part of the request by its schema; the faults of a part are named all at once. */
export const parse: Parser = (part, schema, value) => {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [kind, code, message] = meanings[part];
  const name = part === 'body' ? bodyFaults : parameterFaults;
  throw new Failure(kind, code, message, part === 'path' ? {} : { errors: name(result.error.issues) });
};

const meanings: Readonly<Record<InputPart, readonly [FailureKind, string, string]>> = {
  // An identifier that cannot exist names nothing, like one that does not exist.
  path: ['not-found', 'not-found', 'There is nothing under this path.'],
  query: ['invalid', 'invalid-parameter', 'A parameter is not valid.'],
  headers: ['invalid', 'invalid-header', 'A header is not valid.'],
  body: ['invalid', 'invalid-body', 'The body is not valid.'],
};

function queryOf(url: string): Readonly<Record<string, string>> {
  const parameters = [...new URL(url).searchParams];
  const seen = new Map<string, string>();
  const errors: FieldError[] = [];
  for (const [name, value] of parameters) {
    if (seen.has(name)) errors.push({ pointer: name, detail: 'stands there twice' });
    seen.set(name, value);
  }
  if (errors.length > 0) throw new Failure('invalid', 'invalid-parameter', 'A parameter is not valid.', { errors });
  return Object.fromEntries(seen);
}

function jsonBody(c: Context, { body: { mediaTypes, examples } }: RouteDocument, body: string): unknown {
  if (mediaTypes.length === 0 && body === '') return undefined;
  if (body === '') throw noBodyThere(mediaTypes, Object.values(examples)[0]);
  const mediaType = (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const understood = mediaTypes.length === 0 ? ['application/json'] : mediaTypes;
  if (!understood.includes(mediaType)) {
    throw new TransportFault('unsupportedMediaType', {}, `Send ${understood.join(' or ')}.`);
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new Failure('invalid', 'malformed-body', 'The body is not JSON.');
  }
}

/** Whoever has sent nothing has not thought of a media type either: an example says more than that one is missing. */
function noBodyThere(mediaTypes: readonly string[], example: unknown): Failure {
  return new Failure('invalid', 'malformed-body', 'There is no body, and the operation needs one.', {
    resolution: `Send ${mediaTypes.join(' or ')}, such as ${JSON.stringify(example)}.`,
  });
}

/** RFC 9110, 15.5.16: whoever refuses a content coding says which one is understood. */
function requireUncompressed(codings: string | undefined): void {
  const others = codings?.split(',').filter((coding) => !/^\s*(identity)?\s*$/i.test(coding)) ?? [];
  if (others.length === 0) return;
  const resolution = 'Send the body as it is, without a Content-Encoding.';
  throw new TransportFault('unsupportedMediaType', { 'accept-encoding': 'identity' }, resolution);
}

function tooLarge(largest: number): Failure {
  return new Failure('too-large', 'body-too-large', `The body is larger than ${largest} bytes.`);
}
