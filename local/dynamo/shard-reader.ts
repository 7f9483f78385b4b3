import { setTimeout as pause } from 'node:timers/promises';
import { AwsError } from '#local/aws-error.ts';
import type { LocalClock } from '#local/clock.ts';
import type { StreamMapping } from '#local/queues/event-source-mapping.ts';
import type { Collection } from '#local/state/collection.ts';
import type { EngineClient } from './engine-client.ts';
import type { Naps } from './naps.ts';
import type { StreamDelivery } from './stream-delivery.ts';
import { recordsPage, type SeenRecord, shardIterator, tableOf } from './stream-record.ts';
import type { TableWrites } from './table-writes.ts';

/** How far a function has read a shard. Without a number: nothing yet, from the very beginning. */
export interface Checkpoint {
  readonly sequenceNumber?: string;
}

export interface ShardReaderOptions {
  readonly shardId: string;
  readonly mapping: StreamMapping;
  readonly functionArn: string;
  readonly engine: EngineClient;
  readonly writes: TableWrites;
  readonly clock: LocalClock;
  readonly checkpoints: Collection<Checkpoint>;
  readonly delivery: StreamDelivery;
  readonly naps: Naps;
  /** Throws when the function's role may not read (any more). */
  readonly authorize: () => void;
  readonly log: (line: string) => void;
}

interface Page {
  readonly seen: readonly SeenRecord[];
  /** Undefined at the end of a closed shard. */
  readonly next: string | undefined;
}

/** Writes through the gateway wake the reader at once; this is for whatever writes past it. */
export const pollEveryMs = 1000;

/** Real ms between two reads: what is written in a burst goes to the function together. */
const burst = 15;

/** Reads one shard from its checkpoint on. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  readonly #key: string;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
    this.#key = `${options.functionArn}|${options.mapping.sourceArn}|${options.shardId}`;
  }

  /** Returns true at the end of a closed shard, false when stopped. */
  async read(): Promise<boolean> {
    const { log, naps, shardId } = this.#options;
    let iterator: string | undefined;
    while (!naps.stopped) {
      try {
        iterator = await this.#step(iterator ?? (await this.#iterator()));
        if (iterator === undefined) return true;
      } catch (error) {
        if (naps.stopped) return false;
        log(`stream shard ${shardId}: ${error instanceof Error ? error.message : String(error)}`);
        iterator = undefined;
        await naps.sleep(pollEveryMs);
      }
    }
    return false;
  }

  /** Undefined at the end of a closed shard. */
  async #step(iterator: string): Promise<string | undefined> {
    const { checkpoints, delivery, mapping, naps, shardId } = this.#options;
    const { written } = naps;
    const { seen, next } = await this.#fill(iterator);
    if (seen.length > 0) {
      await delivery.deliver(seen, {
        shardId,
        passed: ({ record }) => checkpoints.set(this.#key, { sequenceNumber: record.dynamodb.SequenceNumber }),
      });
      if (seen.length < mapping.batchSize && !naps.stopped) await pause(burst);
    } else {
      await delivery.closeWindow(shardId);
      if (next !== undefined && naps.written === written) await naps.sleep(pollEveryMs);
    }
    return next;
  }

  /** With a batching window, waits for more before the function is called. */
  async #fill(iterator: string): Promise<Page> {
    const { clock, mapping, naps } = this.#options;
    let page = await this.#page(iterator);
    const closesAt = clock.now() + mapping.windowSeconds * 1000;
    while (page.seen.length > 0 && page.seen.length < mapping.batchSize && clock.now() < closesAt && !naps.stopped) {
      await naps.sleep(Math.min(pollEveryMs, closesAt - clock.now()));
      page = await this.#page(iterator);
    }
    return page;
  }

  async #page(iterator: string): Promise<Page> {
    const { authorize, clock, engine, mapping, writes: written } = this.#options;
    authorize();
    const limit = Math.min(mapping.batchSize, 1000);
    const page = recordsPage.parse(await engine.callStreams('GetRecords', { ShardIterator: iterator, Limit: limit }));
    const seenAt = clock.now();
    // The engine lives in real time, functions in the local cloud's.
    const ahead = Math.round((seenAt - Date.now()) / 1000);
    const seen = page.Records.map(({ dynamodb, ...record }) => {
      const created = dynamodb.ApproximateCreationDateTime + ahead;
      const causes = written.items.take(tableOf(mapping.sourceArn), dynamodb.Keys, Date.now());
      return { seenAt, causes, record: { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: created } } };
    });
    return { seen, next: page.NextShardIterator ?? undefined };
  }

  async #iterator(): Promise<string> {
    const { sequenceNumber } = this.#options.checkpoints.get(this.#key) ?? (await this.#begin());
    if (sequenceNumber === undefined) return this.#oldest();
    try {
      return await this.#iteratorOf({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: sequenceNumber });
    } catch (error) {
      if (error instanceof AwsError && error.name === 'TrimmedDataAccessException') return this.#oldest();
      throw error;
    }
  }

  /**
   * Decides once, at the very first start, where reading begins. LATEST means after what stands in the stream now:
   * kept as a number, so that a restart does not skip what was written in between.
   */
  async #begin(): Promise<Checkpoint> {
    let last: string | undefined;
    if (this.#options.mapping.startingPosition === 'LATEST') {
      let iterator: string | undefined = await this.#oldest();
      while (iterator !== undefined) {
        const page: Page = await this.#page(iterator);
        last = page.seen.at(-1)?.record.dynamodb.SequenceNumber ?? last;
        iterator = page.seen.length === 0 ? undefined : page.next;
      }
    }
    const checkpoint = last === undefined ? {} : { sequenceNumber: last };
    this.#options.checkpoints.set(this.#key, checkpoint);
    return checkpoint;
  }

  #oldest(): Promise<string> {
    return this.#iteratorOf({ ShardIteratorType: 'TRIM_HORIZON' });
  }

  async #iteratorOf(position: object): Promise<string> {
    const { engine, mapping, shardId } = this.#options;
    const input = { StreamArn: mapping.sourceArn, ShardId: shardId, ...position };
    return shardIterator.parse(await engine.callStreams('GetShardIterator', input)).ShardIterator;
  }
}
