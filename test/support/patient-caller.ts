import { at } from '#local/tour/telling.ts';
import type { Disguise } from './disguise.ts';

/** What a caller asked for once, however many attempts it took, and what it was told in the end. */
export interface Told {
  readonly method: string;
  /** Of the API; of a file that was sent, the address that it was sent to. */
  readonly path: string;
  /** `sub` of the token; undefined where there was none. */
  readonly asker: string | undefined;
  readonly body: unknown;
  readonly attempts: number;
  /** An attempt before the last may have taken effect, without anybody hearing of it. */
  readonly uncertain: boolean;
  readonly status: number;
  readonly answer: unknown;
}

export interface PatientCallerOptions {
  /** The addresses at which patience is wanted; everything else passes as it is. */
  readonly origins: readonly string[];
  /** The API: what is asked there is noted, and files that are sent elsewhere. */
  readonly noted: string;
  readonly disguise: Disguise;
  /** Distinguishes the keys that the story itself gives. */
  readonly name: string;
  /** ms without an answer after which a caller gives an attempt up. */
  readonly patience: number;
  /** Default: 12. */
  readonly attempts?: number;
  /** Lets so many ms go by. */
  readonly wait: (ms: number) => Promise<void>;
}

const worthAnotherAttempt = new Set([408, 429, 500, 502, 503, 504]);
/** AWS says so with status 400. */
const throttled = /"__type":\s*"[^"]*(?:Throttl|ThroughputExceeded|TooManyRequests)/;
/** The platform's own words for "wait": its answer, and none of something that broke. */
const quotaIsOver = /#problem-(?:quota-exceeded|circuit-open)"/;

/**
 * `fetch` as a careful client of the API calls it: the same Idempotency-Key with each attempt, another attempt after
 * a broken line, silence, 5xx, 429 and "still running", and the waiting that Retry-After asks for. It writes down what
 * was acknowledged and what was refused.
 */
export class PatientCaller {
  readonly told: Told[] = [];
  readonly #options: PatientCallerOptions;
  readonly #fetch: typeof fetch = globalThis.fetch;
  #keys = 0;

  constructor(options: PatientCallerOptions) {
    this.#options = options;
  }

  readonly fetch: typeof fetch = (input, init) => this.#anybody(input, init, isWorthAnother);

  /** For who wants to see where the quota is over: everything else is tried again all the same. */
  readonly hasty: typeof fetch = (input, init) =>
    this.#anybody(input, init, (status, text) => isWorthAnother(status, text) && !quotaIsOver.test(text));

  async #anybody(input: string | URL | Request, init: RequestInit | undefined, again: Again): Promise<Response> {
    const { origins, noted, disguise } = this.#options;
    const url = String(input);
    if (!origins.some((origin) => url.startsWith(origin))) return this.#fetch(input, init);
    // An address that is signed stays as it is.
    return this.#asked(url.startsWith(noted) ? disguise.put(url) : url, init, again);
  }

  async #asked(url: string, init: RequestInit = {}, isAgain: Again): Promise<Response> {
    const { disguise, attempts: attemptsAtMost = 12 } = this.#options;
    const method = init.method ?? 'GET';
    const body = typeof init.body === 'string' ? disguise.put(init.body) : init.body;
    const request = { ...init, ...(body !== undefined && { body }), headers: this.#headers(method, init) };
    let uncertain = false;
    for (let attempts = 1; ; attempts += 1) {
      const { answer, text } = await this.#attempt(url, request);
      const again = answer === undefined || isAgain(answer.status, text);
      if (!again || attempts >= attemptsAtMost) {
        if (answer === undefined) throw new TypeError(`${method} ${url}: no answer to ${attempts} attempts`);
        const { status } = answer;
        const asker = subjectOf(request.headers);
        this.#note(url, { method, asker, body: json(body), attempts, uncertain, status, answer: json(text) });
        return new Response(answer.status === 204 ? null : disguise.off(text), answer);
      }
      uncertain ||= answer === undefined || answer.status >= 500;
      await this.#options.wait(pauseAfter(answer, attempts));
    }
  }

  #note(url: string, told: Omit<Told, 'path'>): void {
    const { noted } = this.#options;
    if (url.startsWith(noted)) this.told.push({ ...told, path: url.slice(noted.length) });
    else if (told.method === 'PUT') this.told.push({ ...told, path: url });
  }

  #headers(method: string, init: RequestInit): Headers {
    const headers = new Headers(init.headers);
    if (method !== 'POST') return headers;
    const own = headers.get('idempotency-key');
    this.#keys += 1;
    headers.set('idempotency-key', `${this.#options.name}/${own ?? this.#keys}`.replaceAll(/[^\x21-\x7e]/g, '-'));
    return headers;
  }

  async #attempt(url: string, request: RequestInit): Promise<{ answer: Response | undefined; text: string }> {
    try {
      const signal = AbortSignal.timeout(this.#options.patience);
      const answer = await this.#fetch(url, { ...request, signal });
      return { answer, text: await answer.text() };
    } catch {
      return { answer: undefined, text: '' };
    }
  }
}

type Again = (status: number, text: string) => boolean;

function isWorthAnother(status: number, text: string): boolean {
  if (status === 409) return text.includes('operation-in-progress');
  return worthAnotherAttempt.has(status) || (status === 400 && throttled.test(text));
}

function subjectOf(headers: Headers): string | undefined {
  const [, claims] = /^Bearer [^.]+\.([^.]+)\./.exec(headers.get('authorization') ?? '') ?? [];
  const subject = claims === undefined ? undefined : at(JSON.parse(atob(claims)), 'sub');
  return typeof subject === 'string' ? subject : undefined;
}

function pauseAfter(answer: Response | undefined, attempts: number): number {
  const seconds = Number(answer?.headers.get('retry-after') ?? 0);
  return Math.max(seconds * 1000, Math.min(50 * attempts, 1_000));
}

function json(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const acknowledged = ({ status }: Told): boolean => status >= 200 && status < 300;

/** The id that something has in an answer. */
export function idIn({ answer }: Told, name: string): string | undefined {
  const id = at(answer, name);
  return typeof id === 'string' ? id : undefined;
}
