import { randomUUID } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AwsError } from '#local/aws-error.ts';
import type { Faults } from '#local/faults/faults.ts';
import { asAwsError } from '#local/gateway/answer.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { s3ErrorCode } from '#local/s3/s3-error.ts';
import { writeXml } from '#local/s3/xml.ts';
import { compressed } from './compression.ts';
import type { Door } from './distribution.ts';
import { edgeError } from './edge-error.ts';
import type { Edges } from './edges.ts';
import type { EdgeAnswer, Origin } from './origin.ts';
import { disturbed } from './transit.ts';
import { admit } from './viewer-policy.ts';

export interface EdgeServerOptions {
  readonly edges: Edges;
  readonly origin: Origin;
  readonly faults: Faults;
  readonly now: () => number;
  /** With it HTTPS, and what is signed; without, plain HTTP like the local API, and what everybody may read. */
  readonly server?: StoredIdentity;
  readonly log: (line: string) => void;
}

/** One address of the content delivery network. */
export class EdgeServer {
  readonly #options: EdgeServerOptions;
  readonly #server: Server;
  readonly #door: Door;
  #port = 0;

  constructor(options: EdgeServerOptions) {
    this.#options = options;
    this.#door = options.server === undefined ? 'open' : 'signed';
    this.#server = serverOf(options.server, (request, response) => void this.#serve(request, response));
  }

  async listen(port: number): Promise<number> {
    this.#port = await listenOnLoopback(this.#server, port);
    return this.#port;
  }

  get domainName(): string {
    return `localhost:${this.#port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname = '/' } = new URL(request.url ?? '/', 'https://edge');
    try {
      const fate = await this.#options.faults.at('cdn', `${request.method} ${pathname}`);
      if (fate.kind === 'fail') throw fate.error;
      if (fate.kind === 'drop') return void response.destroy();
      if (fate.kind === 'hang' && fate.when === 'before') return;
      if (fate.kind === 'cut' && fate.when === 'before') return void response.destroy();
      const answer = compressed(await this.#answer(request, pathname), request.headers['accept-encoding']);
      response.writeHead(answer.status, { ...answer.headers, ...ownHeaders() });
      if (request.method === 'HEAD') return void response.end();
      await pipeline(Readable.from(disturbed(answer.bytes(), answer.length, fate)), response);
    } catch (thrown) {
      if (response.headersSent || response.destroyed) return void response.destroy();
      this.#refuse(request, response, asAwsError(thrown));
    }
  }

  #answer({ method, url = '/', headers }: IncomingMessage, pathname: string): Promise<EdgeAnswer> {
    const { edges, now, origin } = this.#options;
    const path = pathname.slice(1);
    const behaviour = edges.behaviour(this.#door, path);
    const distribution = edges.behind(this.#door);
    if (behaviour === undefined || distribution === undefined) throw edgeError('NotOpen', 'There is no distribution.');
    if (method !== 'GET' && method !== 'HEAD') {
      throw edgeError('MethodNotAllowed', 'This distribution is not configured to allow the HTTP request method.');
    }
    if (behaviour.keyGroups.length > 0) {
      admit({
        url: `https://${headers.host ?? this.domainName}${url}`,
        query: new URL(url, 'https://edge').searchParams,
        now: now(),
        key: (keyPairId) => edges.trusted(behaviour, keyPairId),
      });
    }
    const asked = Object.fromEntries(
      ['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].map((name) => {
        const value = headers[name];
        return [name, Array.isArray(value) ? value.join(',') : value];
      }),
    );
    const key = keyOf(path);
    return origin.read({ behaviour, distributionArn: distribution.arn, key, headers: asked });
  }

  #refuse({ method, url }: IncomingMessage, response: ServerResponse, error: AwsError): void {
    if (error.status >= 500) this.#options.log(`edge: ${method} ${url?.split('?')[0]}: ${error.message}`);
    const bare = method === 'HEAD' || error.status === 304;
    const body = bare ? '' : writeXml('Error', { Code: s3ErrorCode(error), Message: error.message }, false);
    const { ETag } = error.details;
    response.writeHead(error.status, {
      ...ownHeaders(),
      ...(bare ? {} : { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }),
      ...(typeof ETag === 'string' && { etag: ETag }),
      'x-cache': 'Error from cloudfront',
    });
    response.end(body);
  }
}

function serverOf(
  identity: StoredIdentity | undefined,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const keepAliveTimeout = 60_000;
  if (identity === undefined) return createPlainServer({ keepAliveTimeout }, serve);
  const { privateKeyPem: key, certificatePem: cert } = identity;
  return createServer({ key, cert, minVersion: 'TLSv1.2', keepAliveTimeout }, serve);
}

/** @throws AwsError for what is no percent-encoding */
function keyOf(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw edgeError('AccessDenied', 'Access Denied');
  }
}

function ownHeaders(): Record<string, string> {
  return { via: '1.1 local (CloudFront)', 'x-amz-cf-id': randomUUID() };
}
