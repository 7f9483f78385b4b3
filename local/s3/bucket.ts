import { join } from 'node:path';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Announcements, Change, Origin } from './announcements.ts';
import { BlobStore } from './blob-store.ts';
import type { BucketSettings } from './bucket-settings.ts';
import { KeyIndex } from './key-index.ts';
import { type Listing, type ListingRequest, listKeys } from './listing.ts';
import { checkUnlocked } from './retention.ts';
import type { Retention, StoredObject } from './stored-object.ts';
import { Uploads } from './uploads.ts';
import { type FormerVersion, Versions } from './versions.ts';

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
  readonly #versions: Versions;
  readonly #keys: KeyIndex;
  #lastSequence = 0;

  constructor({ name, settings, state, clock, announcements }: BucketOptions) {
    this.name = name;
    this.settings = settings;
    this.#clock = clock;
    this.#announcements = announcements;
    this.#objects = state.collection(`s3/${name}/objects`);
    this.#versions = new Versions(state.collection(`s3/${name}/versions`));
    this.#keys = new KeyIndex(this.#objects.keys());
    this.blobs = new BlobStore(join(state.directory, 's3', name, 'blobs'));
    this.uploads = new Uploads({ bucket: name, state, clock, blobs: this.blobs });
    this.#takeUp();
  }

  /** What a process that was killed left half done is ended here. */
  #takeUp(): void {
    const owned = new Set<string>();
    const completed = new Set<string>();
    for (const [key, { versionId }] of this.#objects.entries()) {
      const copied = this.#versions.find(key, versionId ?? 'null');
      // It was about to be replaced, and was not.
      if (copied !== undefined) this.#versions.remove(copied);
    }
    const former = this.#versions.all().flatMap((version) => ('object' in version ? [version.object] : []));
    for (const { segments, sequencer, uploadId } of [...this.#objects.values(), ...former]) {
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
    const sequencer = this.#nextSequencer();
    const stored = {
      ...object,
      ...{ lastModified: wholeSeconds(this.now()), sequencer },
      ...(this.settings.versioned && { versionId: sequencer, ...this.#retention(object) }),
    };
    const created = { size: stored.size, etag: stored.etag };
    if (this.settings.versioned) this.#replaced(key, before);
    this.#announced({ ...this.#change(key, stored.sequencer, origin), created }, () => this.#objects.set(key, stored));
    this.#keys.add(key);
    if (this.settings.versioned) return stored;
    const kept = new Set(stored.segments.map(({ id }) => id));
    this.blobs.remove((before?.segments ?? []).filter(({ id }) => !kept.has(id)));
    return stored;
  }

  /**
   * What was not there is not announced either.
   *
   * @returns in a versioned bucket the id of the mark that it was deleted
   */
  delete(key: string, origin: Origin): string | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    const sequencer = this.#nextSequencer();
    if (this.settings.versioned) {
      this.#replaced(key, before);
      this.#versions.keep({ key, versionId: sequencer, since: this.now(), deleteMarker: true });
    }
    this.#announced(this.#change(key, sequencer, origin), () => this.#objects.delete(key));
    this.#keys.delete(key);
    if (this.settings.versioned) return sequencer;
    this.blobs.remove(before.segments);
    return undefined;
  }

  /** @throws AwsError AccessDenied while the version is to be kept */
  deleteVersion(key: string, versionId: string, origin: Origin): void {
    const present = this.#objects.get(key);
    if (present !== undefined && present.versionId === versionId) {
      checkUnlocked(present.retention, this.now());
      this.#announced(this.#change(key, this.#nextSequencer(), origin), () => this.#objects.delete(key));
      this.#keys.delete(key);
      this.blobs.remove(present.segments);
    } else {
      const former = this.#versions.find(key, versionId);
      if (former === undefined) return;
      if ('object' in former) checkUnlocked(former.object.retention, this.now());
      this.#versions.remove(former);
      if ('object' in former) this.blobs.remove(former.object.segments);
    }
    this.#reappear(key);
  }

  version(key: string, versionId: string): StoredObject | 'deleteMarker' | undefined {
    const present = this.#objects.get(key);
    if (present?.versionId === versionId) return present;
    const former = this.#versions.find(key, versionId);
    if (former === undefined) return undefined;
    return 'object' in former ? former.object : 'deleteMarker';
  }

  formerVersions(): readonly FormerVersion[] {
    return this.#versions.all();
  }

  latestFormer(key: string): FormerVersion | undefined {
    return this.#versions.ofKey(key)[0];
  }

  /** Has a version kept until later. */
  retain(key: string, object: StoredObject, retention: Retention): void {
    const former = this.#versions.find(key, object.versionId ?? '');
    const kept = { ...object, retention };
    if (former === undefined) this.#objects.set(key, kept);
    else this.#versions.keep({ key, versionId: former.versionId, since: former.since, object: kept });
  }

  /** Removes what was replaced before this instant, and may be. */
  forgetFormer(key: string, versionId: string): void {
    const former = this.#versions.find(key, versionId);
    if (former === undefined) return;
    const kept = 'object' in former ? former.object : undefined;
    if ((kept?.retention?.until ?? 0) > this.now()) return;
    this.#versions.remove(former);
    if (kept !== undefined) this.blobs.remove(kept.segments);
  }

  /** ms since the Unix epoch, by the cloud's clock. */
  now(): number {
    return this.#clock.now();
  }

  #replaced(key: string, before: StoredObject | undefined): void {
    if (before === undefined) return;
    this.#versions.keep({ key, versionId: before.versionId ?? 'null', since: this.now(), object: before });
  }

  /** Where the newest of the former versions is no mark of a deletion, it is the present one again. */
  #reappear(key: string): void {
    const newest = this.latestFormer(key);
    if (this.#objects.get(key) !== undefined || newest === undefined || !('object' in newest)) return;
    this.#objects.set(key, newest.object);
    this.#keys.add(key);
    this.#versions.remove(newest);
  }

  #retention({ retention }: NewObject): { readonly retention?: Retention } {
    const standard = this.settings.defaultRetention;
    if (retention !== undefined || standard === undefined) return retention === undefined ? {} : { retention };
    return { retention: { mode: standard.mode, until: this.now() + standard.days * 86_400_000 } };
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
