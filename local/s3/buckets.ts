import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Cancel, LocalClock } from '#local/clock.ts';
import type { NewEvent } from '#local/events/event-bus.ts';
import type { Permission, Principal } from '#local/iam/principal.ts';
import type { State } from '#local/state/collection.ts';
import { Announcements } from './announcements.ts';
import { Bucket } from './bucket.ts';
import { bucketArn } from './bucket-arn.ts';
import type { BucketSettings } from './bucket-settings.ts';
import { expirationOf, isAbandoned, isForgotten } from './lifecycle.ts';

/** The part of IAM that buckets need. */
export interface BucketAccess {
  authorize(principal: Principal, permissions: readonly Permission[]): void;
  putResourcePolicy(resourceArn: string, document: unknown): void;
}

export interface BucketsOptions {
  readonly region: string;
  readonly accountId: string;
  readonly access: BucketAccess;
  readonly state: State;
  readonly clock: LocalClock;
  /** Hands an event to the default bus, and returns when that keeps it. */
  readonly announce: (event: NewEvent) => void;
  readonly log: (line: string) => void;
}

const sweepMs = 3_600_000;

/** All buckets of the account. */
export class Buckets {
  readonly #options: BucketsOptions;
  readonly #buckets = new Map<string, Bucket>();
  readonly #announcements: Announcements;
  #sweeping: Cancel;

  constructor(options: BucketsOptions) {
    this.#options = options;
    const { announce: put, log, state } = options;
    this.#announcements = new Announcements({ pending: state.collection('s3/announcements'), put, log });
    this.#sweeping = this.#planSweep();
  }

  get region(): string {
    return this.#options.region;
  }

  get accountId(): string {
    return this.#options.accountId;
  }

  get access(): BucketAccess {
    return this.#options.access;
  }

  /** Makes the bucket, with what a former process left in it. */
  open(name: string, settings: BucketSettings): Bucket {
    if (this.#buckets.has(name)) throw new Error(`A bucket ${name} exists already.`);
    const { clock, state } = this.#options;
    const bucket = new Bucket({ name, settings, state, clock, announcements: this.#announcements });
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** The bytes of an object, for a service of the cloud that may read it; undefined: there is none. */
  async read(name: string, key: string): Promise<Buffer | undefined> {
    const bucket = this.find(name);
    const object = bucket?.find(key);
    return object && bucket && buffer(bucket.blobs.read(object.segments, 0, object.size));
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  all(): Bucket[] {
    return [...this.#buckets.values()];
  }

  /** @throws Error when there is no such bucket or the document is not understood */
  putPolicy(name: string, document: unknown): void {
    if (!this.#buckets.has(name)) throw new Error(`The policy speaks of a bucket ${name} that does not exist.`);
    this.#options.access.putResourcePolicy(bucketArn(name), document);
  }

  /** Tells the bus what a former process could not. Call it when the whole template is in place. */
  start(): void {
    this.#announcements.start((change) => this.#buckets.get(change.bucket)?.happened(change) === true);
    this.#sweep();
  }

  stop(): void {
    this.#sweeping();
    this.#announcements.stop();
  }

  #planSweep(): Cancel {
    return this.#options.clock.after(sweepMs, () => {
      this.#sweep();
      this.#sweeping = this.#planSweep();
    });
  }

  /** Removes what its bucket's lifecycle no longer wants. */
  #sweep(): void {
    const now = this.#options.clock.now();
    const origin = { requestId: randomUUID(), requester: 's3.amazonaws.com', reason: 'Lifecycle Expiration' };
    for (const bucket of this.#buckets.values()) {
      const { lifecycle } = bucket.settings;
      if (lifecycle.length === 0) continue;
      for (const [key, { lastModified }] of [...bucket.entries()]) {
        const expiration = expirationOf(lifecycle, key, lastModified);
        if (expiration !== undefined && expiration.at <= now) bucket.delete(key, origin);
      }
      for (const { key, versionId, since } of bucket.formerVersions()) {
        if (isForgotten(lifecycle, key, since, now)) bucket.forgetFormer(key, versionId);
      }
      for (const [uploadId, { key, startedAt }] of bucket.uploads.entries()) {
        if (isAbandoned(lifecycle, key, startedAt, now)) bucket.uploads.end(uploadId);
      }
    }
  }
}
