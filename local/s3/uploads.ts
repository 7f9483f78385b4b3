import { randomUUID } from 'node:crypto';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { BlobStore } from './blob-store.ts';
import { s3Error } from './s3-error.ts';
import type { Part, Upload } from './stored-object.ts';

export interface UploadsOptions {
  readonly bucket: string;
  readonly state: State;
  readonly clock: Clock;
  readonly blobs: BlobStore;
}

/** The multipart uploads of a bucket that are under way. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #uploads: Collection<Upload>;
  /** By upload and number. */
  readonly #kept: Collection<Part>;
  readonly #parts = new Map<string, Map<number, Part>>();

  constructor(options: UploadsOptions) {
    this.#options = options;
    this.#uploads = options.state.collection(`s3/${options.bucket}/uploads`);
    this.#kept = options.state.collection(`s3/${options.bucket}/parts`);
    for (const uploadId of this.#uploads.keys()) this.#parts.set(uploadId, new Map());
    for (const [place, part] of [...this.#kept.entries()]) {
      const [uploadId = '', number] = place.split('/');
      const parts = this.#parts.get(uploadId);
      // Its upload ended while the process was killed.
      if (parts === undefined) this.#kept.delete(place);
      else parts.set(Number(number), part);
    }
  }

  begin(upload: Omit<Upload, 'startedAt'>): string {
    const uploadId = randomUUID().replaceAll('-', '');
    this.#uploads.set(uploadId, { ...upload, startedAt: this.#options.clock.now() });
    this.#parts.set(uploadId, new Map());
    return uploadId;
  }

  /** @throws AwsError NoSuchUpload, also when the upload is for another key */
  find(uploadId: string, key: string): Upload {
    const upload = this.#uploads.get(uploadId);
    if (upload?.key === key) return upload;
    throw s3Error('NoSuchUpload');
  }

  /** By their numbers, ascending. */
  parts(uploadId: string): ReadonlyMap<number, Part> {
    const parts = this.#parts.get(uploadId) ?? new Map<number, Part>();
    return new Map([...parts].sort(([a], [b]) => a - b));
  }

  /** In the place of an earlier part with this number. */
  put(uploadId: string, key: string, number: number, part: Omit<Part, 'lastModified'>): void {
    this.find(uploadId, key);
    const parts = this.#parts.get(uploadId);
    const before = parts?.get(number);
    const kept = { ...part, lastModified: this.#options.clock.now() };
    this.#kept.set(`${uploadId}/${number}`, kept);
    parts?.set(number, kept);
    if (before !== undefined && before.segment.id !== part.segment.id) this.#options.blobs.remove([before.segment]);
  }

  /** @param except blobs that an object has taken over */
  end(uploadId: string, except: ReadonlySet<string> = new Set()): void {
    const parts = this.#parts.get(uploadId) ?? new Map<number, Part>();
    this.#uploads.delete(uploadId);
    this.#parts.delete(uploadId);
    for (const number of parts.keys()) this.#kept.delete(`${uploadId}/${number}`);
    this.#options.blobs.remove([...parts.values()].map(({ segment }) => segment).filter(({ id }) => !except.has(id)));
  }

  entries(): [string, Upload][] {
    return [...this.#uploads.entries()];
  }

  *blobIds(): Generator<string> {
    for (const parts of this.#parts.values()) for (const { segment } of parts.values()) yield segment.id;
  }
}
