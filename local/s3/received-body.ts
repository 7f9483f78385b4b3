import { createHash } from 'node:crypto';
import type { AwsRequest, StreamedBody } from '#local/gateway/service.ts';
import type { BlobStore } from './blob-store.ts';
import { checksumBytes, type RunningChecksum, runningChecksum } from './checksums.ts';
import { unchunked } from './chunked-body.ts';
import { notImplemented, s3Error } from './s3-error.ts';
import { type Checksum, type ChecksumAlgorithm, checksumAlgorithms, type Segment } from './stored-object.ts';

const largestUpload = 5 * 1024 ** 3;
const longestDocument = 2 * 1024 ** 2;

type Headers = Readonly<Record<string, string | undefined>>;

/** What the sender promised of the body. */
interface Promised {
  readonly length: number;
  readonly form: 'plain' | 'chunked' | 'signed-chunks';
  readonly sha256: string | undefined;
  readonly md5: string | undefined;
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Undefined: it follows in the trailer. */
  readonly checksum: string | undefined;
}

export interface ReceivedBody {
  readonly segment: Segment;
  /** Hexadecimal. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
}

/**
 * Writes a body to the disk as it comes and compares it with everything that its sender said about it.
 *
 * @param headers those of the request and of a presigned query
 * @throws AwsError BadDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge, MissingContentLength …
 */
export async function receiveToDisk(request: AwsRequest, headers: Headers, blobs: BlobStore): Promise<ReceivedBody> {
  const promised = promisedBody(headers, request.streamed);
  const body = new CheckedBody(promised, request.streamed);
  const segment = await blobs.write(body.bytes());
  return { segment, md5: body.md5, checksum: body.checksum };
}

/** A short document of XML, compared in the same way. */
export async function receiveDocument(request: AwsRequest, headers: Headers): Promise<string> {
  const promised = promisedBody(headers, request.streamed);
  if (promised.length > longestDocument) throw s3Error('MalformedXML');
  const pieces: Buffer[] = [];
  for await (const piece of new CheckedBody(promised, request.streamed).bytes()) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

class CheckedBody {
  readonly #promised: Promised;
  readonly #streamed: StreamedBody | undefined;
  readonly #trailer = new Map<string, string>();
  md5 = '';
  checksum: Checksum | undefined;

  constructor(promised: Promised, streamed: StreamedBody | undefined) {
    this.#promised = promised;
    this.#streamed = streamed;
  }

  async *bytes(): AsyncGenerator<Buffer> {
    const { algorithm, length, sha256: promisedSha256 } = this.#promised;
    const md5 = createHash('md5');
    const sha256 = promisedSha256 === undefined ? undefined : createHash('sha256');
    const running = algorithm === undefined ? undefined : runningChecksum(algorithm);
    let size = 0;
    for await (const piece of this.#plainBytes()) {
      size += piece.length;
      if (size > length) throw s3Error('IncompleteBody');
      md5.update(piece);
      sha256?.update(piece);
      running?.update(piece);
      yield piece;
    }
    if (size < length) throw s3Error('IncompleteBody');
    if (sha256 !== undefined && sha256.digest('hex') !== promisedSha256) throw s3Error('XAmzContentSHA256Mismatch');
    this.md5 = md5.digest('hex');
    this.#compare(algorithm, running);
  }

  #compare(algorithm: ChecksumAlgorithm | undefined, running: RunningChecksum | undefined): void {
    const { md5, checksum } = this.#promised;
    if (md5 !== undefined && Buffer.from(md5, 'base64').toString('hex') !== this.md5) throw s3Error('BadDigest');
    if (algorithm === undefined || running === undefined) return;
    const value = running.value();
    const promised = checksum ?? this.#trailer.get(`x-amz-checksum-${algorithm}`);
    if (promised === undefined) throw s3Error('InvalidRequest', `The trailer lacks x-amz-checksum-${algorithm}.`);
    if (promised !== value) {
      throw s3Error('BadDigest', `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`);
    }
    this.checksum = { algorithm, value };
  }

  #plainBytes(): AsyncIterable<Buffer> {
    const { form } = this.#promised;
    const streamed = this.#streamed;
    if (streamed === undefined) throw s3Error('InternalError', 'The body did not arrive as a stream.');
    // Whoever stops reading still wants to answer: the connection must live.
    const arriving: AsyncIterable<Buffer> = streamed.content.iterator({ destroyOnReturn: false });
    if (form === 'plain') return arriving;
    const signed = form === 'signed-chunks' ? streamed : undefined;
    return unchunked(arriving, { signed, onTrailer: (name, value) => this.#trailer.set(name, value) });
  }
}

function promisedBody(headers: Headers, streamed: StreamedBody | undefined): Promised {
  const declared = headers['x-amz-content-sha256'] ?? (streamed?.presigned ? 'UNSIGNED-PAYLOAD' : undefined);
  if (declared === undefined) {
    throw s3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  const plain = declared === 'UNSIGNED-PAYLOAD' || /^[0-9a-f]{64}$/.test(declared);
  const signedChunks = /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/.test(declared);
  if (!plain && !signedChunks && declared !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    throw notImplemented(`x-amz-content-sha256: ${declared}`);
  }
  const { algorithm, value } = promisedChecksum(headers);
  const md5 = headers['content-md5'];
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) throw s3Error('InvalidDigest');
  return {
    length: promisedLength(headers, plain),
    form: plain ? 'plain' : signedChunks ? 'signed-chunks' : 'chunked',
    sha256: plain && declared !== 'UNSIGNED-PAYLOAD' ? declared : undefined,
    ...{ md5, algorithm, checksum: value },
  };
}

function promisedLength(headers: Headers, plain: boolean): number {
  const text = headers[plain ? 'content-length' : 'x-amz-decoded-content-length'];
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw s3Error('MissingContentLength');
  const length = Number(text);
  if (length <= largestUpload) return length;
  throw s3Error('EntityTooLarge', undefined, { ProposedSize: length, MaxSizeAllowed: largestUpload });
}

function promisedChecksum(headers: Headers): { algorithm: ChecksumAlgorithm | undefined; value: string | undefined } {
  const given = checksumAlgorithms.filter((one) => headers[`x-amz-checksum-${one}`] !== undefined);
  const trailer = headers['x-amz-trailer']?.toLowerCase();
  const trailing = checksumAlgorithms.find((one) => trailer === `x-amz-checksum-${one}`);
  if (trailer !== undefined && trailing === undefined) throw notImplemented(`the trailer ${trailer}`);
  const [algorithm = trailing, ...more] = given;
  if (more.length > 0 || (given.length > 0 && trailing !== undefined)) {
    throw s3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const value = algorithm === undefined ? undefined : headers[`x-amz-checksum-${algorithm}`];
  if (algorithm !== undefined && value !== undefined && !isChecksum(algorithm, value)) {
    throw s3Error('InvalidRequest', `Value for x-amz-checksum-${algorithm} header is invalid.`);
  }
  if (algorithm === undefined && headers['x-amz-sdk-checksum-algorithm'] !== undefined) {
    throw s3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return { algorithm, value };
}

function isChecksum(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === checksumBytes[algorithm] && bytes.toString('base64') === value;
}
