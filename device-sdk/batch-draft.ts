import { maxBatchSpan, meteringUnit, type SignalValue, type TelemetryBatch } from '#shared/vehicle-cloud/envelopes.ts';

export interface TimedReading {
  readonly path: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly value: SignalValue;
}

/**
 * A telemetry message in the making: takes readings as long as it fits one metering unit and one span. The first may be
 * longer than that: alone it costs two, and not at all it would never leave.
 */
export class BatchDraft {
  private readonly sequence: number;
  private readonly limit: number;
  private readonly columns = new Map<string, TimedReading[]>();
  private start = 0;
  private end = 0;
  private bytes = 0;

  /** @param limit bytes */
  constructor(sequence: number, limit: number = meteringUnit) {
    this.sequence = sequence;
    this.limit = limit;
  }

  /** False, and nothing changed, where the reading does not fit. */
  add(reading: TimedReading): boolean {
    const { path, at, value } = reading;
    const first = this.columns.size === 0;
    const start = first ? at : Math.min(this.start, at);
    const end = first ? at : Math.max(this.end, at);
    if (end - start > maxBatchSpan) return false;
    const column = this.columns.get(path);
    const frame = first || start !== this.start ? this.measured(start) : this.bytes;
    const heading = column === undefined ? bytesOf(path) + 3 + (first ? 0 : 1) : 1;
    const bytes = frame + heading + cell(at - start, value);
    if (bytes > (first ? Math.max(this.limit, meteringUnit) : this.limit)) return false;
    if (column === undefined) this.columns.set(path, [reading]);
    else column.push(reading);
    this.start = start;
    this.end = end;
    this.bytes = bytes;
    return true;
  }

  get isEmpty(): boolean {
    return this.columns.size === 0;
  }

  batch(): TelemetryBatch {
    const { sequence, start } = this;
    const columns = [...this.columns].map(([path, readings]) => {
      const ordered = readings.toSorted((one, other) => one.at - other.at);
      return [path, ordered.map(({ at, value }) => [at - start, value] as const)] as const;
    });
    return { sequence, start, signals: Object.fromEntries(columns) };
  }

  /** The size of what is in, were this the start: every offset is counted from there. */
  private measured(start: number): number {
    let bytes = bytesOf({ sequence: this.sequence, start, signals: {} }) + Math.max(0, this.columns.size - 1);
    for (const [path, readings] of this.columns) {
      bytes += bytesOf(path) + 3 + readings.length - 1;
      for (const { at, value } of readings) bytes += cell(at - start, value);
    }
    return bytes;
  }
}

/** `[offset,value]` */
function cell(offset: number, value: SignalValue): number {
  return String(offset).length + bytesOf(value) + 3;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Whether a message can hold this reading at all: a novel does not fit. */
export function fitsAlone(reading: TimedReading): boolean {
  return new BatchDraft(Number.MAX_SAFE_INTEGER).add(reading);
}
