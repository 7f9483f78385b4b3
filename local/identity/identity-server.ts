import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { LocalClock } from '#local/clock.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { State } from '#local/state/collection.ts';
import { People } from './people/people.ts';
import { type SigningKey, signingKey } from './signing-key.ts';
import { type TokenAnswer, tokenAnswer } from './token-endpoint.ts';
import { type GivenIds, UserPools } from './user-pool.ts';

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

const maximumFormBytes = 64 * 1024;

/** Cognito's place in the local cloud: publishes the pools' keys and issues tokens. */
export class IdentityServer {
  readonly pools: UserPools;
  readonly people: People;
  readonly #options: IdentityOptions;
  readonly #server: Server;
  #port = 0;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.pools = new UserPools(options.state.collection<GivenIds>('identity/ids'));
    const { clock, state } = options;
    this.people = new People({ pools: this.pools, clock, state, issuerOf: (poolId) => this.issuerOf(poolId) });
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#answer(request).then(
        ({ status, body }) => {
          const text = JSON.stringify(body);
          response.writeHead(status, {
            'content-type': 'application/json;charset=UTF-8',
            'content-length': Buffer.byteLength(text),
            'cache-control': request.method === 'POST' ? 'no-store' : 'public, max-age=86400',
          });
          response.end(text);
        },
        (error: unknown) => {
          options.log(`identity: ${request.method} ${request.url}: ${String(error)}`);
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
    return `http://127.0.0.1:${this.#port}/oauth2/token`;
  }

  get authorizeUrl(): string {
    return `http://127.0.0.1:${this.#port}/oauth2/authorize`;
  }

  /** A page that shows what came of a sign-in. */
  get signedInUrl(): string {
    return `http://127.0.0.1:${this.#port}/signed-in`;
  }

  issuerOf(poolId: string): string {
    return `http://127.0.0.1:${this.#port}/${poolId}`;
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

  async #answer(request: IncomingMessage): Promise<TokenAnswer> {
    const [path = '/'] = (request.url ?? '/').split('?');
    if (path === '/oauth2/token') {
      if (request.method !== 'POST') return { status: 405, body: { error: 'invalid_request' } };
      const body = await readForm(request);
      if (body === undefined) return { status: 413, body: { error: 'invalid_request' } };
      const { authorization, 'content-type': contentType } = request.headers;
      return tokenAnswer(
        { authorization, contentType, body },
        { pools: this.pools, now: () => this.#options.clock.now(), issuerOf: (poolId) => this.issuerOf(poolId) },
      );
    }
    const [, poolId = '', document] = /^\/([\w-]+)\/\.well-known\/([\w.-]+)$/.exec(path) ?? [];
    const pool = this.pools.findPool(poolId);
    if (pool === undefined || request.method !== 'GET') return notFound;
    if (document === 'jwks.json') return { status: 200, body: { keys: [pool.key.jwk] } };
    return document === 'openid-configuration' ? { status: 200, body: this.#configuration(poolId) } : notFound;
  }

  #configuration(poolId: string): object {
    const issuer = this.issuerOf(poolId);
    return {
      authorization_endpoint: this.authorizeUrl,
      id_token_signing_alg_values_supported: ['RS256'],
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ['code', 'token'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      token_endpoint: this.tokenUrl,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    };
  }
}

const notFound: TokenAnswer = { status: 404, body: { message: 'Not Found' } };

async function readForm(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maximumFormBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
