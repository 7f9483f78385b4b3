import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AwsError } from '#local/aws-error.ts';
import { systemClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Principal } from '#local/iam/principal.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccessControl, AccessKey } from './access.ts';
import { asAwsError, errorAnswer, errorForm, send } from './answer.ts';
import type { AwsOperation, AwsResponse, AwsService, UnsignedRequest } from './service.ts';
import { readClaim, type SignedRequest, verifySignature } from './signature.ts';

export interface GatewayOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** The only region that it answers for; undefined: whichever a caller signs for. */
  readonly region?: string;
  readonly access: AccessControl;
  /** The time that functions are shown. Default: this machine's. */
  readonly clock?: Clock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

const largestBody = 10 * 1024 * 1024;

/** The endpoint of AWS SDK clients: proves who calls, checks what they may do, hands over to the services. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #services = new Map<string, AwsService>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #port = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    // Longer than the SDKs keep an idle socket, so that no request meets a socket being closed.
    this.#server.keepAliveTimeout = 120_000;
    this.#server.requestTimeout = 0;
  }

  add(service: AwsService): void {
    for (const name of service.names) {
      if (this.#services.has(name)) throw new Error(`Two services answer to the name "${name}".`);
      this.#services.set(name, service);
    }
  }

  /** Resolves with the port once it is open on loopback. */
  async listen(): Promise<number> {
    this.#port = await listenOnLoopback(this.#server, this.#options.port);
    return this.#port;
  }

  /** `http://127.0.0.1:<port>`; before `listen` it is not known. */
  get endpoint(): string {
    if (this.#port === 0) throw new Error('The gateway does not listen yet.');
    return `http://127.0.0.1:${this.#port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const headers = flatHeaders(incoming);
    try {
      const answer = await this.#answer(incoming, headers, requestId, response);
      if (answer === 'lost') response.destroy();
      else if (!response.destroyed) send(response, requestId, answer);
    } catch (thrown) {
      const error = asAwsError(thrown);
      if (error.status >= 500) this.#options.log(`gateway: ${error.name}: ${error.message}`);
      if (!response.destroyed) send(response, requestId, errorAnswer(error, errorForm(headers), requestId));
    }
  }

  async #answer(
    incoming: IncomingMessage,
    headers: Record<string, string | undefined>,
    requestId: string,
    response: ServerResponse,
  ): Promise<AwsResponse | 'lost'> {
    const body = await readBody(incoming);
    const url = incoming.url ?? '/';
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const query = at < 0 ? '' : url.slice(at + 1);
    const method = incoming.method ?? 'GET';
    const unsigned = this.#unsigned({ method, path, query: new URLSearchParams(query), headers, body, requestId });
    if (unsigned !== undefined) return this.#run(unsigned.service, unsigned.operation);
    const { service, principal } = this.#authenticate({ method, path, query, headers, body });
    // An SDK that saw another time than its own would sign by that from then on.
    if (principal.kind === 'role') response.setHeader('date', new Date(this.#shownTime()).toUTCString());
    const handler = this.#services.get(service);
    if (handler === undefined) {
      throw new AwsError('UnknownService', 400, `The local cloud has no service "${service}".`);
    }
    const operation = handler.understand({
      service,
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body,
      principal,
      requestId,
    });
    this.#authorize(handler, principal, operation);
    return this.#run(service, operation);
  }

  /** What needs no key is asked for without one; whatever else comes without one is refused for that. */
  #unsigned(request: UnsignedRequest): { readonly service: string; readonly operation: AwsOperation } | undefined {
    if (request.headers['authorization'] !== undefined || request.query.has('X-Amz-Algorithm')) return undefined;
    for (const [service, handler] of this.#services) {
      const operation = handler.understandUnsigned?.(request);
      if (operation !== undefined) return { service, operation };
    }
    return undefined;
  }

  #authorize({ denial }: AwsService, principal: Principal, { permissions }: AwsOperation): void {
    try {
      this.#options.access.authorize(principal, permissions);
    } catch (error) {
      if (!(error instanceof AwsError) || denial === undefined) throw error;
      throw new AwsError(denial, error.status, error.message);
    }
  }

  #authenticate(request: SignedRequest) {
    const claim = readClaim(request);
    const key = this.#options.access.find(claim.accessKeyId);
    if (key === undefined) {
      throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.');
    }
    verifySignature(request, claim, key.secretAccessKey, this.#timeOf(key));
    const { region = claim.region } = this.#options;
    if (claim.region !== region) {
      throw new AwsError('SignatureDoesNotMatch', 403, `Credential should be scoped to a valid region: ${region}.`);
    }
    return { service: claim.service, principal: key.principal };
  }

  /** Callers outside keep real time; a function signs by the time it is shown. */
  #timeOf({ principal }: AccessKey): number {
    return principal.kind === 'role' ? this.#shownTime() : Date.now();
  }

  #shownTime(): number {
    return (this.#options.clock ?? systemClock).now();
  }

  async #run(service: string, operation: AwsOperation): Promise<AwsResponse | 'lost'> {
    const fate = await this.#options.faults.at('http', `${service}:${operation.name}`);
    switch (fate.kind) {
      case 'deliver':
        return operation.run();
      case 'duplicate':
        await operation.run();
        return operation.run();
      case 'drop':
        return 'lost';
      case 'fail':
        throw fate.error;
    }
  }
}

function flatHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > largestBody) throw new AwsError('RequestEntityTooLarge', 413, 'The request body exceeds 10 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
