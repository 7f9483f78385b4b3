import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Faults } from '#local/faults/faults.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { Entra } from './entra.ts';
import { EntraRefusal } from './entra-refusal.ts';

export interface EntraServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface EntraServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly server: StoredIdentity;
  readonly entra: Entra;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

const largestBody = 64 * 1024;

/** The directory's token endpoint, and what clients read before they ask there. */
export async function openEntraServer(options: EntraServerOptions): Promise<EntraServer> {
  const { server: identity, log } = options;
  const server = createServer(
    { key: identity.privateKeyPem, cert: identity.certificatePem, minVersion: 'TLSv1.2' },
    (request, response) => void serve(request, response, options),
  );
  server.on('tlsClientError', (error) => log(`the directory refused a TLS handshake: ${error.message}`));
  const port = await listenOnLoopback(server, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, options: EntraServerOptions): Promise<void> {
  try {
    const fate = await options.faults.at('http', 'entra:Token');
    if (fate.kind === 'drop' || fate.kind === 'cut') {
      response.destroy();
      return;
    }
    if (fate.kind === 'fail') reply(response, { status: 503, body: { error: 'temporarily_unavailable' } });
    else if (fate.kind !== 'hang') reply(response, await answerTo(request, options.entra));
  } catch (error) {
    if (error instanceof EntraRefusal) {
      reply(response, { status: error.status, body: refusal(error) });
      return;
    }
    options.log(`the directory failed: ${String(error)}`);
    reply(response, { status: 500, body: { error: 'server_error' } });
  }
}

async function answerTo(request: IncomingMessage, entra: Entra): Promise<Reply> {
  const { pathname } = new URL(request.url ?? '/', 'https://localhost');
  const [, tenant = '', path = ''] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  switch (`${request.method} ${path}`) {
    case 'POST oauth2/v2.0/token':
      return { status: 200, body: await entra.token(tenant, new URLSearchParams(await bodyOf(request))) };
    case 'GET v2.0/.well-known/openid-configuration':
      return { status: 200, body: discovery(`https://${request.headers.host}/${tenant}`) };
    case 'GET discovery/v2.0/keys':
      return { status: 200, body: await entra.keySet() };
    default:
      return { status: 404, body: { error: 'not_found' } };
  }
}

function discovery(tenant: string): object {
  return {
    issuer: `${tenant}/v2.0`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${tenant}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

function refusal({ error, message, code }: EntraRefusal): object {
  return {
    error,
    error_description: message,
    error_codes: [code],
    trace_id: randomUUID(),
    correlation_id: randomUUID(),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestBody) throw new EntraRefusal(900144, 'invalid_request', 'The request body is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, { status, body }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
