import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { AwsError } from '#local/aws-error.ts';
import { asAwsError, errorAnswer, send } from '#local/gateway/answer.ts';
import type { AwsRequest, AwsResponse } from '#local/gateway/service.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import type { DeviceCaller } from '#local/iot/policy/caller-variables.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { Handshakes } from './handshakes.ts';
import { serverNameOf, shownCertificate } from './shown-certificate.ts';

export type DeviceRequest = Pick<AwsRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;

export interface DeviceHttpsOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly caPem: string;
  readonly server: StoredIdentity;
  /** Whether the registry has this certificate; absent: there are none but those of our authority. */
  readonly isRegistered?: (certificateId: string) => boolean;
  readonly log: (line: string) => void;
  /** Serves a device that proved its certificate; whether that is active and may do this is decided there. */
  readonly serve: (request: DeviceRequest, caller: DeviceCaller) => Promise<AwsResponse>;
}

export interface DeviceHttps {
  readonly port: number;
  close(): Promise<void>;
}

// The largest MQTT payload, and some room for the rest of a request.
const largestBody = 256 * 1024;

/** HTTPS for devices: AWS IoT's data plane on port 8443, with the certificate as identity. Loopback only. */
export async function listenForDevices(options: DeviceHttpsOptions): Promise<DeviceHttps> {
  const { log, isRegistered = () => false } = options;
  const server = createServer(
    {
      key: options.server.privateKeyPem,
      cert: options.server.certificatePem,
      ca: options.caPem,
      requestCert: true,
      // Who may come in with a certificate of somebody else, the registry knows and not TLS.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['x-amzn-http-ca', 'http/1.1'],
    },
    (incoming, response) => void serveOne(options, incoming, response),
  );
  server.on('secureConnection', (socket) => {
    if (shownCertificate(socket, isRegistered) !== undefined) return;
    log(`refused a client certificate: ${socket.authorizationError}`);
    socket.destroy();
  });
  const handshakes = new Handshakes(server);
  server.on('tlsClientError', (error) => log(`refused a TLS handshake: ${error.message}`));
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

async function serveOne(
  options: DeviceHttpsOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  let answer: AwsResponse;
  try {
    answer = await options.serve(await readRequest(incoming), callerOf(incoming, options));
  } catch (thrown) {
    const error = asAwsError(thrown);
    if (error.status >= 500) options.log(`device HTTPS: ${error.name}: ${error.message}`);
    answer = errorAnswer(error, 'rest-json', requestId);
  }
  if (!response.destroyed) send(response, requestId, answer);
}

function callerOf({ socket }: IncomingMessage, { isRegistered = () => false }: DeviceHttpsOptions): DeviceCaller {
  const shown = socket instanceof TLSSocket ? shownCertificate(socket, isRegistered) : undefined;
  if (!(socket instanceof TLSSocket) || shown === undefined) {
    throw new AwsError('ForbiddenException', 403, 'Missing client certificate');
  }
  return {
    certificateId: shown.certificateId,
    certificate: shown.certificate.raw,
    ipAddress: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    domainName: serverNameOf(socket),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<DeviceRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > largestBody) throw new AwsError('RequestEntityTooLargeException', 413, 'The request is too large.');
    chunks.push(chunk);
  }
  const [path = '/', query] = (incoming.url ?? '/').split(/\?(.*)/s);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join() : value,
  ]);
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}
