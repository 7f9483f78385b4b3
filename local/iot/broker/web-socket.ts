import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { AwsError } from '#local/aws-error.ts';
import { asAwsError } from '#local/gateway/answer.ts';
import type { SignedRequest } from '#local/gateway/claim.ts';
import type { SignedPeer } from './authorizer.ts';
import { type Listener, type ListenerOptions, listenTwice } from './listener.ts';
import { serverNameOf } from './shown-certificate.ts';

/** Throws `AwsError` unless somebody signed the request. */
export type CallerOf = (request: SignedRequest, from: Pick<SignedPeer, 'ipAddress' | 'domainName'>) => SignedPeer;

export interface WebSocketOptions extends Omit<ListenerOptions, 'caPem'> {
  readonly callerOf: CallerOf;
}

const path = '/mqtt';
const protocol = 'mqtt';
// Of one frame: packets have their own limit, and one frame may hold several.
const frameBytes = 1024 * 1024;

/** MQTT over WebSocket, for callers with AWS keys and for browsers: TLS without client certificates. Loopback only. */
export function listenForWebSockets(
  options: WebSocketOptions,
  accept: (stream: Duplex, peer: SignedPeer) => void,
): Promise<Listener> {
  const { server: identity, callerOf, log } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: frameBytes,
    perMessageDeflate: false,
    handleProtocols: () => protocol,
  });
  return listenTwice(options, () => {
    const server = createServer({
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
    });
    server.on('request', (_, response) => {
      response.writeHead(426, { upgrade: 'websocket', connection: 'upgrade' });
      response.end(`MQTT over WebSocket: connect to wss://…${path} with a query signed for iotdevicegateway.\n`);
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      try {
        const peer = peerOf(request, callerOf);
        sockets.handleUpgrade(request, socket, head, (webSocket) => accept(streamOf(webSocket), peer));
      } catch (thrown) {
        const error = asAwsError(thrown);
        log(`refused a WebSocket: ${error.name}: ${error.message}`);
        refuse(socket, error);
      }
    });
    return server;
  });
}

function peerOf(request: IncomingMessage, callerOf: CallerOf): SignedPeer {
  const { socket, headers, method = 'GET', url = '/' } = request;
  const [wanted = '/', query = ''] = url.split(/\?(.*)/s);
  if (wanted !== path) throw new AwsError('ResourceNotFoundException', 404, `MQTT is spoken at ${path}.`);
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(protocol)) {
    throw new AwsError('InvalidRequestException', 400, `Ask for the sub-protocol "${protocol}".`);
  }
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]);
  return callerOf(
    { method, path: wanted, query, headers: Object.fromEntries(flat), body: Buffer.alloc(0) },
    {
      ipAddress: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      domainName: socket instanceof TLSSocket ? serverNameOf(socket) : undefined,
    },
  );
}

/** The bytes of its binary frames. It closes when the WebSocket does, as a socket would. */
function streamOf(webSocket: WebSocket): Duplex {
  const stream = createWebSocketStream(webSocket);
  webSocket.on('message', (_, isBinary) => {
    // MQTT 5, 6: packets come in binary frames
    if (!isBinary) stream.destroy();
  });
  webSocket.once('close', () => stream.destroy());
  return stream;
}

function refuse(socket: Duplex, { status, name, message }: AwsError): void {
  const body = JSON.stringify({ message, traceId: randomUUID() });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-amzn-errortype: ${name}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
