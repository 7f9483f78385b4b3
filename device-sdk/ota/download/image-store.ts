import { createReadStream, mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import { type Log, reasonOf } from '../../host.ts';
import { syncDirectory } from '../../storage.ts';
import { checkImage, type ExpectedFile, ImageCheck } from '../verification/image-check.ts';
import type { VerifiedImage } from '../verification/verified-update.ts';
import { rebuilt, UselessDelta } from './delta.ts';
import { type DownloadParts, download, NoRoom } from './download.ts';

/** Reads what a unit runs, if it runs what the delta is made for. */
export type Base = (offset: number, length: number) => Promise<Uint8Array>;

/** Bytes of the disk that stay free for the rest of the vehicle. */
const reserve = 16 * 1024 * 1024;
const readBytes = 256 * 1024;

/** The images of one update on the agent's disk, by their hash: what is there under its name is whole and right. */
export class ImageStore {
  private readonly directory: string;
  private readonly log: Log;

  constructor(directory: string, log: Log) {
    this.directory = directory;
    this.log = log;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /**
   * Fetches the image, or the delta to it, unless it is there.
   *
   * @param base of its delta, where the unit runs that and lets it be read
   * @throws RefusedUpdate, NoRoom, the signal's reason
   */
  async fetch(image: VerifiedImage, base: Base | undefined, parts: DownloadParts, signal: AbortSignal): Promise<void> {
    if (await this.has(image)) return;
    await this.requireRoom(image.length);
    if (image.delta !== undefined && base !== undefined) {
      try {
        return await this.fetchDelta(image, image.delta, base, parts, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UselessDelta || error instanceof RefusedUpdate)) throw error;
        this.log(`${image.path}: the whole image is fetched, for of the delta ${reasonOf(error)}`);
      }
    }
    await download(expectedOf(image), this.pathOf(image), parts, signal);
  }

  /** In blocks of this size; the last one may be shorter. @throws where it is not there */
  async *blocks(sha256: string, size: number): AsyncGenerator<Uint8Array> {
    const file = await open(this.path(sha256), 'r');
    try {
      const { size: length } = await file.stat();
      for (let at = 0; at < length; at += size) yield await readWhole(file, at, Math.min(size, length - at));
    } finally {
      await file.close();
    }
  }

  /** Lets go of everything else. */
  async keepOnly(images: readonly VerifiedImage[]): Promise<void> {
    const kept = images.flatMap(({ hashes, delta }) => [hashes.sha256, ...(delta === undefined ? [] : [delta.sha256])]);
    for (const name of await readdir(this.directory)) {
      if (!kept.some((sha256) => name.startsWith(sha256))) await rm(join(this.directory, name), { force: true });
    }
  }

  private async has(image: VerifiedImage): Promise<boolean> {
    const path = this.pathOf(image);
    if (!(await exists(path))) return false;
    try {
      await checkImage(createReadStream(path, { highWaterMark: readBytes }), expectedOf(image));
      return true;
    } catch {
      // A disk that has aged.
      await rm(path, { force: true });
      return false;
    }
  }

  private async fetchDelta(
    image: VerifiedImage,
    delta: NonNullable<VerifiedImage['delta']>,
    base: Base,
    parts: DownloadParts,
    signal: AbortSignal,
  ): Promise<void> {
    const path = this.path(delta.sha256);
    const expected = { path: delta.path, length: delta.length, hashes: { sha256: delta.sha256 } };
    if (!(await exists(path))) await download(expected, path, parts, signal);
    const file = await open(path, 'r');
    const fresh = `${this.pathOf(image)}.rebuilt`;
    const made = await open(fresh, 'w', 0o600);
    try {
      const check = new ImageCheck(expectedOf(image));
      for await (const bytes of rebuilt(file, base)) {
        signal.throwIfAborted();
        check.passed(bytes);
        await made.writeFile(bytes);
      }
      check.finished();
      await made.sync();
      await rename(fresh, this.pathOf(image));
      syncDirectory(this.directory);
    } finally {
      await Promise.all([file.close(), made.close()]);
      await rm(fresh, { force: true });
      await rm(path, { force: true });
    }
  }

  private async requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory);
    if (bavail * bsize < bytes + reserve) {
      throw new NoRoom(`${bytes} bytes are to be downloaded, ${bavail * bsize} bytes are free`);
    }
  }

  private pathOf({ hashes }: VerifiedImage): string {
    return this.path(hashes.sha256);
  }

  private path(sha256: string): string {
    // It comes from signed metadata; it is a file name all the same.
    if (!/^[0-9a-f]{64}$/i.test(sha256)) throw new RefusedUpdate('malformed', `${sha256} is no SHA-256`);
    return join(this.directory, sha256.toLowerCase());
  }
}

function expectedOf({ path, length, hashes }: VerifiedImage): ExpectedFile {
  return { path, length, hashes };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function readWhole(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new Error(`the file ends at ${at + bytesRead}`);
  return buffer;
}
