import * as z from 'zod';
import type { CloudFile } from '#local/cloud-file.ts';

const tokenAnswer = z.object({ access_token: z.optional(z.string()), error: z.optional(z.string()) });

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

export interface ApiRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A partner's program, or a person's app: a token, then plain HTTPS calls. */
export class ApiClient {
  readonly #cloud: CloudFile;
  readonly #askForToken: () => Promise<string>;
  readonly #fetch: typeof fetch;
  #token: Promise<string> | undefined;

  /**
   * @param client the name of a machine client in `cloud.json` (`operator`, `reader`, `nobody`), or who gives the token
   * @param ask as `fetch` does
   */
  constructor(
    cloud: CloudFile,
    client: string | (() => Promise<string>),
    ask: typeof fetch = (...asked) => fetch(...asked),
  ) {
    this.#cloud = cloud;
    this.#fetch = ask;
    this.#askForToken = typeof client === 'string' ? () => accessToken(cloud, client) : client;
  }

  get(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    return this.send('GET', path, request);
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    return this.send('POST', path, { body, headers });
  }

  patch(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    return this.send('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json', ...headers } });
  }

  /** With another token where the first is too old. */
  async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const answer = await this.#sendOnce(method, path, request);
    if (answer.status !== 401) return answer;
    this.#token = undefined;
    return this.#sendOnce(method, path, request);
  }

  async #sendOnce(method: string, path: string, { body, headers = {} }: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#fetch(`${this.#cloud.api.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  }

  token(): Promise<string> {
    this.#token ??= this.#askForToken();
    return this.#token;
  }
}

/** An access token of one of the machine clients, with all its scopes. */
async function accessToken(cloud: CloudFile, name: string): Promise<string> {
  const client = cloud.identity.clients.find((candidate) => candidate.name === name);
  if (client === undefined) throw new Error(`cloud.json has no machine client named "${name}".`);
  const answer = await fetch(cloud.identity.tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const token = tokenAnswer.parse(await answer.json());
  if (token.access_token === undefined) throw new Error(`No token for "${name}": ${answer.status} ${token.error}`);
  return token.access_token;
}
