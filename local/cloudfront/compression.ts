import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { EdgeAnswer } from './origin.ts';

/** CloudFront developer guide, "Serve compressed files": how large, and of which types we have any. */
const least = 1_000;
const most = 10_000_000;
const types = ['application/json', 'application/javascript', 'text/plain', 'text/html', 'text/css', 'text/csv'];

/** As CloudFront does it where a behaviour asks for it: Brotli before gzip, with a weak entity tag. */
export function compressed(answer: EdgeAnswer, accepted: string | string[] | undefined): EdgeAnswer {
  const { whole, headers } = answer;
  const [type = ''] = headers['content-type']?.split(';') ?? [];
  if (whole === undefined || whole.length < least || whole.length > most || !types.includes(type)) return answer;
  const said = String(accepted ?? '');
  const encoding = /\bbr\b/.test(said) ? 'br' : /\bgzip\b/.test(said) ? 'gzip' : undefined;
  if (encoding === undefined) return { ...answer, headers: { ...headers, vary: 'Accept-Encoding' } };
  const bytes = encoding === 'br' ? brotli(whole) : gzipSync(whole);
  return {
    ...{ status: answer.status, length: bytes.length, bytes: () => [bytes] },
    headers: {
      ...headers,
      ...{ etag: `W/${headers['etag']}`, 'content-encoding': encoding, vary: 'Accept-Encoding' },
      'content-length': String(bytes.length),
    },
  };
}

/** The highest quality takes a second a megabyte. */
function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}
