import * as z from 'zod';
import { CommandFailure, exitCodes } from './outcome.ts';
import type { Profile } from './profile.ts';

const problemSchema = z.looseObject({
  type: z.string(),
  detail: z.string(),
  resolution: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
const tokenSchema = z.object({ access_token: z.string() });

/** Attempts where the platform says that it cannot now. */
const attempts = 4;
/** ms for which a token is used: they live an hour. */
const tokenUse = 45 * 60_000;

/** The platform's API, as one client. */
export class Api {
  readonly #profile: Profile;
  #token: { readonly promise: Promise<string>; readonly askedAt: number } | undefined;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, schema, undefined);
  }

  /** Undefined where there is no such thing. */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      return await this.get(path, schema);
    } catch (error) {
      if (error instanceof CommandFailure && 'status' in error.details && error.details.status === 404)
        return undefined;
      throw error;
    }
  }

  /** One Idempotency-Key for all its attempts: nothing is made twice. */
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('POST', path, schema, body, crypto.randomUUID());
  }

  patch<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('PATCH', path, schema, body);
  }

  delete<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('DELETE', path, schema, undefined);
  }

  async #ask<T>(method: string, path: string, schema: z.ZodType<T>, body: unknown, key?: string): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#send(method, path, body, key);
      const text = await answer.text();
      if (answer.ok) return schema.parse(JSON.parse(text));
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || attempt === attempts) {
        // The platform does not know the token: the clock was moved, or its cloud started anew.
        if (answer.status === 401) this.#token = undefined;
        throw refusal(`${method} ${path}`, answer.status, text, this.#profile.name);
      }
      await new Promise((resume) => setTimeout(resume, 1000 * Number(answer.headers.get('retry-after') ?? attempt)));
    }
  }

  async #send(method: string, path: string, body: unknown, key: string | undefined): Promise<Response> {
    const headers = {
      authorization: `Bearer ${await this.#freshToken()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return reached(this.#profile.apiUrl, fetch(`${this.#profile.apiUrl.replace(/\/$/, '')}${path}`, init));
  }

  /** Whoever watches a campaign for days outlives many tokens. */
  #freshToken(): Promise<string> {
    const now = performance.now();
    if (this.#token === undefined || now - this.#token.askedAt > tokenUse) {
      this.#token = { promise: this.#newToken(), askedAt: now };
      this.#token.promise.catch(() => {
        this.#token = undefined;
      });
    }
    return this.#token.promise;
  }

  async #newToken(): Promise<string> {
    const { tokenUrl, clientId, clientSecret } = this.#profile;
    const answer = await reached(
      tokenUrl,
      fetch(tokenUrl, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      }),
    );
    const token = tokenSchema.safeParse(await answer.json().catch(() => undefined));
    if (token.success) return token.data.access_token;
    const isOurs = answer.status === 429 || answer.status >= 500;
    throw new CommandFailure(
      isOurs ? exitCodes.fault : exitCodes.refused,
      `${tokenUrl} gives no token to the client ${clientId} (${answer.status}). ${isOurs ? 'Try again.' : 'Has its secret expired, or is the profile of another platform?'}`,
    );
  }
}

async function reached(url: string, call: Promise<Response>): Promise<Response> {
  try {
    return await call;
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: undefined };
    const reason = cause instanceof Error ? cause.message : String(error);
    throw new CommandFailure(exitCodes.fault, `${url} does not answer: ${reason}`);
  }
}

function refusal(what: string, status: number, text: string, asked: string): CommandFailure {
  const parsed = problemSchema.safeParse(jsonOf(text));
  if (!parsed.success) return new CommandFailure(exitCodes.fault, `${what} was answered with ${status}.`, { status });
  const { type, detail, resolution, requestId, errors = [] } = parsed.data;
  const lines = [
    `${detail} (${type.replace(/^.*#problem-/, '')})`,
    ...errors.map((one) => `  ${one.pointer}: ${one.detail}`),
    ...(resolution === undefined ? [] : [resolution]),
    ...(type.endsWith('#problem-scope-missing') ? [`It was asked as ${asked}: --as or --profile names another.`] : []),
    ...(status >= 500 && requestId !== undefined ? [`Request ${requestId}`] : []),
  ];
  const exitCode = status >= 500 || status === 429 ? exitCodes.fault : exitCodes.refused;
  return new CommandFailure(exitCode, lines.join('\n'), { status, problem: parsed.data });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
