import { checkValue, type Signal, signal } from '#shared/telemetry/catalogue.ts';
import { namesAPerson } from '#shared/telemetry/signal-rights.ts';
import { meteringUnit, type SignalValue } from '#shared/vehicle-cloud/envelopes.ts';
import { fitsAlone } from './batch-draft.ts';
import { type Cancel, type Host, type Log, reasonOf } from './host.ts';
import type { Outbox, Priority, SealedBatch } from './outbox.ts';
import { Denied } from './transport.ts';

/** A reading that VSS 6 does not admit; nothing was kept. */
export class InvalidReading extends Error {
  override readonly name = 'InvalidReading';
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path} ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

export interface RecordOptions {
  /** When it was measured, ms since the Unix epoch; default: now, by the clock that the cloud disciplines. */
  readonly at?: number;
  /** Overrides what was declared for the signal. */
  readonly priority?: Priority;
}

export interface TelemetrySettings {
  /** Milliseconds after which a message goes out although it is not full; default 5,000. */
  readonly flushInterval?: number;
  /** By path; what is not named is `normal`. */
  readonly priorities?: Readonly<Record<string, Priority>>;
}

interface TelemetryParts {
  readonly outbox: Outbox;
  readonly publish: (payload: string) => Promise<void>;
  readonly host: Host;
  readonly log: Log;
  /** The best present time, ms since the Unix epoch. */
  readonly now: () => number;
}

/** Messages on the way at one time. */
const window = 4;
/** Milliseconds before another attempt, after a lost answer and after a refusal. */
const retryPause = { lost: 1000, denied: 30_000 };

/**
 * Readings under their VSS 6 names and in VSS 6 units. They are on disk when `record` returns, travel in
 * messages that fill one metering unit, and leave the disk when the cloud has acknowledged them.
 *
 * @example
 * vehicle.telemetry.record('Vehicle.Speed', 87.5); // km/h
 */
export class Telemetry {
  private readonly parts: TelemetryParts;
  private readonly flushInterval: number;
  private readonly priorities: Readonly<Record<string, Priority>>;
  private readonly signals = new Map<string, Signal>();
  private online = false;
  /** Estimated bytes of what waits, so that it is not drafted at each reading. */
  private gathered = 0;
  /** Everything goes, full or not. */
  private due = false;
  private unsent: SealedBatch[];
  private readonly underway = new Set<number>();
  private turn: Promise<void> = Promise.resolve();
  private timer: Cancel | undefined;
  private readonly flushed: (() => void)[] = [];

  constructor(parts: TelemetryParts, { flushInterval = 5000, priorities = {} }: TelemetrySettings = {}) {
    this.parts = parts;
    this.flushInterval = flushInterval;
    this.priorities = priorities;
    this.unsent = parts.outbox.unacknowledged();
  }

  /** @throws InvalidReading for a signal that VSS 6 does not know or a value it does not admit. */
  record(path: string, value: SignalValue, options: RecordOptions = {}): void {
    const refusal = this.refusal(path, value);
    if (refusal !== undefined) throw new InvalidReading(path, refusal);
    const reading = { path, value, at: Math.round(options.at ?? this.parts.now()) };
    // One such reading would make its whole message unreadable.
    if (!Number.isSafeInteger(reading.at) || reading.at < 0) throw new InvalidReading(path, 'has a time that is none');
    if (!fitsAlone(reading)) throw new InvalidReading(path, 'has a value that is too long for a message');
    this.parts.outbox.add(reading, options.priority ?? this.priorities[path] ?? 'normal');
    this.gathered += String(value).length + 8;
    if (this.gathered >= meteringUnit / 2) this.pump();
    this.schedule(this.flushInterval);
  }

  /** Sends what there is; resolves when the cloud has acknowledged all of it. */
  flush(): Promise<void> {
    if (this.parts.outbox.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushed.push(resolve);
      this.due = true;
      this.pump();
    });
  }

  /** How many readings of each priority had to be dropped because the outbox was full. */
  get dropped(): Readonly<Record<Priority, number>> {
    return this.parts.outbox.dropped;
  }

  /** @internal */
  connected(): void {
    this.online = true;
    // What gathered meanwhile goes at once.
    this.due = !this.parts.outbox.isEmpty;
    this.pump();
  }

  /** @internal */
  disconnected(): void {
    this.online = false;
    this.timer?.();
    this.timer = undefined;
  }

  /** @internal */
  close(): void {
    this.disconnected();
    this.parts.outbox.close();
    for (const resolve of this.flushed.splice(0)) resolve();
  }

  private refusal(path: string, value: SignalValue): string | undefined {
    const known = this.signals.get(path) ?? signal(path);
    if (known === undefined) return 'is no signal of VSS 6';
    if (namesAPerson(path)) return 'is personal data and does not travel as telemetry';
    this.signals.set(path, known);
    return checkValue(known, value);
  }

  private schedule(ms: number): void {
    if (!this.online || this.timer !== undefined) return;
    this.timer = this.parts.host.after(ms, () => {
      this.timer = undefined;
      this.due = true;
      this.pump();
    });
  }

  /** Fills the window. */
  private pump(): void {
    if (!this.online) return;
    const batches: SealedBatch[] = [];
    try {
      while (this.underway.size < window) {
        const sealed = this.unsent.shift() ?? this.parts.outbox.seal(!this.due);
        if (sealed === undefined) break;
        this.underway.add(sealed.sequence);
        batches.push(sealed);
      }
    } catch (error) {
      // A full disk, for instance: what is sealed goes, the rest waits for room.
      this.parts.log(`telemetry: ${reasonOf(error)}`);
      this.schedule(retryPause.denied);
    }
    this.gathered = 0;
    if (this.parts.outbox.unsealed === 0) this.due = false;
    // In turn, so that they leave in the order of their numbers.
    if (batches.length > 0) this.turn = this.turn.then(() => this.sendAll(batches));
  }

  private async sendAll(batches: readonly SealedBatch[]): Promise<void> {
    try {
      // A number that the cloud has seen must not be forgotten, not even by a loss of power.
      await this.parts.outbox.sync();
      for (const sealed of batches) void this.send(sealed);
    } catch (error) {
      for (const sealed of batches) this.unsentAgain(sealed, error);
    }
  }

  private async send(sealed: SealedBatch): Promise<void> {
    const { outbox, publish } = this.parts;
    try {
      await publish(JSON.stringify(sealed.batch));
      outbox.acknowledge(sealed.sequence);
    } catch (error) {
      this.unsentAgain(sealed, error);
      return;
    }
    this.underway.delete(sealed.sequence);
    this.pump();
    if (outbox.isEmpty) for (const resolve of this.flushed.splice(0)) resolve();
  }

  private unsentAgain(sealed: SealedBatch, error: unknown): void {
    this.unsent.push(sealed);
    this.unsent.sort((one, other) => one.sequence - other.sequence);
    this.underway.delete(sealed.sequence);
    if (!this.online) return;
    this.parts.log(`telemetry ${sealed.sequence}: ${reasonOf(error)}`);
    this.schedule(error instanceof Denied ? retryPause.denied : retryPause.lost);
  }
}
