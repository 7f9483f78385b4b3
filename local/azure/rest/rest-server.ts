import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { BrokenOff } from '#local/faults/faults.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import { Handshakes } from '#local/iot/broker/handshakes.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { HubAnswer, HubRequest } from './route.ts';
import { type ServiceApi, Unanswered } from './service-api.ts';

/** Whoever answers requests: the hub, or what shares its port. */
export type Answering = Pick<ServiceApi, 'serve'>;

export interface RestServer {
  readonly port: number;
  close(): Promise<void>;
}

const largestBody = 512 * 1024;

/** HTTPS with the certificate of the local cloud's authority, on loopback. @param port 0: any free one */
export async function listenForServices(options: {
  readonly port: number;
  readonly server: StoredIdentity;
  readonly api: Answering;
  readonly log: (line: string) => void;
}): Promise<RestServer> {
  const { privateKeyPem: key, certificatePem: cert } = options.server;
  const server = createServer({ key, cert, minVersion: 'TLSv1.2', keepAlive: true }, (incoming, response) => {
    serveOne(options.api, incoming, response).catch((error: unknown) => {
      if (!(error instanceof Unanswered))
        options.log(`IoT Hub: ${error instanceof Error ? error.stack : String(error)}`);
      response.destroy();
    });
  });
  const handshakes = new Handshakes(server);
  const port = await listenOnLoopback(server, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        handshakes.destroy();
      }),
  };
}

async function serveOne(api: Answering, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await read(incoming);
  if (request === undefined) {
    send(response, {
      status: 413,
      body: { Message: 'ErrorCode:MessageTooLarge;The request is too large.', ExceptionMessage: '' },
    });
    return;
  }
  try {
    send(response, await api.serve(request));
  } catch (error) {
    if (!(error instanceof BrokenOff)) throw error;
    // Silence ends when the caller hangs up.
    if (error.how === 'cut') response.destroy();
  }
}

/** Undefined: too large. */
async function read(incoming: IncomingMessage): Promise<Omit<HubRequest, 'parameters'> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  if (size > largestBody) return undefined;
  const [path = '/', query] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join() : (value ?? ''),
  ]);
  return {
    ...{ method: incoming.method ?? 'GET', path, query: new URLSearchParams(query) },
    ...{ headers: Object.fromEntries(headers), body: Buffer.concat(chunks) },
  };
}

function send(response: ServerResponse, { status, body, headers }: HubAnswer): void {
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    ...(text !== undefined && { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length }),
  });
  response.end(text);
}
