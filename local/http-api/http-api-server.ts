import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BrokenOff } from '#local/faults/faults.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { gatewayAnswer, type HttpAnswer } from './function-response.ts';
import { type HttpApi, newRequestId, type RequestHead } from './http-api.ts';
import { decodedPath, headersOf } from './request-event.ts';

const maximumBodyBytes = 10 * 1024 * 1024;
/** API Gateway's limit for the request line and the headers together. */
const maximumHeadBytes = 10_240;
const patienceAtClose = 5000;
/** Between two hops only, and content-length is our own. */
const hopByHop = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** The address of the local HTTP API. It listens before the template is executed, so that its URL is known. */
export class HttpApiServer {
  readonly #server: Server;
  readonly #log: (line: string) => void;
  /** Without a request at present, or ever: browsers connect before they know what to ask. */
  readonly #silent = new Set<Socket>();
  #api: HttpApi | undefined;
  #open = false;
  #port = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
    this.#server = createServer({ maxHeaderSize: maximumHeadBytes, keepAliveTimeout: 60_000 }, (request, response) => {
      this.#silent.delete(request.socket);
      response.once('close', () => {
        if (!request.socket.destroyed) this.#silent.add(request.socket);
      });
      void this.#serve(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
    });
  }

  /** Until `open`, every request gets 503. Returns the real port. */
  async listen(port: number): Promise<number> {
    this.#port = await listenOnLoopback(this.#server, port);
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** @throws Error for a second API: on AWS each has a host of its own, here is one address */
  host(api: HttpApi): void {
    if (this.#api !== undefined) throw new Error('The local cloud serves one HTTP API; the template has a second one');
    this.#api = api;
  }

  /** The template is in place. */
  open(): void {
    if (this.#api !== undefined && this.#api.stage === undefined) {
      throw new Error('The HTTP API has no stage $default, so it would answer nothing');
    }
    this.#open = true;
  }

  /** Lets running requests end, but not for ever. */
  async close(): Promise<void> {
    this.#open = false;
    if (!this.#server.listening) return;
    const alarm = setTimeout(() => this.#server.closeAllConnections(), patienceAtClose);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      for (const socket of this.#silent) socket.destroy();
    });
    clearTimeout(alarm);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newRequestId();
    try {
      const answer = await this.#answer(request, requestId);
      if (answer === undefined) request.socket.destroy();
      else this.#send(request, response, answer, requestId);
    } catch (error) {
      if (error instanceof BrokenOff) {
        // Silent: until the client has had enough.
        if (error.how === 'cut') request.socket.destroy();
        return;
      }
      if (request.destroyed && !request.complete) return; // the client left
      this.#log(`http: ${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
      this.#send(request, response, gatewayAnswer(500, 'Internal Server Error'), requestId);
    }
  }

  async #answer(request: IncomingMessage, requestId: string): Promise<HttpAnswer | undefined> {
    if (!this.#open) return gatewayAnswer(503, 'Service Unavailable');
    if (this.#api === undefined) return gatewayAnswer(404, 'Not Found');
    const target = decodedPath(request.url ?? '/');
    if (target === undefined) return gatewayAnswer(400, 'Bad Request');
    const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
    const { headers, cookies } = headersOf(request);
    const declared = headers['content-length'];
    const head: RequestHead = {
      ...target,
      method: request.method ?? 'GET',
      headers: forwarded(headers, sourceIp, this.#port),
      cookies,
      sourceIp,
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
    };
    return this.#api.answer(head, async () => {
      if (declared !== undefined && Number(declared) > maximumBodyBytes) return undefined;
      return readBody(request);
    });
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer, requestId: string): void {
    if (response.headersSent || response.destroyed) return;
    // The client keeps the connection otherwise, and the server waits for it.
    if (!this.#server.listening) response.shouldKeepAlive = false;
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers)) {
      if (!hopByHop.has(name)) response.setHeader(name, value);
    }
    if (answer.cookies.length > 0) response.setHeader('set-cookie', [...answer.cookies]);
    response.setHeader('apigw-requestid', requestId);
    // The rest of a refused body is read and thrown away, so that the client comes to read the answer.
    if (!request.complete) request.resume();
    if (answer.status === 204 || answer.status === 304) {
      response.end();
      return;
    }
    response.setHeader('content-length', answer.body.length);
    response.end(answer.body);
  }
}

function forwarded(headers: Readonly<Record<string, string>>, sourceIp: string, port: number): Record<string, string> {
  const kept = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === 'content-length' || !hopByHop.has(name)),
  );
  const former = headers['x-forwarded-for'];
  return {
    ...kept,
    'x-forwarded-for': former === undefined ? sourceIp : `${former}, ${sourceIp}`,
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

/** Undefined when it is larger than API Gateway takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maximumBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
