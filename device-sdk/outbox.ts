import { join } from 'node:path';
import * as z from 'zod/mini';
import { meteringUnit, type TelemetryBatch } from '#shared/vehicle-cloud/envelopes.ts';
import { BatchDraft, type TimedReading } from './batch-draft.ts';
import { RecordLog, recordBytes } from './record-log.ts';

/** What goes first when the outbox is full: all of `low`, oldest first, then `normal`, then `high`. */
export type Priority = 'low' | 'normal' | 'high';

const fromLowest = ['low', 'normal', 'high'] as const satisfies readonly Priority[];
const fromHighest = fromLowest.toReversed();

const priority = z.enum(fromLowest);
const integer = z.int().check(z.nonnegative());
const recordSchema = z.union([
  z.tuple([
    z.literal('reading'),
    integer,
    priority,
    z.string(),
    z.number(),
    z.union([z.number(), z.boolean(), z.string()]),
  ]),
  z.tuple([z.literal('sealed'), integer, z.array(integer)]),
  z.tuple([z.literal('acknowledged'), integer]),
  z.tuple([z.literal('dropped'), priority, integer]),
  z.tuple([z.literal('state'), integer, integer, z.record(priority, integer)]),
]);
type OutboxRecord = z.infer<typeof recordSchema>;

interface Kept extends TimedReading {
  readonly id: number;
  readonly priority: Priority;
  readonly bytes: number;
}

/** A message with its number: it is resent as it is until the cloud has acknowledged it. */
export interface SealedBatch {
  readonly sequence: number;
  readonly batch: TelemetryBatch;
}

/** Below this the file is not tidied up. */
const smallFile = 64 * 1024;

/**
 * Readings on disk until the cloud has them. `add` returns once the reading survives `kill -9`. The files
 * never take more than `maxBytes`: beyond that the oldest readings of the lowest priority are dropped and
 * counted. Sequence numbers rise by one and are never used again.
 */
export class Outbox {
  private readonly log: RecordLog;
  private readonly maxBytes: number;
  private readonly messageBytes: () => number;
  private readonly waiting: Record<Priority, Map<number, Kept>> = {
    low: new Map(),
    normal: new Map(),
    high: new Map(),
  };
  private readonly sealed = new Map<number, Kept[]>();
  private readonly lost: Record<Priority, number> = { low: 0, normal: 0, high: 0 };
  private nextId = 1;
  private nextSequence = 1;
  private live = 0;
  /** Below this size of the file tidying up is not tried again. */
  private untidy = 0;

  /** @param messageBytes how long a message may be now: a vehicle may move to a cloud that counts otherwise */
  constructor(directory: string, maxBytes: number, messageBytes: () => number = () => meteringUnit) {
    if (maxBytes < 2 * smallFile) throw new RangeError(`an outbox needs at least ${2 * smallFile} bytes`);
    this.maxBytes = maxBytes;
    this.messageBytes = messageBytes;
    const { log, records } = RecordLog.open(join(directory, 'outbox.log'));
    this.log = log;
    for (const record of records) {
      const parsed = recordSchema.safeParse(record);
      if (parsed.success) this.replay(parsed.data);
    }
    this.tidy();
  }

  /** How many readings were dropped since the outbox was made. */
  get dropped(): Readonly<Record<Priority, number>> {
    return { ...this.lost };
  }

  /** Readings that are in no message yet. */
  get unsealed(): number {
    return this.waiting.low.size + this.waiting.normal.size + this.waiting.high.size;
  }

  get isEmpty(): boolean {
    return this.unsealed === 0 && this.sealed.size === 0;
  }

  add({ path, at, value }: TimedReading, priority: Priority): void {
    const record: OutboxRecord = ['reading', this.nextId, priority, path, at, value];
    this.log.append(record);
    this.replay(record);
    this.bound();
    this.tidy();
  }

  /** The messages that were sealed and not acknowledged, oldest first. */
  unacknowledged(): SealedBatch[] {
    return [...this.sealed].map(([sequence, readings]) => ({
      sequence,
      // Whole, whatever the limit is by now.
      batch: drafted(sequence, readings, Number.POSITIVE_INFINITY).draft.batch(),
    }));
  }

  /**
   * Makes a message of what waits, highest priority first, then oldest. `onlyFull`: none as long as
   * everything that waits fits with room to spare. Before it is sent, await `sync`: a number that was seen
   * by the cloud must not be forgotten.
   */
  seal(onlyFull = false): SealedBatch | undefined {
    const sequence = this.nextSequence;
    const { draft, taken } = drafted(sequence, this.inOrder(), this.messageBytes());
    if (draft.isEmpty || (onlyFull && taken.length === this.unsealed)) return undefined;
    const record: OutboxRecord = ['sealed', sequence, taken.map(({ id }) => id)];
    this.log.append(record);
    this.replay(record);
    return { sequence, batch: draft.batch() };
  }

  acknowledge(sequence: number): void {
    if (!this.sealed.has(sequence)) return;
    const record: OutboxRecord = ['acknowledged', sequence];
    this.log.append(record);
    this.replay(record);
    this.tidy();
  }

  sync(): Promise<void> {
    return this.log.sync();
  }

  close(): void {
    this.log.close();
  }

  /** Every change goes through here, when it happens and when it is read again. */
  private replay(record: OutboxRecord): void {
    switch (record[0]) {
      case 'reading': {
        const [, id, priority, path, at, value] = record;
        const bytes = recordBytes(record);
        this.waiting[priority].set(id, { id, priority, path, at, value, bytes });
        this.nextId = Math.max(this.nextId, id + 1);
        this.live += bytes;
        return;
      }
      case 'sealed': {
        const [, sequence, ids] = record;
        this.sealed.set(
          sequence,
          ids.map((id) => this.take(id)).filter((reading) => reading !== undefined),
        );
        this.nextSequence = Math.max(this.nextSequence, sequence + 1);
        return;
      }
      case 'acknowledged': {
        const [, sequence] = record;
        for (const { bytes } of this.sealed.get(sequence) ?? []) this.live -= bytes;
        this.sealed.delete(sequence);
        this.nextSequence = Math.max(this.nextSequence, sequence + 1);
        return;
      }
      case 'dropped':
        this.forget(record[1], record[2]);
        return;
      case 'state': {
        const [, nextId, nextSequence, lost] = record;
        this.nextId = Math.max(this.nextId, nextId);
        this.nextSequence = Math.max(this.nextSequence, nextSequence);
        Object.assign(this.lost, lost);
        return;
      }
      default:
        record satisfies never;
    }
  }

  private take(id: number): Kept | undefined {
    for (const priority of fromLowest) {
      const reading = this.waiting[priority].get(id);
      if (reading !== undefined) {
        this.waiting[priority].delete(id);
        return reading;
      }
    }
    return undefined;
  }

  private forget(priority: Priority, throughId: number): void {
    for (const [id, { bytes }] of this.waiting[priority]) {
      if (id > throughId) return;
      this.waiting[priority].delete(id);
      this.live -= bytes;
      this.lost[priority] += 1;
    }
  }

  /** Old and new file stand side by side while tidying, so what lives may take two fifths. */
  private bound(): void {
    if (this.live <= this.maxBytes * 0.4) return;
    for (const priority of fromLowest) {
      // A tenth at once, so that a full outbox does not write a record for each reading that it drops.
      let excess = this.live - this.maxBytes * 0.36;
      let last: number | undefined;
      for (const [id, { bytes }] of this.waiting[priority]) {
        if (excess <= 0) break;
        excess -= bytes;
        last = id;
      }
      if (last === undefined) continue;
      const record: OutboxRecord = ['dropped', priority, last];
      this.log.append(record);
      this.replay(record);
      if (excess <= 0) return;
    }
  }

  private tidy(): void {
    const worthwhile = this.log.bytes > smallFile && this.log.bytes > 3 * this.live;
    if (!worthwhile && this.log.bytes <= this.maxBytes * 0.55) return;
    if (this.log.bytes < this.untidy) return;
    try {
      this.log.replace(this.remaining());
      this.untidy = 0;
    } catch {
      // No room for a second file, for instance. What was kept is kept; the next attempt waits until more has come.
      this.untidy = this.log.bytes + smallFile;
    }
  }

  private *remaining(): Generator<OutboxRecord> {
    for (const [sequence, readings] of this.sealed) {
      for (const reading of readings) yield recordOf(reading);
      yield ['sealed', sequence, readings.map(({ id }) => id)];
    }
    for (const priority of fromLowest) for (const reading of this.waiting[priority].values()) yield recordOf(reading);
    yield ['state', this.nextId, this.nextSequence, { ...this.lost }];
  }

  private *inOrder(): Generator<Kept> {
    for (const priority of fromHighest) yield* this.waiting[priority].values();
  }
}

function recordOf({ id, priority, path, at, value }: Kept): OutboxRecord {
  return ['reading', id, priority, path, at, value];
}

/** Readings in this order until the first that does not fit; the same readings always give the same message. */
function drafted(sequence: number, readings: Iterable<Kept>, limit: number): { draft: BatchDraft; taken: Kept[] } {
  const draft = new BatchDraft(sequence, limit);
  const taken: Kept[] = [];
  for (const reading of readings) {
    if (!draft.add(reading)) break;
    taken.push(reading);
  }
  return { draft, taken };
}
