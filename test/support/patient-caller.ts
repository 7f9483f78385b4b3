import { at } from '#local/tour/telling.ts';

/** What a caller asked for once, however many attempts it took, and what it was told in the end. */
export interface Told {
  readonly method: string;
  readonly path: string;
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
  /** Where what is asked there is noted. */
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

  readonly fetch: typeof fetch = async (input, init) => {
    const url = String(input);
    if (!this.#options.origins.some((origin) => url.startsWith(origin))) return this.#fetch(input, init);
    return this.#asked(this.#options.disguise.put(url), init);
  };

  async #asked(url: string, init: RequestInit = {}): Promise<Response> {
    const { disguise, noted, attempts: attemptsAtMost = 12 } = this.#options;
    const method = init.method ?? 'GET';
    const body = typeof init.body === 'string' ? disguise.put(init.body) : init.body;
    const request = { ...init, ...(body !== undefined && { body }), headers: this.#headers(method, init) };
    let uncertain = false;
    for (let attempts = 1; ; attempts += 1) {
      const { answer, text } = await this.#attempt(url, request);
      const again = answer === undefined || isWorthAnother(answer.status, text);
      if (!again || attempts >= attemptsAtMost) {
        if (answer === undefined) throw new TypeError(`${method} ${url}: no answer to ${attempts} attempts`);
        if (url.startsWith(noted)) {
          const { status } = answer;
          const path = url.slice(noted.length);
          this.told.push({ method, path, body: json(body), attempts, uncertain, status, answer: json(text) });
        }
        return new Response(answer.status === 204 ? null : disguise.off(text), answer);
      }
      uncertain ||= answer === undefined || answer.status >= 500;
      await this.#options.wait(pauseAfter(answer, attempts));
    }
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

function isWorthAnother(status: number, text: string): boolean {
  return worthAnotherAttempt.has(status) || (status === 409 && text.includes('operation-in-progress'));
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

/** Other cars for the same story: each VIN becomes one of its own, and is called by its old name in the answers. */
export class Disguise {
  readonly #mark: string;
  readonly #known = new Map<string, string>();

  /** @param number of the telling, below 30,000 */
  constructor(number: number) {
    const letters = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789';
    const letter = (place: number) => letters[Math.floor(number / letters.length ** place) % letters.length] ?? 'A';
    this.#mark = letter(2) + letter(1) + letter(0);
  }

  /** The fourth to the sixth place of a European VIN mean nothing. */
  vin(vin: string): string {
    if (this.#known.has(vin)) return vin;
    const own = vin.slice(0, 3) + this.#mark + vin.slice(6);
    this.#known.set(own, vin);
    return own;
  }

  put(text: string): string {
    return text.replaceAll(/\b[A-HJ-NPR-Z0-9]{11}\d{6}\b/g, (vin) => this.vin(vin));
  }

  off(text: string): string {
    return [...this.#known].reduce((found, [own, vin]) => found.replaceAll(own, vin), text);
  }
}

/** The id that something has in an answer. */
export function idIn({ answer }: Told, name: string): string | undefined {
  const id = at(answer, name);
  return typeof id === 'string' ? id : undefined;
}
