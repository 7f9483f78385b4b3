import type { FileHandle } from 'node:fs/promises';
import { decode } from '@ably/vcdiff-decoder';

/** The delta cannot be applied: the whole image is fetched instead. */
export class UselessDelta extends Error {
  override readonly name = 'UselessDelta';
}

/** Bytes of a window, of what it copies from, and of what it makes: memory does not grow with the image. */
const windowLimit = 8 * 1024 * 1024;

/** RFC 3284, 4.1 and 4.2. */
const magic = Buffer.from([0xd6, 0xc3, 0xc4, 0x00]);
const has = { compressor: 1, codeTable: 2, applicationHeader: 4 };
const win = { source: 1, target: 2, adler32: 4 };

/**
 * The image that a VCDIFF file (RFC 3284) makes of a base, window by window. Windows with the checksum of open-vcdiff
 * and xdelta3 are read too; the caller checks the whole image anyway.
 *
 * @throws UselessDelta
 */
export async function* rebuilt(
  delta: FileHandle,
  base: (offset: number, length: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = new Reader(delta);
  const head = await reader.take(5);
  const indicator = head[4] ?? 0;
  if (!head.subarray(0, 4).equals(magic)) throw new UselessDelta('it is no VCDIFF');
  if ((indicator & (has.compressor | has.codeTable)) !== 0) throw new UselessDelta('it is compressed once more');
  if ((indicator & has.applicationHeader) !== 0) await reader.take(await reader.integer());
  while (!(await reader.isAtEnd())) yield await windowOf(reader, base);
}

async function windowOf(
  reader: Reader,
  base: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const [indicator = 0] = await reader.take(1);
  if ((indicator & win.target) !== 0) throw new UselessDelta('a window copies from the target');
  const hasSource = (indicator & win.source) !== 0;
  const length = hasSource ? await reader.integer() : 0;
  const offset = hasSource ? await reader.integer() : 0;
  const body = await reader.take(await reader.integer());
  if (length > windowLimit || targetLength(body) > windowLimit) throw new UselessDelta('a window is too large');
  const segment = hasSource ? await base(offset, length) : new Uint8Array();
  if (segment.length !== length) throw new UselessDelta('the base is shorter than the delta wants');
  const plain = (indicator & win.adler32) === 0 ? body : withoutChecksum(body);
  const alone = Buffer.concat([
    magic,
    Buffer.of(0, hasSource ? win.source : 0),
    // The segment stands for the whole base: it begins at its own beginning.
    ...(hasSource ? [encoded(length), encoded(0)] : []),
    encoded(plain.length),
    plain,
  ]);
  try {
    return decode(alone, segment);
  } catch (error) {
    throw new UselessDelta('a window cannot be read', { cause: error });
  }
}

function targetLength(body: Buffer): number {
  return integerIn(body, 0).value;
}

/** RFC 3284 knows no checksum: behind the three lengths stand four bytes that the decoder does not expect. */
function withoutChecksum(body: Buffer): Buffer {
  let at = integerIn(body, 0).next + 1;
  for (let count = 0; count < 3; count += 1) at = integerIn(body, at).next;
  return Buffer.concat([body.subarray(0, at), body.subarray(at + 4)]);
}

function integerIn(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from; at < from + 6; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, next: at + 1 };
  }
  throw new UselessDelta('a number does not end');
}

function encoded(value: number): Buffer {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) + 128);
  return Buffer.from(digits);
}

/** Reads a file from its beginning. */
class Reader {
  private readonly file: FileHandle;
  private at = 0;

  constructor(file: FileHandle) {
    this.file = file;
  }

  async isAtEnd(): Promise<boolean> {
    return this.at >= (await this.file.stat()).size;
  }

  /** @throws UselessDelta where there are fewer, or more than memory is meant for */
  async take(length: number): Promise<Buffer> {
    if (length > windowLimit) throw new UselessDelta('a window is too large');
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(length), 0, length, this.at);
    if (bytesRead < length) throw new UselessDelta('it ends too early');
    this.at += length;
    return buffer;
  }

  async integer(): Promise<number> {
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(6), 0, 6, this.at);
    const { value, next } = integerIn(buffer.subarray(0, bytesRead), 0);
    this.at += next;
    return value;
  }
}
