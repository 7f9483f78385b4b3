import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';

export interface RangeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Ends with an error where the line broke. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The network, as far as downloads need it. Rejects where there is no answer at all. */
export type RangeRequest = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<RangeAnswer>;

/**
 * HTTP and HTTPS as Node has them: what is not read stays with the sender, so that memory does not grow with the file.
 *
 * @param caFile PEM file of the authority that signed the servers' certificates; default: Node's trust store
 */
export function overHttp({ caFile }: { readonly caFile?: string } = {}): RangeRequest {
  const trust = caFile === undefined ? {} : { ca: readFileSync(caFile) };
  return (url, { headers, signal }) =>
    new Promise((resolve, reject) => {
      const isPlain = new URL(url).protocol === 'http:';
      const heard = (answer: IncomingMessage) => resolve(answerOf(answer));
      const asked = isPlain
        ? plain(url, { headers, signal }, heard)
        : secure(url, { headers, signal, ...trust }, heard);
      asked.once('error', reject);
      asked.end();
    });
}

function answerOf(message: IncomingMessage): RangeAnswer {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return { status: message.statusCode ?? 0, headers, body: message };
}
