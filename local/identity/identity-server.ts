import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { LocalClock } from '#local/clock.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { State } from '#local/state/collection.ts';
import { Codes, type IssuedCode } from './browser/codes.ts';
import { FormKeys } from './browser/form-keys.ts';
import { type BrowserSession, BrowserSessions } from './browser/sessions.ts';
import { discoveryDocument } from './discovery.ts';
import { type EndpointParts, endpoints } from './endpoints.ts';
import { People } from './people/people.ts';
import { type SigningKey, signingKey } from './signing-key.ts';
import { type GivenIds, UserPools } from './user-pool.ts';
import { type WebAnswer, webRequest } from './web.ts';

export interface IdentityOptions {
  readonly clock: LocalClock;
  readonly state: State;
  readonly log: (line: string) => void;
}

/** A client as `cloud.json` names it. */
export interface MachineClient {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** Cognito's place in the local cloud: publishes the pools' keys and issues tokens. */
export class IdentityServer {
  readonly pools: UserPools;
  readonly people: People;
  /** Where the page that shows what came of a sign-in finds the API. */
  apiUrl: string | undefined;
  readonly #options: IdentityOptions;
  readonly #parts: EndpointParts;
  readonly #server: Server;
  #port = 0;

  constructor(options: IdentityOptions) {
    const { clock, state, log } = options;
    this.#options = options;
    this.pools = new UserPools(state.collection<GivenIds>('identity/ids'));
    this.people = new People({ pools: this.pools, clock, state, issuerOf: (poolId) => this.issuerOf(poolId) });
    this.#parts = {
      ...{ pools: this.pools, people: this.people, issuer: this, now: () => clock.now() },
      codes: new Codes(state.collection<IssuedCode>('identity/codes'), this.people.users, clock),
      sessions: new BrowserSessions(state.collection<BrowserSession>('identity/sessions'), this.people.users, clock),
      formKeys: new FormKeys(formSecret(state), () => [
        `http://127.0.0.1:${this.#port}`,
        `http://localhost:${this.#port}`,
      ]),
      issuerOf: (poolId) => this.issuerOf(poolId),
      cookieName: (what) => `fleetloom-${what}-${this.#port}`,
    };
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#answer(request).then(
        (answer) => send(request, response, answer),
        (error: unknown) => {
          const [path] = (request.url ?? '').split('?');
          log(`identity: ${request.method} ${path}: ${String(error)}`);
          response.writeHead(500).end();
        },
      );
    });
  }

  /** Returns the real port. Listens before the template is executed: a pool's URL has to be known. */
  async listen(port: number): Promise<number> {
    this.#port = await listenOnLoopback(this.#server, port);
    return this.#port;
  }

  get tokenUrl(): string {
    return this.url('/oauth2/token');
  }

  get authorizeUrl(): string {
    return this.url('/oauth2/authorize');
  }

  /** A page that shows what came of a sign-in. */
  get signedInUrl(): string {
    return this.url('/signed-in');
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  issuerOf(poolId: string): string {
    return this.url(`/${poolId}`);
  }

  /** One a user pool, in the order of the template. */
  issuers(): string[] {
    return this.pools.all().map(({ poolId }) => this.issuerOf(poolId));
  }

  /** The machine clients of all pools; public clients without a secret are none. */
  clients(): MachineClient[] {
    return this.pools
      .clients()
      .flatMap(({ name, clientId, clientSecret, scopes }) =>
        clientSecret === undefined ? [] : [{ name, clientId, clientSecret, scopes }],
      );
  }

  signingKey(poolId: string): Promise<SigningKey> {
    return signingKey(this.#options.state.collection<string>('identity/keys'), poolId);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      setTimeout(() => this.#server.closeAllConnections(), 1000).unref();
    });
  }

  async #answer(incoming: IncomingMessage): Promise<WebAnswer> {
    const request = await webRequest(incoming);
    if (request === undefined) return { status: 413, body: { error: 'invalid_request' } };
    const endpoint = endpoints.get(request.path);
    if (endpoint !== undefined) return endpoint(request, this.#parts);
    const [, poolId = '', document] = /^\/([\w-]+)\/\.well-known\/([\w.-]+)$/.exec(request.path) ?? [];
    const pool = this.pools.findPool(poolId);
    if (pool === undefined || request.method !== 'GET') return notFound;
    if (document === 'jwks.json') return published({ keys: [pool.key.jwk] });
    return document === 'openid-configuration' ? published(discoveryDocument(this, poolId)) : notFound;
  }
}

/** Outlives restarts, as the pages that are open do. */
function formSecret(state: State): string {
  const secrets = state.collection<string>('identity/secrets');
  const known = secrets.get('forms') ?? randomBytes(32).toString('base64url');
  secrets.set('forms', known);
  return known;
}

const notFound: WebAnswer = { status: 404, body: { message: 'Not Found' } };

function published(body: object): WebAnswer {
  return { status: 200, headers: { 'cache-control': 'public, max-age=86400' }, body };
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: WebAnswer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    ...(typeof body === 'object' && { 'content-type': 'application/json;charset=UTF-8' }),
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, mutable(value)])),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function mutable(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}
