import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import { hostOf, isAddress, type UrlRules, urlFault } from '#shared/webhooks/address-rules.ts';
import { AddressRefused, checkedLookup, mayConnect, systemResolve } from '../webhooks/checked-lookup.ts';

export interface BoundedOptions extends UrlRules {
  /** ms for name, connection, answer and its body together. */
  readonly patience: number;
  /** Bytes of an answer's body, as it is read. */
  readonly largest: number;
}

export interface BoundedRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type BoundedAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingMessage['headers'];
      readonly text: string;
    }
  /** `unsent`: nobody can have heard it. Of everything else that was sent nobody knows. */
  | { readonly kind: 'failed'; readonly why: CallFailure; readonly unsent?: true };

export type CallFailure = 'address-refused' | 'unreachable' | 'too-slow' | 'too-large' | 'cut';

/**
 * Calls servers of partners: no redirects, no address that is none of the public network, no connection kept, never longer
 * than its patience and never more than it is to read, as it is unpacked.
 */
export function boundedCall(url: string, asked: BoundedRequest, options: BoundedOptions): Promise<BoundedAnswer> {
  const refused: BoundedAnswer = { kind: 'failed', why: 'address-refused', unsent: true };
  if (urlFault(url, options) !== undefined) return Promise.resolve(refused);
  const to = new URL(url);
  const host = hostOf(to);
  // A socket looks up names and no addresses.
  if (isAddress(host) && !mayConnect(host, options)) return Promise.resolve(refused);
  return new Promise((resolve) => {
    const request = opened(to, asked, options);
    let isConnected = false;
    const end = (answer: BoundedAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    const fail = (why: CallFailure) => end({ kind: 'failed', why, ...(!isConnected && { unsent: true as const }) });
    const timer = setTimeout(() => fail('too-slow'), options.patience);
    request.on('socket', (socket) => {
      const event = to.protocol === 'https:' ? 'secureConnect' : 'connect';
      socket.once(event, () => {
        isConnected = true;
      });
    });
    request.on('error', (error) =>
      fail(error instanceof AddressRefused ? 'address-refused' : isConnected ? 'cut' : 'unreachable'),
    );
    request.on('response', (response) => read(response, options.largest, end, fail));
    request.end(asked.body);
  });
}

function opened(to: URL, { method, headers = {}, body }: BoundedRequest, options: BoundedOptions): ClientRequest {
  const send = to.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(to, {
    ...{ method, agent: false, lookup: checkedLookup(options, systemResolve), maxHeaderSize: 16_384 },
    headers: {
      ...{ 'user-agent': 'Fleetloom-Partners/1', accept: 'application/json', connection: 'close' },
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...headers,
    },
  });
}

function read(
  response: IncomingMessage,
  largest: number,
  end: (answer: BoundedAnswer) => void,
  fail: (why: CallFailure) => void,
): void {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  const isPacked = headers['content-encoding'] === 'gzip';
  const body = isPacked ? response.pipe(createGunzip()) : response;
  body.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > largest) fail('too-large');
    else chunks.push(chunk);
  });
  body.on('end', () => end({ kind: 'answered', status, headers, text: Buffer.concat(chunks).toString('utf8') }));
  body.on('error', () => fail('cut'));
  // It broke off inside its answer.
  response.on('aborted', () => fail('cut'));
}
