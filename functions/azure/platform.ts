import { randomUUID } from 'node:crypto';
import { type PostSigner, signedPost } from '#functions/post-signature.ts';
import { alarmWords } from './alarm-words.ts';

export interface PlatformOptions {
  /** Where the platform's API is: `https://…`. */
  readonly url: string;
  readonly home: string;
  readonly signer: PostSigner;
  readonly patience: Patience;
  readonly log: Log;
  /** Of this machine, where a test does not say otherwise. */
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** How long one call keeps trying by itself. Who called tries again after that, from the start of its batch. */
export interface Patience {
  readonly attempts: number;
  /** ms until an answer counts as lost. */
  readonly timeout: number;
  /** No single wait is longer, in ms, whatever `Retry-After` says. */
  readonly longestWait: number;
}

export interface Log {
  warn(message: string): void;
  /** For the alarm: somebody has to look. */
  error(message: string): void;
}

export type PlatformAnswer =
  | { readonly kind: 'taken'; readonly body: unknown }
  /** For good: the same body would be refused again. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

/** Nothing is known to have been done, or refused; the same again helps. */
class PlatformAway extends Error {
  override readonly name = 'PlatformAway';
}

const firstWait = 500;

/** Refused for now: by a clock or a key that is wrong (401), a lost connection, a signature that came twice, a limit. */
const passing: ReadonlySet<number> = new Set([401, 408, 409, 429]);

/** The platform as a device cloud's app sees it. */
export class Platform {
  readonly #options: PlatformOptions;

  constructor(options: PlatformOptions) {
    this.#options = options;
  }

  /** @throws PlatformAway where it said neither yes nor no for so long */
  async post(resource: 'device-events' | 'device-admissions', content: unknown): Promise<PlatformAnswer> {
    const { patience, wait = sleep, log } = this.#options;
    const body = JSON.stringify(content);
    let last = '';
    for (let attempt = 1; attempt <= patience.attempts; attempt += 1) {
      const answer = await this.#attempt(resource, body);
      if (answer.kind !== 'not-now') return answer;
      last = answer.reason;
      if (answer.status === 401) {
        log.error(`${alarmWords.refused}, look at clock and key: ${last}`);
      } else log.warn(`device events: attempt ${attempt} failed: ${last}`);
      if (attempt === patience.attempts) break;
      const backoff = firstWait * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await wait(Math.min(patience.longestWait, Math.max(backoff, answer.retryAfter)));
    }
    throw new PlatformAway(`The platform takes nothing: ${last}`);
  }

  async #attempt(resource: string, body: string): Promise<PlatformAnswer | NotNow> {
    const { url, home, signer, patience, fetch: send = fetch, now = Date.now } = this.#options;
    try {
      const response = await send(new URL(`/v1/${resource}/${home}`, url), {
        method: 'POST',
        // Signed anew with each attempt: a signature is good for minutes, and taken once.
        headers: { 'content-type': 'application/json', ...signedPost(body, signer, randomUUID(), now()) },
        body,
        signal: AbortSignal.timeout(patience.timeout),
        redirect: 'error',
      });
      return await understood(response, now());
    } catch (error) {
      return { kind: 'not-now', status: undefined, retryAfter: 0, reason: String(error) };
    }
  }
}

interface NotNow {
  readonly kind: 'not-now';
  readonly status: number | undefined;
  /** ms. */
  readonly retryAfter: number;
  readonly reason: string;
}

async function understood(response: Response, now: number): Promise<PlatformAnswer | NotNow> {
  const { status, headers } = response;
  const text = await response.text();
  if (status >= 200 && status < 300) return { kind: 'taken', body: JSON.parse(text) };
  const reason = `${status} ${text.slice(0, 1000)}`;
  // Whoever answers for the platform without being it (a gateway, a proxy, a stage that is not there) refuses nothing for good.
  const isOurs = headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (isOurs && status >= 400 && status < 500 && !passing.has(status)) return { kind: 'refused', status, reason };
  return { kind: 'not-now', status, retryAfter: milliseconds(headers.get('retry-after'), now), reason };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function milliseconds(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function sleep(time: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, time);
  });
}
