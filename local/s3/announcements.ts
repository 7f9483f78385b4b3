import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#local/events/event-bus.ts';
import type { Collection } from '#local/state/collection.ts';
import { bucketArn } from './bucket-arn.ts';

/** Who changed an object, and how. */
export interface Origin {
  readonly requestId: string;
  /** The account, or the service that did it by itself. */
  readonly requester: string;
  readonly sourceAddress?: string;
  /** The operation, or `Lifecycle Expiration`. */
  readonly reason: string;
}

/** A change of an object that the event bus hears of. */
export interface Change {
  readonly bucket: string;
  readonly key: string;
  readonly sequencer: string;
  readonly at: number;
  /** Absent: the object is gone. */
  readonly created?: { readonly size: number; readonly etag: string };
  readonly origin: Origin;
}

export interface AnnouncementsOptions {
  readonly pending: Collection<Change>;
  /** Returns when the bus keeps the event. */
  readonly put: (event: NewEvent) => void;
  readonly log: (line: string) => void;
}

/**
 * Tells the default bus what became of objects, at least once: what is to be told is on disk before the object
 * changes, and leaves the disk when the bus has taken it.
 */
export class Announcements {
  readonly #options: AnnouncementsOptions;
  #open = false;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
  }

  /** Makes the change and tells of it; without the change nothing is told. */
  around<T>(change: Change, make: () => T): T {
    const { pending } = this.#options;
    const id = randomUUID();
    pending.set(id, change);
    try {
      const made = make();
      if (this.#open) setImmediate(() => this.#tell(id, change));
      return made;
    } catch (error) {
      pending.delete(id);
      throw error;
    }
  }

  /**
   * From now on the bus is told. Call it when its rules are in place.
   *
   * @param happened whether a change that a former process left was really made
   */
  start(happened: (change: Change) => boolean): void {
    this.#open = true;
    for (const [id, change] of [...this.#options.pending.entries()]) {
      if (happened(change)) this.#tell(id, change);
      else this.#options.pending.delete(id);
    }
  }

  stop(): void {
    this.#open = false;
  }

  #tell(id: string, change: Change): void {
    const { log, pending, put } = this.#options;
    if (!this.#open || !pending.has(id)) return;
    try {
      put(eventOf(change));
      pending.delete(id);
    } catch (error) {
      // It stays on disk for the next start.
      log(`s3: ${change.bucket}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** S3 user guide, "EventBridge mapping" and "Amazon S3 event structure". */
function eventOf({ bucket, key, sequencer, at, created, origin }: Change): NewEvent {
  return {
    source: 'aws.s3',
    detailType: created === undefined ? 'Object Deleted' : 'Object Created',
    resources: [bucketArn(bucket)],
    time: at,
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, ...created, sequencer },
      'request-id': origin.requestId,
      requester: origin.requester,
      ...(origin.sourceAddress === undefined ? {} : { 'source-ip-address': origin.sourceAddress }),
      reason: origin.reason,
      ...(created === undefined ? { 'deletion-type': 'Permanently Deleted' } : {}),
    },
  };
}
