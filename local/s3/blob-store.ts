import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Segment } from './stored-object.ts';

/**
 * The bytes of objects, in files that are written once and never changed. A file belongs to an object as soon as
 * the index names it; what a process that was killed left without a name is swept away at the next start.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #removed = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Holds one chunk at a time in memory. What fails leaves no file. */
  async write(content: AsyncIterable<Buffer>): Promise<Segment> {
    const id = randomUUID();
    mkdirSync(dirname(this.#path(id)), { recursive: true });
    const file = await open(this.#path(id), 'wx', 0o600);
    let size = 0;
    try {
      for await (const chunk of content) {
        await file.writeFile(chunk);
        size += chunk.length;
      }
      await file.close();
    } catch (error) {
      await file.close().catch(() => {}); // the first error is the one to tell
      await rm(this.#path(id), { force: true });
      throw error;
    }
    return { id, size };
  }

  /**
   * The bytes from `start` up to and without `end` of the segments' sequence. The files stay until the stream is
   * closed, whatever becomes of the object meanwhile.
   */
  read(segments: readonly Segment[], start: number, end: number): Readable {
    for (const { id } of segments) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    const stream = Readable.from(this.#bytes(segments, start, end), { objectMode: false });
    stream.once('close', () => {
      for (const { id } of segments) this.#leave(id);
    });
    return stream;
  }

  remove(segments: readonly Segment[]): void {
    for (const { id } of segments) {
      if (this.#readers.has(id)) this.#removed.add(id);
      else rmSync(this.#path(id), { force: true });
    }
  }

  /** Removes every file that is not known. Only while nobody writes. */
  sweep(known: ReadonlySet<string>): void {
    for (const shard of readdirSync(this.#directory)) {
      for (const id of readdirSync(join(this.#directory, shard))) {
        if (!known.has(id)) rmSync(this.#path(id), { force: true });
      }
    }
  }

  async *#bytes(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let at = 0;
    for (const { id, size } of segments) {
      const first = Math.max(start - at, 0);
      const last = Math.min(end - at, size) - 1;
      if (first <= last) yield* createReadStream(this.#path(id), { start: first, end: last, highWaterMark: 262_144 });
      at += size;
    }
  }

  #leave(id: string): void {
    const left = (this.#readers.get(id) ?? 1) - 1;
    if (left > 0) return void this.#readers.set(id, left);
    this.#readers.delete(id);
    if (this.#removed.delete(id)) rmSync(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#directory, id.slice(0, 2), id);
  }
}
