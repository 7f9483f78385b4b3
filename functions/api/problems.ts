import * as z from 'zod/mini';
import { Failure, type FailureKind, type FieldError } from '#shared/kernel/failure.ts';

/** The only place that knows which meaning has which status. */
const statuses: Readonly<Record<FailureKind, readonly [status: number, title: string]>> = {
  invalid: [400, 'The request is not valid'],
  forbidden: [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  conflict: [409, 'The present state does not allow this'],
  stale: [412, 'Out of date'],
  'too-large': [413, 'Too large'],
  unacceptable: [422, 'Does not fit what is known'],
  throttled: [429, 'Too many requests'],
  unavailable: [503, 'Not available at the moment'],
};

export const problemContentType = 'application/problem+json';

/** RFC 9457, with what a client needs to act and support needs to find the request. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().check(z.gte(400), z.lte(599)),
  detail: z.string(),
  requestId: z.string(),
  resolution: z.exactOptional(z.string()),
  errors: z.exactOptional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
});

export type Problem = z.infer<typeof problemSchema>;

/**
 * Where the code is explained, on the API's own reference page. RFC 9457 (3.1.1) lets a type be relative, best
 * with a full path: every deployment answers for its own problems, and clients compare the text as it is.
 */
export function problemType(code: string): string {
  return `/docs#problem-${code}`;
}

export interface ProblemReply {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export function statusOf(kind: FailureKind): readonly [status: number, title: string] {
  return statuses[kind];
}

export function problemOf(failure: Failure, requestId: string): ProblemReply {
  const [status, title] = statuses[failure.kind];
  return reply({ status, title, code: failure.code, detail: failure.message }, requestId, failure);
}

/** Faults that HTTP itself defines and the domain has no word for. */
export const transportProblems = {
  unauthenticated: {
    status: 401,
    title: 'Who are you?',
    code: 'unauthenticated',
    detail: 'No valid access token came with the request.',
  },
  signatureInvalid: {
    status: 401,
    title: 'Who are you?',
    code: 'signature-invalid',
    detail: 'The signature is not one of a key of this home over this very body.',
  },
  signatureExpired: {
    status: 401,
    title: 'Out of date',
    code: 'signature-expired',
    detail: 'The signature was made more than five minutes ago, or for later.',
  },
  methodNotAllowed: {
    status: 405,
    title: 'Method not allowed',
    code: 'method-not-allowed',
    detail: 'This resource has no such method.',
  },
  notAcceptable: {
    status: 406,
    title: 'No such version',
    code: 'version-not-acceptable',
    detail: 'The answer is not to be had in what `Accept` names.',
  },
  unsupportedMediaType: {
    status: 415,
    title: 'Unsupported media type',
    code: 'unsupported-media-type',
    detail: 'The body is not in a form that is understood here.',
  },
  unexpected: {
    status: 500,
    title: 'Something went wrong',
    code: 'unexpected',
    detail: 'The fault is ours and has been logged under the request id.',
  },
} as const;

export type TransportProblem = keyof typeof transportProblems;

export function transportProblem(kind: TransportProblem, requestId: string, more: Extra = {}): ProblemReply {
  return reply(transportProblems[kind], requestId, more);
}

interface Extra {
  readonly resolution?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryAfter?: number | undefined;
}

interface Core {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
}

function reply({ code, ...core }: Core, requestId: string, { resolution, errors, retryAfter }: Extra): ProblemReply {
  const seconds = retryAfter ?? (core.status === 429 || core.status === 503 ? 1 : undefined);
  return {
    problem: {
      ...{ type: problemType(code), ...core, requestId },
      ...(resolution !== undefined && { resolution }),
      ...(errors !== undefined && { errors: [...errors] }),
    },
    headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
  };
}

// Names of the AWS SDK's errors for "slow down" and "not now": nothing was changed, trying again helps.
const throttles =
  /^(Throttling(Exception)?|ThrottledException|TooManyRequestsException|RequestLimitExceeded|ProvisionedThroughputExceededException)$/;
const outages =
  /^(ServiceUnavailable(Exception)?|InternalServerError|InternalFailure(Exception)?|TimeoutError|TransactionConflictException|TransactionInProgressException|TransactionCanceledException)$/;

/** What an unknown error means to the client, if its name says so. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return undefined;
  if (throttles.test(error.name) || outages.test(error.name)) {
    return new Failure('unavailable', 'overloaded', 'A part of the platform is overloaded.', {
      retryAfter: 1,
      cause: error,
    });
  }
  return undefined;
}
