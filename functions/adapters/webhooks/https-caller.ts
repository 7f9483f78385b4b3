import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hostOf, isAddress, type UrlRules, urlFault } from '#shared/webhooks/address-rules.ts';
import type { WebhookCaller } from '#shared/webhooks/ports.ts';
import { type CallFault, type CallOutcome, isPage } from '#shared/webhooks/verdict.ts';
import { AddressRefused, checkedLookup, mayConnect, type Resolve, systemResolve } from './checked-lookup.ts';

export interface CallerOptions extends UrlRules {
  readonly resolve?: Resolve;
  /** ms for name, connection, answer and its body together. */
  readonly patience?: number;
  /** Beside the roots that Node trusts, for tests. */
  readonly ca?: string;
}

/** So much of an answer is looked at; whatever follows is cut off. */
const enoughOfBody = 4096;

/**
 * Calls receivers over HTTPS: no redirects, no address that is none of the public network, no connection kept that may
 * have died meanwhile, and never longer than its patience.
 */
export class HttpsCaller implements WebhookCaller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  call(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<CallOutcome> {
    if (urlFault(url, this.#options) !== undefined) return Promise.resolve(failed('receiver-address-refused'));
    const to = new URL(url);
    const host = hostOf(to);
    // A socket looks up names and no addresses.
    if (isAddress(host) && !mayConnect(host, this.#options)) {
      return Promise.resolve(failed('receiver-address-refused'));
    }
    return new Promise((resolve) => {
      const request = this.#request(to, headers, body);
      const end = (outcome: CallOutcome) => {
        clearTimeout(timer);
        resolve(outcome);
        request.destroy();
      };
      const timer = setTimeout(() => end(failed('receiver-timeout')), this.#options.patience ?? 5000);
      request.on('error', (error) => end(failed(faultOf(error))));
      request.on('response', (response) => judge(response, end));
      request.end(body);
    });
  }

  #request(to: URL, headers: Readonly<Record<string, string>>, body: string): ClientRequest {
    const { ca, resolve = systemResolve } = this.#options;
    const send = to.protocol === 'https:' ? httpsRequest : httpRequest;
    return send(to, {
      ...{ method: 'POST', agent: false, lookup: checkedLookup(this.#options, resolve), maxHeaderSize: 16_384 },
      ...(ca !== undefined && { ca }),
      headers: {
        ...{ 'content-type': 'application/json', 'user-agent': 'Fleetloom-Webhooks/1', connection: 'close' },
        ...{ 'content-length': String(Buffer.byteLength(body)), ...headers },
      },
    });
  }
}

function judge(response: IncomingMessage, end: (outcome: CallOutcome) => void): void {
  const { statusCode: status = 0, headers } = response;
  let beginning = Buffer.alloc(0);
  const answered = () =>
    end({ kind: 'answered', status, isPage: isPage(headers['content-type'] ?? '', beginning.toString('latin1')) });
  response.on('data', (chunk: Buffer) => {
    beginning = Buffer.concat([beginning, chunk]);
    if (beginning.length >= enoughOfBody) answered();
  });
  response.on('end', answered);
  // It broke off inside its answer: nobody knows whether it took the message.
  response.on('error', () => end(failed('receiver-unreachable')));
}

function failed(reason: CallFault): CallOutcome {
  return { kind: 'failed', reason };
}

const certificateFaults = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_SSL_)/;

function faultOf(error: Error): CallFault {
  if (error instanceof AddressRefused) return 'receiver-address-refused';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'receiver-unknown';
  if (code.startsWith('HPE_')) return 'receiver-nonsense';
  return certificateFaults.test(code) ? 'receiver-certificate' : 'receiver-unreachable';
}
