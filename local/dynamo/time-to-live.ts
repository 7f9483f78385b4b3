import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import type { Cancel, LocalClock } from '#local/clock.ts';
import type { EngineClient } from './engine-client.ts';
import type { TableWrites } from './table-writes.ts';

export interface ExpiringTable {
  readonly table: string;
  readonly attribute: string;
  /** The names of the key attributes. */
  readonly keys: readonly string[];
}

export interface TimeToLiveOptions {
  readonly engine: EngineClient;
  readonly writes: TableWrites;
  readonly clock: LocalClock;
  readonly log: (line: string) => void;
}

const sweepEveryMs = 30_000;
/** A sweep reads whole tables: it may take at most a hundredth of the time. */
const restFactor = 100;
/** AWS leaves items alone that expired more than five years ago: it takes them for a mistake. */
const fiveYears = 5 * 365 * 86_400;

const page = z.object({
  Items: z.array(z.record(z.string(), z.unknown())),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

/** Deletes what has expired by the local cloud's clock. AWS does the same within days; this within a minute. */
export class TimeToLive {
  readonly #options: TimeToLiveOptions;
  readonly #tables = new Map<string, ExpiringTable>();
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(options: TimeToLiveOptions) {
    this.#options = options;
  }

  watch(table: ExpiringTable): void {
    this.#tables.set(table.table, table);
    if (this.#cancel === undefined) this.#plan(sweepEveryMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #plan(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    const started = performance.now();
    try {
      await this.sweep();
    } catch (error) {
      if (!this.#stopped) this.#options.log(`time to live: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#plan(Math.max(sweepEveryMs, (performance.now() - started) * restFactor));
  }

  /** Deletes every expired item now, and says how many. */
  async sweep(): Promise<number> {
    let deleted = 0;
    for (const table of this.#tables.values()) deleted += await this.#sweepTable(table);
    return deleted;
  }

  async #sweepTable({ table, attribute, keys }: ExpiringTable): Promise<number> {
    const { engine, writes, clock } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const expired = '#expiry BETWEEN :oldest AND :now';
    const values = { ':now': { N: String(now - 1) }, ':oldest': { N: String(now - fiveYears) } };
    const keyNames = Object.fromEntries(keys.map((name, position) => [`#key${position}`, name]));
    let deleted = 0;
    let from: object = {};
    for (;;) {
      const { Items: items, LastEvaluatedKey: last } = page.parse(
        await engine.call('Scan', {
          TableName: table,
          FilterExpression: expired,
          ProjectionExpression: Object.keys(keyNames).join(', '),
          ExpressionAttributeNames: { '#expiry': attribute, ...keyNames },
          ExpressionAttributeValues: values,
          ...from,
        }),
      );
      for (const key of items) {
        // Somebody may have prolonged the item since the scan.
        const gone = await this.#delete({
          TableName: table,
          Key: key,
          ConditionExpression: expired,
          ExpressionAttributeNames: { '#expiry': attribute },
          ExpressionAttributeValues: values,
        });
        if (gone) deleted++;
      }
      if (last === undefined) break;
      from = { ExclusiveStartKey: last };
    }
    if (deleted > 0) writes.announce(table);
    return deleted;
  }

  async #delete(input: object): Promise<boolean> {
    try {
      await this.#options.engine.call('DeleteItem', input);
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}
