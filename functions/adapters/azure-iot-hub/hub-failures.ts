import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';

/** Of the SDK's errors. REST ones carry the answer; AMQP ones do not. */
const restError = z.object({
  response: z.object({ statusCode: z.number(), headers: z.record(z.string(), z.unknown()) }),
  responseBody: z.optional(z.string()),
});
const errorBody = z.object({ Message: z.string() });
const bulkAnswer = z.object({ isSuccessful: z.boolean() });
const methodError = z.object({ errorCode: z.int() });

/** Seconds, where the hub names none. */
const usualPause = 5;
const secondsOfADay = 86_400;

/** What a hub answered, as far as it concerns us. */
export interface HubAnswered {
  readonly status: number;
  /** Of a direct method: 404103 nobody there, 504101 no answer. */
  readonly methodCode?: number;
  readonly said: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Undefined where no answer came. */
function answered(error: unknown): HubAnswered | undefined {
  const parsed = restError.safeParse(error);
  if (!parsed.success) return undefined;
  const { response, responseBody = '' } = parsed.data;
  const said = errorBody.safeParse(json(responseBody)).data?.Message ?? responseBody;
  const methodCode = methodError.safeParse(json(said)).data?.errorCode;
  const retryAfter = Number(response.headers['retry-after']);
  return {
    ...{ status: response.statusCode, said },
    ...(methodCode !== undefined && { methodCode }),
    ...(Number.isFinite(retryAfter) && retryAfter > 0 && { retryAfter }),
  };
}

export function isOffline(error: unknown): boolean {
  return answered(error)?.methodCode === 404_103;
}

/** The vehicle may have done it: only its own word can tell. */
export function isUnanswered(error: unknown): boolean {
  const answer = answered(error);
  return answer?.methodCode === 504_101 || answer?.status === 504 || answer?.status === 408;
}

export function isStale(error: unknown): boolean {
  return answered(error)?.status === 412;
}

/** Of several devices at once, which we never send more than one of: it was not as the etag says, or is gone. */
export function isUndone(error: unknown): boolean {
  return bulkAnswer.safeParse(json(answered(error)?.said ?? '')).data?.isSuccessful === false;
}

export function isUnknownDevice(error: unknown): boolean {
  const answer = answered(error);
  if (answer !== undefined) return answer.status === 404 && answer.methodCode === undefined;
  return error instanceof Error && error.name === 'DeviceNotFoundError';
}

/**
 * What an error of the hub means to us, with the time after which it is worth another try.
 *
 * @param now of the hub's day, whose quota ends at midnight UTC
 */
export function meaningOf(error: unknown, now: number): unknown {
  if (error instanceof Failure) return error;
  const cause = withoutSecrets(error);
  if (isUnknownDevice(error)) return notProvisioned(cause);
  const answer = answered(error);
  // Over AMQP the SDK has read the answer, and left its name.
  if (isNamed(error, 'ThrottlingError', answer)) return throttled(cause, usualPause);
  if (isNamed(error, 'IotHubQuotaExceededError', answer)) return quotaOver(cause, now);
  if (answer === undefined) return unreachable(cause, usualPause);
  const { status, said, retryAfter = usualPause } = answer;
  switch (status) {
    case 400:
      if (/size exceeds/i.test(said)) {
        return new Failure('too-large', 'twin-too-large', 'The twins of this vehicle would become too large.', {
          resolution: 'Remove settings that nobody needs: all twins of such a vehicle together take 32 KB.',
          cause,
        });
      }
      return new Failure('invalid', 'twin-not-acceptable', `The twin cannot become so: ${plain(said)}`, { cause });
    case 413:
      return new Failure('too-large', 'twin-too-large', 'The twin would become too large.', {
        resolution: 'Send less at once.',
        cause,
      });
    case 412:
      return new Failure('unavailable', 'contended', 'Others change this twin at the same time.', {
        ...{ retryAfter: 1, cause },
      });
    case 429:
      return throttled(cause, retryAfter);
    case 403:
      return /quota/i.test(said) ? quotaOver(cause, now) : unreachable(cause, retryAfter);
    default:
      return unreachable(cause, retryAfter);
  }
}

function isNamed(error: unknown, name: string, answer: HubAnswered | undefined): boolean {
  return answer === undefined && error instanceof Error && error.name === name;
}

function throttled(cause: unknown, retryAfter: number): Failure {
  return new Failure('unavailable', 'hub-throttled', 'The device cloud takes no more at the moment.', {
    ...{ retryAfter, cause },
  });
}

function quotaOver(cause: unknown, now: number): Failure {
  return new Failure('unavailable', 'hub-throttled', 'The device cloud takes no more today.', {
    ...{ retryAfter: secondsOfADay - (Math.floor(now / 1000) % secondsOfADay), cause },
  });
}

function unreachable(cause: unknown, retryAfter: number): Failure {
  return new Failure('unavailable', 'hub-not-answering', 'The device cloud does not answer.', { retryAfter, cause });
}

/** `ErrorCode:ArgumentInvalid;text` → `text`. */
function plain(said: string): string {
  return said.replace(/^ErrorCode:\w+;\s*/, '').replace(/\.?$/, '.');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function notProvisioned(cause?: unknown): Failure {
  return new Failure('conflict', 'vehicle-not-provisioned', 'The device cloud does not know the vehicle yet.', {
    cause,
  });
}

/** The SDK's own errors carry the whole request, with the token it was signed with. */
function withoutSecrets(error: unknown): Error {
  const answer = answered(error);
  if (answer !== undefined) return new Error(`the hub answered ${answer.status} ${answer.said}`);
  return new Error(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
