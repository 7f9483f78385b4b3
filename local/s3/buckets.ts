import { bucketArn } from './bucket-arn.ts';
import type { BucketSettings } from './bucket-settings.ts';

/** The part of IAM that buckets need. */
export interface BucketAccess {
  putResourcePolicy(resourceArn: string, document: unknown): void;
}

export interface BucketsOptions {
  readonly access: BucketAccess;
}

/** All buckets of the account. */
export class Buckets {
  readonly #options: BucketsOptions;
  readonly #buckets = new Map<string, BucketSettings>();

  constructor(options: BucketsOptions) {
    this.#options = options;
  }

  /** Makes the bucket, with what a former process left in it. */
  open(name: string, settings: BucketSettings): void {
    if (this.#buckets.has(name)) throw new Error(`A bucket ${name} exists already.`);
    this.#buckets.set(name, settings);
  }

  /** @throws Error when there is no such bucket or the document is not understood */
  putPolicy(name: string, document: unknown): void {
    if (!this.#buckets.has(name)) throw new Error(`The policy speaks of a bucket ${name} that does not exist.`);
    this.#options.access.putResourcePolicy(bucketArn(name), document);
  }
}
