import { randomUUID } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import { type BatchOutcome, batchOutcome, withFailing } from '#local/queues/batch-outcome.ts';
import type { StreamMapping } from '#local/queues/event-source-mapping.ts';
import { outcome } from '#local/trace/context.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { eventRecord, type SeenRecord, type StreamRecord, sequenceNumber } from './stream-record.ts';
import { TumblingWindows } from './tumbling-window.ts';

export interface StreamDeliveryOptions {
  readonly mapping: StreamMapping;
  readonly functionArn: string;
  readonly tableName: string;
  readonly region: string;
  readonly invoker: LambdaInvoker;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly tracing?: Tracing;
  /** Milliseconds before attempt 1, 2, … after a failure. */
  readonly retryDelay?: (attempt: number) => number;
  /** Tells the failure destination; throws when the function's role may not. */
  readonly sendFailure: (queueArn: string, body: string) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface ShardProgress {
  readonly shardId: string;
  /** Everything up to this record is done with. */
  readonly passed: (record: SeenRecord) => void;
}

type GivenUp = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

const longestDelayMs = 60_000;

function usualDelay(attempt: number): number {
  return Math.min(longestDelayMs, 100 * 2 ** attempt);
}

/** Brings batches of one stream to its function, in order, each until it is done or given up. */
export class StreamDelivery {
  readonly #options: StreamDeliveryOptions;
  readonly #retryDelay: (attempt: number) => number;
  readonly #windows: TumblingWindows | undefined;
  #stopped = false;
  #wakeSleeper: (() => void) | undefined;

  constructor(options: StreamDeliveryOptions) {
    this.#options = options;
    this.#retryDelay = options.retryDelay ?? usualDelay;
    const { tumblingSeconds } = options.mapping;
    this.#windows = tumblingSeconds === undefined ? undefined : new TumblingWindows(tumblingSeconds);
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeSleeper?.();
  }

  /** Returns when every record has passed, or early when stopped: then the rest comes again after the next start. */
  async deliver(records: readonly SeenRecord[], progress: ShardProgress, attempts = 0): Promise<void> {
    const recent = await this.#withoutAged(records, progress, attempts);
    const fresh = this.#windows?.first(recent) ?? recent;
    if (fresh.length === 0 || this.#stopped) return;
    await this.#deliverTogether(fresh, progress, attempts);
    if (fresh.length < recent.length) await this.deliver(recent.slice(fresh.length), progress);
  }

  /** Ends a window of the shard that is over; until the function has taken that, the shard waits. */
  async closeWindow(shardId: string, records: readonly SeenRecord[] = []): Promise<void> {
    const { clock, functionArn, invoker, log, mapping, tableName } = this.#options;
    const windows = this.#windows;
    for (let attempt = 1; windows?.over(shardId, clock.now(), records) === true && !this.#stopped; attempt += 1) {
      const event = { Records: [], ...windows.fields(shardId, [], mapping.sourceArn) };
      const result = await invoker.invoke(functionArn, event, {
        kind: 'event-source',
        eventSourceArn: mapping.sourceArn,
      });
      const fault = windows.taken(shardId, result);
      if (fault === undefined) return windows.close(shardId);
      log(`stream of ${tableName}: the end of a window failed: ${fault}`);
      await this.#sleep(this.#retryDelay(attempt));
    }
  }

  async #deliverTogether(fresh: readonly SeenRecord[], progress: ShardProgress, attempts: number): Promise<void> {
    await this.closeWindow(progress.shardId, fresh);
    if (this.#stopped) return;
    const result = await this.#resume(fresh, progress.shardId, attempts);
    switch (result.kind) {
      case 'done':
        return passTo(fresh.at(-1), progress);
      case 'partly': {
        const first = fresh.findIndex(({ record }) => result.failed.has(sequenceNumber(record)));
        if (first === 0) return this.#again(fresh, progress, attempts, 'The function reported its first record.');
        passTo(fresh[first - 1], progress);
        // Something moved: the attempts count for the record that is now the first.
        return this.#again(fresh.slice(first), progress, 0, 'The function reported a record.', false);
      }
      case 'failed':
        return this.#again(fresh, progress, attempts, result.reason);
    }
  }

  async #again(
    records: readonly SeenRecord[],
    progress: ShardProgress,
    attempts: number,
    reason: string,
    mayHalve = true,
  ): Promise<void> {
    if (this.#stopped) return;
    const { mapping, log, functionArn } = this.#options;
    log(`stream of ${this.#options.tableName} → ${functionArn.split(':').at(-1)}: ${reason}`);
    if (mayHalve && mapping.bisects && records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      await this.deliver(records.slice(0, middle), progress, attempts);
      if (this.#stopped) return;
      return this.deliver(records.slice(middle), progress, attempts);
    }
    if (mapping.maximumRetries !== undefined && attempts >= mapping.maximumRetries) {
      return this.#giveUp(records, progress, attempts + 1, 'RetryAttemptsExhausted');
    }
    await this.#sleep(this.#retryDelay(attempts + 1));
    if (this.#stopped) return;
    return this.deliver(records, progress, attempts + 1);
  }

  /** All records go on together, in every trace that wrote one of them. */
  #resume(records: readonly SeenRecord[], shardId: string, attempts: number): Promise<BatchOutcome> {
    const { tableName, tracing = noTracing } = this.#options;
    const known = [...new Set(records.flatMap(({ causes = [] }) => causes))];
    const notes = [`batch of ${records.length}`, ...(attempts === 0 ? [] : [`attempt ${attempts + 1}`])];
    return tracing.resume(
      known.length === 0 ? [undefined] : known,
      { kind: 'stream', label: tableName, notes },
      async () => {
        const result = await this.#attempt(records, shardId);
        if (result.kind === 'failed') outcome('failed: batch');
        return result;
      },
    );
  }

  async #attempt(records: readonly SeenRecord[], shardId: string): Promise<BatchOutcome> {
    const { clock: _, faults, functionArn, invoker, mapping, region, tableName } = this.#options;
    const event = {
      Records: records.map(({ record }) => eventRecord(record, mapping.sourceArn, region)),
      ...this.#windows?.fields(shardId, records, mapping.sourceArn),
    };
    const source = { kind: 'event-source', eventSourceArn: mapping.sourceArn } as const;
    try {
      const fate = await faults.at('stream', tableName);
      if (fate.kind === 'fail') throw fate.error;
      if (fate.kind === 'drop') return { kind: 'failed', reason: 'The batch did not reach the function.' };
      if (fate.kind === 'duplicate') await invoker.invoke(functionArn, event, source);
      const result = await invoker.invoke(functionArn, event, source);
      const fault = this.#windows?.taken(shardId, result);
      if (fault !== undefined) return { kind: 'failed', reason: fault };
      const identifiers = records.map(({ record }) => sequenceNumber(record));
      const failing = faults.failing?.('stream', tableName, identifiers);
      return withFailing(batchOutcome(result, identifiers, mapping.reportsFailures), failing, mapping.reportsFailures);
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Records come in order, so the aged ones are the first. */
  async #withoutAged(
    records: readonly SeenRecord[],
    progress: ShardProgress,
    attempts: number,
  ): Promise<readonly SeenRecord[]> {
    const { clock, mapping } = this.#options;
    if (mapping.maximumAgeSeconds === undefined) return records;
    const oldest = clock.now() - mapping.maximumAgeSeconds * 1000;
    const aged = records.filter(({ seenAt }) => seenAt < oldest);
    if (aged.length > 0) await this.#giveUp(aged, progress, attempts, 'RecordAgeExceeded');
    return records.slice(aged.length);
  }

  async #giveUp(
    records: readonly SeenRecord[],
    progress: ShardProgress,
    invocations: number,
    condition: GivenUp,
  ): Promise<void> {
    const { log, mapping, sendFailure, tableName } = this.#options;
    log(`stream of ${tableName}: gave up ${records.length} record(s): ${condition}`);
    if (mapping.onFailureArn !== undefined) {
      const body = JSON.stringify(this.#failureNotice(records, progress.shardId, invocations, condition));
      try {
        await sendFailure(mapping.onFailureArn, body);
      } catch (error) {
        log(`stream of ${tableName}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    passTo(records.at(-1), progress);
  }

  /** Lambda developer guide, "Retain discarded batches": where the records are, not what they say. */
  #failureNotice(records: readonly SeenRecord[], shardId: string, invocations: number, condition: GivenUp): object {
    const { clock, functionArn, mapping } = this.#options;
    const first = records[0]?.record;
    const last = records.at(-1)?.record;
    const arrival = (record: StreamRecord | undefined) =>
      new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
    return {
      requestContext: { requestId: randomUUID(), functionArn, condition, approximateInvokeCount: invocations },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first === undefined ? '' : sequenceNumber(first),
        endSequenceNumber: last === undefined ? '' : sequenceNumber(last),
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: records.length,
        streamArn: mapping.sourceArn,
      },
    };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wakeSleeper = () => {
        cancel();
        resolve();
      };
    });
  }
}

function passTo(record: SeenRecord | undefined, { passed }: ShardProgress): void {
  if (record !== undefined) passed(record);
}
