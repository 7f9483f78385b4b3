import type { Permission, Principal } from '#local/iam/principal.ts';
import type { Collection } from '#local/state/collection.ts';
import type { EngineClient } from './engine-client.ts';
import { Naps } from './naps.ts';
import { type Checkpoint, pollEveryMs, ShardReader } from './shard-reader.ts';
import { StreamDelivery, type StreamDeliveryOptions } from './stream-delivery.ts';
import { streamDescription, tableOf } from './stream-record.ts';
import type { TableWrites } from './table-writes.ts';

export interface StreamSourceOptions extends Omit<StreamDeliveryOptions, 'tableName'> {
  readonly engine: EngineClient;
  readonly writes: TableWrites;
  readonly checkpoints: Collection<Checkpoint>;
  /** The function's execution role: Lambda reads as it. */
  readonly role: Principal;
  readonly access: { authorize(principal: Principal, permissions: readonly Permission[]): void };
}

interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string | null | undefined;
}

const discoverEveryMs = 60_000;
const needed = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

/** Reads one table's stream for one function and remembers, on disk, how far it has come. */
export class StreamSource {
  readonly #options: StreamSourceOptions;
  readonly #table: string;
  readonly #delivery: StreamDelivery;
  readonly #naps: Naps;
  readonly #started = new Set<string>();
  readonly #finished = new Set<string>();
  readonly #reading: Promise<void>[] = [];

  constructor(options: StreamSourceOptions) {
    this.#options = options;
    this.#table = tableOf(options.mapping.sourceArn);
    this.#delivery = new StreamDelivery({ ...options, tableName: this.#table });
    this.#naps = new Naps(options.clock, options.writes, this.#table);
  }

  /** Throws, as the deployment would, when the function's role may not read the stream. */
  start(): void {
    this.#authorize();
    void this.#discover();
  }

  /** Resolves when the function is through with the batch that it has, and that is noted. */
  async stop(): Promise<void> {
    this.#naps.stop();
    this.#delivery.stop();
    await Promise.all(this.#reading);
  }

  #authorize(): void {
    const { access, mapping, role } = this.#options;
    const permissions = needed.map((name) => ({ action: `dynamodb:${name}`, resource: mapping.sourceArn }));
    access.authorize(role, permissions);
  }

  /** A shard is read after the one that it continues. */
  async #discover(): Promise<void> {
    let pause = 0;
    while (!this.#naps.stopped) {
      try {
        const shards = await this.#shards();
        const known = new Set(shards.map(({ ShardId }) => ShardId));
        for (const { ShardId: id, ParentShardId: parent } of shards) {
          const waits = parent != null && known.has(parent) && !this.#finished.has(parent);
          if (!waits && !this.#started.has(id)) this.#reading.push(this.#read(id));
        }
        pause = discoverEveryMs;
      } catch (error) {
        if (this.#naps.stopped) return;
        this.#options.log(`stream of ${this.#table}: ${error instanceof Error ? error.message : String(error)}`);
        pause = pollEveryMs;
      }
      await this.#untilShardEnds(pause);
    }
  }

  async #untilShardEnds(ms: number): Promise<void> {
    const until = this.#options.clock.now() + ms;
    const ended = this.#finished.size;
    while (!this.#naps.stopped && this.#finished.size === ended && this.#options.clock.now() < until) {
      await this.#naps.sleep(until - this.#options.clock.now());
    }
  }

  async #read(shardId: string): Promise<void> {
    this.#started.add(shardId);
    const reader = new ShardReader({
      ...this.#options,
      shardId,
      delivery: this.#delivery,
      naps: this.#naps,
      authorize: () => this.#authorize(),
    });
    if (!(await reader.read())) return;
    this.#finished.add(shardId);
    this.#naps.wake();
  }

  async #shards(): Promise<Shard[]> {
    const { engine, mapping } = this.#options;
    const shards: Shard[] = [];
    let from: object = {};
    for (;;) {
      const answer = await engine.callStreams('DescribeStream', { StreamArn: mapping.sourceArn, ...from });
      const { Shards: page, LastEvaluatedShardId: last } = streamDescription.parse(answer).StreamDescription;
      shards.push(...page);
      if (last == null) return shards;
      from = { ExclusiveStartShardId: last };
    }
  }
}
