import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { RecordLog } from '../../record-log.ts';
import { syncDirectory } from '../../storage.ts';
import { type ExpectedFile, ImageCheck } from '../verification/image-check.ts';

/** Bytes of a chunk: so much is read again at the most after a crash. */
const chunkBytes = 256 * 1024;

const recordSchema = z.union([
  z.tuple([z.literal('source'), z.string()]),
  z.tuple([z.literal('chunk'), z.int(), z.string()]),
]);
type LedgerRecord = z.infer<typeof recordSchema>;

/**
 * A file that arrives bit by bit. Beside it stands the hash of each chunk, so that after a crash or a loss of power
 * what is whole is known from what only looks so: a file system may well have kept the length and lost the bytes.
 */
export class PartialFile {
  private readonly path: string;
  private readonly expected: ExpectedFile;
  private readonly handle: FileHandle;
  private readonly ledger: RecordLog;
  private check: ImageCheck;
  private chunk = createHash('sha256');
  private at = 0;
  /** The entity tag of what it is read from. */
  private tag: string | undefined;

  private constructor(path: string, expected: ExpectedFile, handle: FileHandle, ledger: RecordLog) {
    this.path = path;
    this.expected = expected;
    this.handle = handle;
    this.ledger = ledger;
    this.check = new ImageCheck(expected);
  }

  /** With what is left of an earlier attempt, as far as it is whole. @param path of the file that it becomes */
  static async open(path: string, expected: ExpectedFile): Promise<PartialFile> {
    const handle = await open(`${path}.part`, constants.O_CREAT | constants.O_RDWR, 0o600);
    const { log, records } = RecordLog.open(`${path}.ledger`);
    const file = new PartialFile(path, expected, handle, log);
    await file.takeUp(records.map((record) => recordSchema.safeParse(record).data).filter((one) => one !== undefined));
    return file;
  }

  get length(): number {
    return this.at;
  }

  get isWhole(): boolean {
    return this.at === this.expected.length;
  }

  get source(): string | undefined {
    return this.tag;
  }

  /** What comes now comes from here. */
  from(tag: string | undefined): void {
    if (tag === undefined || tag === this.tag) return;
    this.tag = tag;
    this.ledger.append(['source', tag] satisfies LedgerRecord);
  }

  /** @throws RefusedUpdate `endless-data` */
  async append(bytes: Uint8Array): Promise<void> {
    this.check.passed(bytes);
    for (let taken = 0; taken < bytes.length; ) {
      const room = chunkBytes - (this.at % chunkBytes);
      const part = bytes.subarray(taken, taken + room);
      await writeWhole(this.handle, part, this.at);
      this.passed(part);
      taken += part.length;
    }
  }

  /** Nothing of it is of any use. */
  async reset(): Promise<void> {
    this.ledger.replace([]);
    await this.handle.truncate(0);
    this.check = new ImageCheck(this.expected);
    this.chunk = createHash('sha256');
    this.at = 0;
    this.tag = undefined;
  }

  /** Makes it the file that was expected. @throws RefusedUpdate `wrong-hash` */
  async finish(): Promise<void> {
    this.check.finished();
    await this.handle.sync();
    await rename(`${this.path}.part`, this.path);
    syncDirectory(dirname(this.path));
    await this.close();
    await rm(`${this.path}.ledger`, { force: true });
  }

  async close(): Promise<void> {
    this.ledger.close();
    await this.handle.close();
  }

  private passed(part: Uint8Array): void {
    this.chunk.update(part);
    this.at += part.length;
    if (this.at % chunkBytes !== 0) return;
    const number = this.at / chunkBytes - 1;
    this.ledger.append(['chunk', number, this.chunk.digest('hex')] satisfies LedgerRecord);
    this.chunk = createHash('sha256');
  }

  private async takeUp(records: readonly LedgerRecord[]): Promise<void> {
    const chunks = new Map(records.flatMap((record) => (record[0] === 'chunk' ? [[record[1], record[2]]] : [])));
    const buffer = Buffer.alloc(chunkBytes);
    for (let number = 0; chunks.has(number); number += 1) {
      const { bytesRead } = await this.handle.read(buffer, 0, chunkBytes, number * chunkBytes);
      const isWhole = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex') === chunks.get(number);
      if (bytesRead < chunkBytes || !isWhole || this.at + bytesRead > this.expected.length) break;
      this.check.passed(buffer);
      this.at += chunkBytes;
    }
    this.tag = records.findLast((record) => record[0] === 'source')?.[1];
    await this.handle.truncate(this.at);
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written);
    written += bytesWritten;
  }
}
