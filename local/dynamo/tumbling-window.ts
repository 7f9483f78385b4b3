import { z } from 'zod';
import type { InvocationResult } from '#local/lambda/invoker.ts';
import type { SeenRecord } from './stream-record.ts';

/** A stretch of time of a shard; ms since the Unix epoch. */
interface Span {
  readonly start: number;
  readonly end: number;
}

interface OpenWindow extends Span {
  /** What the function answered last; `{}` at the beginning. */
  state: unknown;
}

/** AWS lets a window's state grow to 1 MB a shard. */
const largestState = 1_048_576;

const answer = z.looseObject({ state: z.unknown() });

/**
 * Tumbling windows (Lambda developer guide, "Implementing stateful DynamoDB stream processing"): records are given
 * with the shard that they are from, the window that they fall into and what the function answered to those before
 * them; at the end of a window the function is called once more, with `isFinalInvokeForWindow`.
 */
export class TumblingWindows {
  readonly #length: number;
  readonly #open = new Map<string, OpenWindow>();

  constructor(seconds: number) {
    this.#length = seconds * 1000;
  }

  /** The records at the beginning that fall into one window. */
  first(records: readonly SeenRecord[]): readonly SeenRecord[] {
    const [one] = records;
    if (one === undefined) return [];
    const { end } = this.#spanOf(one);
    const other = records.findIndex((record) => this.#spanOf(record).end !== end);
    return other < 0 ? records : records.slice(0, other);
  }

  /** Whether there is a window of this shard that is over: before these records, or by now. */
  over(shardId: string, now: number, records: readonly SeenRecord[] = []): boolean {
    const open = this.#open.get(shardId);
    const [next] = records;
    if (open === undefined) return false;
    return next === undefined ? open.end <= now : this.#spanOf(next).start >= open.end;
  }

  /** What is added to the event. @param records none for the last call of a window */
  fields(shardId: string, records: readonly SeenRecord[], eventSourceARN: string): object {
    const [one] = records;
    const open = one === undefined ? this.#open.get(shardId) : this.#opened(shardId, one);
    const time = (at: number) => new Date(at).toISOString();
    return {
      window: { start: time(open?.start ?? 0), end: time(open?.end ?? 0) },
      ...{ state: open?.state ?? {}, shardId, eventSourceARN },
      ...{ isFinalInvokeForWindow: one === undefined, isWindowTerminatedEarly: false },
    };
  }

  /** Why what the function answered is a failure; undefined when its state was taken. */
  taken(shardId: string, result: InvocationResult): string | undefined {
    if (result.kind === 'failed') return `${result.errorType}: ${result.errorMessage}`;
    const parsed = answer.safeParse(result.payload);
    if (!parsed.success || parsed.data.state === undefined) return 'The function answered without a state.';
    const open = this.#open.get(shardId);
    if (JSON.stringify(parsed.data.state).length > largestState) return 'The state is larger than 1 MB.';
    if (open !== undefined) open.state = parsed.data.state;
    return undefined;
  }

  close(shardId: string): void {
    this.#open.delete(shardId);
  }

  #opened(shardId: string, record: SeenRecord): OpenWindow {
    const span = this.#spanOf(record);
    const known = this.#open.get(shardId);
    if (known?.end === span.end) return known;
    const window = { ...span, state: {} };
    this.#open.set(shardId, window);
    return window;
  }

  #spanOf({ record }: SeenRecord): Span {
    const at = record.dynamodb.ApproximateCreationDateTime * 1000;
    const start = Math.floor(at / this.#length) * this.#length;
    return { start, end: start + this.#length };
  }
}
