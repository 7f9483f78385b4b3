import { createHash, timingSafeEqual } from 'node:crypto';
import type { StreamedBody } from '#local/gateway/service.ts';
import { s3Error } from './s3-error.ts';

export interface ChunkedOptions {
  /** Each chunk and the trailer carry a signature that follows from the one before. */
  readonly signed: StreamedBody | undefined;
  /** What comes behind the last chunk. */
  readonly onTrailer: (name: string, value: string) => void;
}

const longestLine = 8192;

/**
 * Takes the framing off an `aws-chunked` body (S3 API reference, "Transferring payload in multiple chunks").
 *
 * @throws AwsError SignatureDoesNotMatch, IncompleteBody, InvalidRequest
 */
export async function* unchunked(source: AsyncIterable<Buffer>, options: ChunkedOptions): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let previous = options.signed?.signature ?? '';
  for (;;) {
    const [size = '', extension = ''] = (await reader.line()).split(';');
    if (!/^[0-9a-f]{1,12}$/i.test(size)) throw s3Error('InvalidRequest', 'A chunk begins without its size.');
    const length = Number.parseInt(size, 16);
    const hash = createHash('sha256');
    for await (const piece of reader.take(length)) {
      hash.update(piece);
      yield piece;
    }
    if (length > 0) await reader.lineEnd();
    const { signed } = options;
    if (signed !== undefined) {
      previous = checked(signed, 'PAYLOAD', previous, [sha256(''), hash.digest('hex')], extension.trim().slice(16));
    }
    if (length === 0) break;
  }
  await readTrailer(reader, previous, options);
}

async function readTrailer(reader: ByteReader, previous: string, { signed, onTrailer }: ChunkedOptions): Promise<void> {
  let text = '';
  for (let line = await reader.lineOrEnd(); line !== ''; line = await reader.lineOrEnd()) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      if (signed !== undefined) checked(signed, 'TRAILER', previous, [sha256(text)], value);
      continue;
    }
    text += `${name}:${value}\n`;
    onTrailer(name, value);
  }
}

function checked(
  signed: StreamedBody,
  kind: 'PAYLOAD' | 'TRAILER',
  previous: string,
  hashes: readonly string[],
  given: string,
): string {
  const expected = signed.sign(kind, previous, hashes);
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  if (one.length === other.length && timingSafeEqual(one, other)) return expected;
  throw s3Error('SignatureDoesNotMatch', 'The signature of a chunk does not match what was computed.');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Reads lines and counted bytes from pieces of any size. */
class ByteReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const line = await this.#upToLineEnd();
    if (line === undefined) throw s3Error('IncompleteBody');
    return line;
  }

  /** The end of the body stands for an empty line. */
  async lineOrEnd(): Promise<string> {
    return (await this.#upToLineEnd()) ?? '';
  }

  async lineEnd(): Promise<void> {
    if ((await this.line()) !== '') throw s3Error('InvalidRequest', 'A chunk is longer than its size.');
  }

  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw s3Error('IncompleteBody');
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #upToLineEnd(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > longestLine) throw s3Error('InvalidRequest', 'A line between chunks is too long.');
      if (!(await this.#more())) return this.#rest.length === 0 ? undefined : this.#rest.toString('latin1');
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
