import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AwsError } from '#local/aws-error.ts';
import { systemClock } from '#local/clock.ts';
import { BrokenOff, type Faults, unlessBrokenOff } from '#local/faults/faults.ts';
import type { Principal } from '#local/iam/principal.ts';
import { listenOnLoopback } from '#local/loopback.ts';
import { tracedCall } from '#local/trace/traced-call.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccessControl } from './access.ts';
import { asAwsError, errorAnswer, errorForm, send } from './answer.ts';
import { authenticate } from './authentication.ts';
import { type Claim, readClaim } from './claim.ts';
import type {
  ArrivedRequest,
  AwsOperation,
  AwsResponse,
  AwsService,
  StreamedBody,
  UnsignedRequest,
} from './service.ts';
import { followingSignature, signedAt } from './signature.ts';

export interface GatewayOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** The only region that it answers for; undefined: whichever a caller signs for. */
  readonly region?: string;
  readonly access: AccessControl;
  /** The time that functions are shown. Default: this machine's. */
  readonly clock?: Clock;
  readonly faults: Faults;
  readonly tracing?: Tracing;
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
    const arrived = arrivedRequest(incoming);
    const { requestId } = arrived;
    try {
      const answer = await this.#answer(incoming, arrived, response);
      if (answer === 'lost') response.destroy();
      else send(response, requestId, answer);
    } catch (thrown) {
      if (thrown instanceof BrokenOff) {
        // Silent: until the caller has had enough.
        if (thrown.how === 'cut') response.destroy();
        return;
      }
      const error = asAwsError(thrown);
      if (error.status >= 500) this.#options.log(`gateway: ${error.name}: ${error.message}`);
      if (!response.destroyed) send(response, requestId, this.#refusal(error, arrived));
    }
  }

  /** Each service has its own form of errors, for callers whom nobody knows, too. */
  #refusal(error: AwsError, arrived: ArrivedRequest): AwsResponse {
    const own = this.#claimed(arrived)?.refusal?.(error, arrived);
    return own ?? errorAnswer(error, errorForm(arrived.headers, arrived.path), arrived.requestId);
  }

  /** The service that a caller says it speaks to; nothing of it is proven. */
  #claimed({ headers, query }: ArrivedRequest): AwsService | undefined {
    const scope = headers['authorization'] ?? query.get('X-Amz-Credential') ?? '';
    return this.#services.get(/\/([a-z0-9-]+)\/aws4_request/.exec(scope)?.[1] ?? '');
  }

  async #answer(
    incoming: IncomingMessage,
    arrived: ArrivedRequest,
    response: ServerResponse,
  ): Promise<AwsResponse | 'lost'> {
    const { headers, method, path } = arrived;
    const query = incoming.url?.split('?').slice(1).join('?') ?? '';
    const body = this.#claimed(arrived)?.streams ? Buffer.alloc(0) : await readBody(incoming);
    const unsigned = this.#unsigned({ ...arrived, body });
    if (unsigned !== undefined) return this.#run(unsigned.service, unsigned.operation);
    const claim = readClaim({ headers, query });
    const service = this.#services.get(claim.service);
    const { access, region, clock = systemClock } = this.#options;
    const request = { method, path, query, headers, body };
    const { secretAccessKey, principal } = authenticate(request, claim, { access, region, clock });
    // An SDK that saw another time than its own would sign by that from then on.
    const seen = claim.expiresSeconds === undefined ? signedAt(claim) : clock.now();
    if (principal.kind === 'role') response.setHeader('date', new Date(seen).toUTCString());
    if (service === undefined) {
      throw new AwsError('UnknownService', 400, `The local cloud has no service "${claim.service}".`);
    }
    const streamed = service.streams && { streamed: streamedBody(incoming, claim, secretAccessKey) };
    const operation = service.understand({ ...arrived, service: claim.service, body, principal, ...streamed });
    const call = { service: claim.service, operation: operation.name, header: headers['x-amzn-trace-id'] };
    return tracedCall(this.#options.tracing ?? noTracing, call, () => {
      this.#authorize(service, principal, operation);
      return this.#run(claim.service, operation);
    });
  }

  /** What needs no key is asked for without one; whatever else comes without one is refused for that. */
  #unsigned(request: UnsignedRequest): { readonly service: string; readonly operation: AwsOperation } | undefined {
    const signed = request.headers['authorization'] !== undefined || request.query.has('X-Amz-Algorithm');
    // A browser asks whether it may before it sends what is signed.
    if (signed && request.method !== 'OPTIONS') return undefined;
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

  async #run(service: string, operation: AwsOperation): Promise<AwsResponse | 'lost'> {
    const fate = await this.#options.faults.at('http', `${service}:${operation.name}`);
    switch (fate.kind) {
      case 'deliver':
        return operation.run();
      case 'duplicate':
        (await operation.run()).stream?.destroy();
        return operation.run();
      case 'drop':
        return 'lost';
      case 'fail':
        throw fate.error;
      default:
        return unlessBrokenOff(fate, () => operation.run());
    }
  }
}

function arrivedRequest(incoming: IncomingMessage): ArrivedRequest {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)),
    headers: flatHeaders(incoming),
    requestId: randomUUID(),
  };
}

function streamedBody(content: IncomingMessage, claim: Claim, secretAccessKey: string): StreamedBody {
  return {
    content,
    presigned: claim.expiresSeconds !== undefined,
    signedHeaders: claim.signedHeaders,
    signature: claim.signature,
    sign: (kind, previous, hashes) => followingSignature(claim, secretAccessKey, kind, previous, hashes),
  };
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
