import type { Retention } from './stored-object.ts';

/** What a template decides about a bucket. */
export interface BucketSettings {
  /** Tells the default event bus what becomes of its objects. */
  readonly announces: boolean;
  /** Keeps what is overwritten and deleted. */
  readonly versioned: boolean;
  /** Versions can be kept from being deleted. */
  readonly locks: boolean;
  /** How long each new version is kept, where its writer does not say. */
  readonly defaultRetention: { readonly mode: Retention['mode']; readonly days: number } | undefined;
  /** Only the rules that are enabled. */
  readonly lifecycle: readonly LifecycleRule[];
  readonly cors: readonly CorsRule[];
}

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly expirationDays: number | undefined;
  /** What was overwritten or deleted so long ago is gone for good. */
  readonly formerDays: number | undefined;
  /** A multipart upload that was begun so long ago is given up. */
  readonly abandonedUploadDays: number | undefined;
}

export interface CorsRule {
  /** With at most one `*` each. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds: number | undefined;
}
