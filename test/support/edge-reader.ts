import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import type { RangeRequest } from '#device-sdk/ota/download/range-request.ts';
import type { Fetch } from '#device-sdk/ota/verification/granted-files.ts';

/** Reads from the local CloudFront, whose certificate is the local cloud's own. */
export function edgeReader(caFile: string): { readonly fetch: Fetch; readonly request: RangeRequest } {
  const ca = readFileSync(caFile);
  const request: RangeRequest = (url, { headers, signal }) =>
    new Promise((resolve, reject) => {
      get(url, { ca, agent: false, headers, signal }, (answer) => {
        const its = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
        resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(its), body: answer });
      }).on('error', reject);
    });
  return { request, fetch: (url, { signal }) => request(url, { headers: {}, signal }) };
}
