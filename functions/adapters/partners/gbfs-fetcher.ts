import type { FeedFetcher, Fetched } from '#shared/partners/assets/feed-ports.ts';
import type { UrlRules } from '#shared/webhooks/address-rules.ts';
import { type BoundedAnswer, boundedCall } from './bounded-call.ts';

/** ms for one file; a city of ten thousand bikes is three megabytes. */
const [patience, largest] = [10_000, 12 * 1024 * 1024];

/** Public files: nothing of ours, and nothing that a partner gave us, goes with the question. */
export class HttpGbfsFetcher implements FeedFetcher {
  readonly #rules: UrlRules;
  readonly #patience: number;

  constructor(rules: UrlRules, within = patience) {
    this.#rules = rules;
    this.#patience = within;
  }

  async get(url: string, etag?: string): Promise<Fetched> {
    const headers = { 'accept-encoding': 'gzip', ...(etag !== undefined && { 'if-none-match': etag }) };
    const limits = { ...this.#rules, patience: this.#patience, largest };
    return fetched(await boundedCall(url, { method: 'GET', headers }, limits));
  }
}

function fetched(answer: BoundedAnswer): Fetched {
  if (answer.kind === 'failed') {
    switch (answer.why) {
      case 'address-refused':
        return failed('file-address-refused', 'stands where partners are not called: https, the public network');
      case 'too-slow':
        return failed('file-too-slow', `did not come within ${patience / 1000} s`);
      case 'too-large':
        return failed('file-too-large', `is larger than ${largest / 1024 / 1024} MB`);
      case 'unreachable':
      case 'cut':
        return failed('file-unreachable', 'could not be fetched: no answer, or one that broke off');
    }
  }
  const { status, headers, text } = answer;
  if (status === 304) return { kind: 'same' };
  if (status >= 300 && status < 400) {
    return failed(
      'file-redirects',
      `answers ${status}: what stands elsewhere is named there, redirects are not followed`,
    );
  }
  if (status !== 200) return failed('file-refused', `answers ${status}`);
  return { kind: 'got', text, ...(headers.etag !== undefined && { etag: headers.etag }) };
}

function failed(code: Extract<Fetched, { kind: 'failed' }>['code'], detail: string): Fetched {
  return { kind: 'failed', code, detail };
}
