/** A file of the blob store, or a part of an object in it. */
export interface Segment {
  readonly id: string;
  readonly size: number;
}

export const checksumAlgorithms = ['crc32', 'crc32c', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** `value` in base64; of a multipart object the checksum of its parts' checksums, with their number. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

/** What the writer of an object says about it, and readers get with it. */
export interface Description {
  /** `content-type`, `cache-control` … */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object as the index keeps it. Its bytes are the segments, one after the other. */
export interface StoredObject extends Description {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** ms since the Unix epoch. */
  readonly lastModified: number;
  /** Orders the changes of one key: later ones are greater texts. */
  readonly sequencer: string;
  readonly segments: readonly Segment[];
  readonly checksum?: Checksum;
  /** The multipart upload that it came from: who asks to complete it again hears that it is. */
  readonly uploadId?: string;
  /** In a versioned bucket; rises with time. */
  readonly versionId?: string;
  readonly retention?: Retention;
}

/** Until when nobody deletes this version (S3 user guide, "Object Lock"). */
export interface Retention {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  /** ms since the Unix epoch. */
  readonly until: number;
}

export interface Upload extends Description {
  readonly key: string;
  readonly startedAt: number;
  readonly algorithm?: ChecksumAlgorithm;
}

export interface Part {
  readonly segment: Segment;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum?: Checksum;
}

export function descriptionHeaders({ headers, metadata }: Description): Record<string, string> {
  const own = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return { ...headers, ...Object.fromEntries(own) };
}
