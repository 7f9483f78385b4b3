import { createHash } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { Listeners } from './listeners.ts';

export type FeedSource = 'Telemetry' | 'twinChangeEvents' | 'deviceLifecycleEvents' | 'deviceConnectionStateEvents';

/** What happened at a device. */
export interface FeedEvent {
  readonly source: FeedSource;
  readonly deviceId: string;
  readonly body: Buffer;
  /** Application properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** Beside those that the hub sets itself: `message-id`, `content-type`, `content-encoding`, … */
  readonly systemProperties?: Readonly<Record<string, string>>;
}

/** An event as the built-in endpoint has it. */
export interface FeedRecord extends Omit<FeedEvent, 'systemProperties'> {
  readonly partition: number;
  /** In its partition, from 0. */
  readonly sequence: number;
  /** In its partition; opaque. */
  readonly offset: string;
  /** ms since the Unix epoch. */
  readonly enqueuedAt: number;
  /** With `iothub-connection-device-id`, `iothub-enqueuedtime`, `iothub-message-source`. */
  readonly systemProperties: Readonly<Record<string, string>>;
}

interface Kept extends Omit<FeedRecord, 'body'> {
  /** base64 */
  readonly body: string;
}

export interface FeedOptions {
  readonly state: State;
  readonly clock: LocalClock;
  readonly partitions?: number;
  /** Message enrichment: application properties that the hub adds to each event of a device. */
  readonly enrich: (deviceId: string) => Readonly<Record<string, string>>;
  /** `iothub-connection-auth-generation-id` and the like; empty for devices that are no more. */
  readonly systemPropertiesOf: (deviceId: string) => Readonly<Record<string, string>>;
}

/**
 * The built-in endpoint keeps a day. This one keeps so many: a clock that leaps over a day must not lose what nobody
 * has had the time to read.
 */
const mostKept = 10_000;

/** Events in partitions, those of a device in one, in order. They outlive a restart. */
export class Feed {
  readonly appended = new Listeners<FeedRecord>();
  readonly #options: FeedOptions;
  readonly #partitions: readonly Partition[];

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#partitions = Array.from({ length: options.partitions ?? 4 }, (_, i) => new Partition(options.state, i));
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  append(event: FeedEvent): FeedRecord {
    const { deviceId, source } = event;
    const index = createHash('sha256').update(deviceId).digest().readUInt32BE() % this.#partitions.length;
    const enqueuedAt = this.#options.clock.now();
    const record = this.#partition(index).append({
      ...event,
      properties: { ...event.properties, ...this.#options.enrich(deviceId) },
      partition: index,
      enqueuedAt,
      systemProperties: {
        ...event.systemProperties,
        ...this.#options.systemPropertiesOf(deviceId),
        'iothub-connection-device-id': deviceId,
        'iothub-enqueuedtime': new Date(enqueuedAt).toISOString(),
        'iothub-message-source': source,
      },
    });
    this.appended.tell(record);
    return record;
  }

  /** @param fromSequence the first one that is wanted */
  read(partition: number, fromSequence: number, most = 1000): readonly FeedRecord[] {
    return this.#partition(partition).read(fromSequence, most);
  }

  /** What there is: `next` is the sequence that the next event will have. */
  bounds(partition: number): { readonly first: number; readonly next: number } {
    return this.#partition(partition).bounds;
  }

  #partition(index: number): Partition {
    const partition = this.#partitions[index];
    if (partition === undefined) throw new RangeError(`There is no partition ${index}.`);
    return partition;
  }
}

class Partition {
  readonly #records: Collection<Kept>;
  #first: number;
  #next: number;

  constructor(state: State, index: number) {
    this.#records = state.collection(`azure/feed-${index}`);
    const sequences = [...this.#records.keys()].map(Number);
    this.#first = sequences[0] ?? 0;
    this.#next = (sequences.at(-1) ?? -1) + 1;
  }

  get bounds() {
    return { first: this.#first, next: this.#next };
  }

  append(event: Omit<FeedRecord, 'sequence' | 'offset'>): FeedRecord {
    const sequence = this.#next;
    this.#next += 1;
    const record = { ...event, sequence, offset: String(sequence * 4096) };
    this.#records.set(String(sequence), { ...record, body: record.body.toString('base64') });
    this.#forget();
    return record;
  }

  read(from: number, most: number): readonly FeedRecord[] {
    const found: FeedRecord[] = [];
    for (let sequence = Math.max(from, this.#first); sequence < this.#next && found.length < most; sequence += 1) {
      const kept = this.#records.get(String(sequence));
      if (kept !== undefined) found.push({ ...kept, body: Buffer.from(kept.body, 'base64') });
    }
    return found;
  }

  #forget(): void {
    while (this.#next - this.#first > mostKept) {
      this.#records.delete(String(this.#first));
      this.#first += 1;
    }
  }
}
