import { join } from 'node:path';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Announcements, Change, Origin } from './announcements.ts';
import { BlobStore } from './blob-store.ts';
import type { BucketSettings } from './bucket-settings.ts';
import { KeyIndex } from './key-index.ts';
import { type Listing, type ListingRequest, listKeys } from './listing.ts';
import type { StoredObject } from './stored-object.ts';
import { Uploads } from './uploads.ts';

export interface BucketOptions {
  readonly name: string;
  readonly settings: BucketSettings;
  readonly state: State;
  readonly clock: Clock;
  readonly announcements: Announcements;
}

/** What is new about an object; the bucket gives it its time and its place in the sequence. */
export type NewObject = Omit<StoredObject, 'lastModified' | 'sequencer'>;

/** Objects in files and an index on disk. An object is there when the index names it, whole, or not at all. */
export class Bucket {
  readonly name: string;
  readonly settings: BucketSettings;
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly #clock: Clock;
  readonly #announcements: Announcements;
  readonly #objects: Collection<StoredObject>;
  readonly #keys: KeyIndex;
  #lastSequence = 0;

  constructor({ name, settings, state, clock, announcements }: BucketOptions) {
    this.name = name;
    this.settings = settings;
    this.#clock = clock;
    this.#announcements = announcements;
    this.#objects = state.collection(`s3/${name}/objects`);
    this.#keys = new KeyIndex(this.#objects.keys());
    this.blobs = new BlobStore(join(state.directory, 's3', name, 'blobs'));
    this.uploads = new Uploads({ bucket: name, state, clock, blobs: this.blobs });
    this.#takeUp();
  }

  /** What a process that was killed left half done is ended here. */
  #takeUp(): void {
    const owned = new Set<string>();
    const completed = new Set<string>();
    for (const { segments, sequencer, uploadId } of this.#objects.values()) {
      for (const { id } of segments) owned.add(id);
      if (uploadId !== undefined) completed.add(uploadId);
      this.#lastSequence = Math.max(this.#lastSequence, Number.parseInt(sequencer, 16));
    }
    for (const uploadId of completed) this.uploads.end(uploadId, owned);
    this.blobs.sweep(new Set([...owned, ...this.uploads.blobIds()]));
  }

  find(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  list(request: ListingRequest): Listing {
    return listKeys(this.#keys, request);
  }

  entries(): IterableIterator<[string, StoredObject]> {
    return this.#objects.entries();
  }

  /** Puts the object in the place of what was there. Its segments are written already. */
  put(key: string, object: NewObject, origin: Origin): StoredObject {
    const before = this.#objects.get(key);
    const stored = { ...object, lastModified: wholeSeconds(this.#clock.now()), sequencer: this.#nextSequencer() };
    const created = { size: stored.size, etag: stored.etag };
    this.#announced({ ...this.#change(key, stored.sequencer, origin), created }, () => this.#objects.set(key, stored));
    this.#keys.add(key);
    const kept = new Set(stored.segments.map(({ id }) => id));
    this.blobs.remove((before?.segments ?? []).filter(({ id }) => !kept.has(id)));
    return stored;
  }

  /** What was not there is not announced either. */
  delete(key: string, origin: Origin): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#announced(this.#change(key, this.#nextSequencer(), origin), () => this.#objects.delete(key));
    this.#keys.delete(key);
    this.blobs.remove(before.segments);
  }

  /** Whether a change that a former process wanted to announce was made. When in doubt it is told twice. */
  happened({ key, sequencer, created }: Change): boolean {
    const present = this.#objects.get(key);
    if (created === undefined) return present === undefined || present.sequencer > sequencer;
    return present !== undefined && present.sequencer >= sequencer;
  }

  #announced(change: Change, make: () => void): void {
    if (this.settings.announces) this.#announcements.around(change, make);
    else make();
  }

  #change(key: string, sequencer: string, origin: Origin): Change {
    return { bucket: this.name, key, sequencer, at: this.#clock.now(), origin };
  }

  /** By this machine's time, so that it grows from start to start, whatever is done to the cloud's clock. */
  #nextSequencer(): string {
    this.#lastSequence = Math.max(this.#lastSequence + 1, Date.now() * 1000);
    return this.#lastSequence.toString(16).toUpperCase().padStart(18, '0');
  }
}

/** HTTP dates hold no more, and a reader compares with them. */
function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
