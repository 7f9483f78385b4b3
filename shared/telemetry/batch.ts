import type { Instant } from '../kernel/clock.ts';
import { maxBatchSpan, type SignalValue } from '../vehicle-cloud/envelopes.ts';
import { checkValue, isSignalValue, signal } from './catalogue.ts';
import { namesAPerson } from './signal-rights.ts';

/** A reading that has been checked. */
export interface CheckedReading {
  readonly path: string;
  readonly time: Instant;
  readonly value: SignalValue;
}

/** What of a message is good. `readings` may be fewer than were sent. */
export interface CheckedBatch {
  readonly sequence: number;
  readonly start: Instant;
  readonly readings: readonly CheckedReading[];
}

/** Readings that cannot be kept, by signal and reason. Values of signals that name a person are left out. */
export interface RefusedReadings {
  readonly path: string;
  readonly reason: string;
  readonly count: number;
  readonly examples: readonly unknown[];
}

export type BatchCheck =
  | { readonly kind: 'checked'; readonly batch: CheckedBatch; readonly refused: readonly RefusedReadings[] }
  | { readonly kind: 'broken'; readonly reason: string };

export interface BatchLimits {
  readonly receivedAt: Instant;
  /** Older readings would expire before anybody sees them; a clock in 1970 says so. */
  readonly keptFor: number;
}

/** Far more than a metering unit (5 KB), far less than a history item may hold (400 KB). */
const largestBatch = 64 * 1024;

/** How far a vehicle's clock may be ahead. */
export const clockAhead = 5 * 60_000;
const examplesKept = 3;
/** Characters of an example that are kept. */
const longestExample = 200;

/** Checks a telemetry message: what is broken as a whole, what in single readings, and what is good. */
export function checkBatch(bytes: Uint8Array, limits: BatchLimits): BatchCheck {
  if (bytes.length > largestBatch) return broken(`larger than ${largestBatch} bytes`);
  const text = utf8(bytes);
  if (text === undefined) return broken('not UTF-8');
  const message = json(text);
  if (message === undefined) return broken('not JSON');
  if (!isRecord(message)) return broken('not an object');
  const { sequence, start, signals, ...others } = message;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return broken(`the member ${unknown.slice(0, 64)} is not known`);
  if (!isCount(sequence) || sequence >= 1e12) return broken('sequence is not a whole number from 0 to 999999999999');
  if (!isCount(start)) return broken('start is not a time in milliseconds');
  if (!isRecord(signals)) return broken('signals is not an object');
  const clockFault = clockFaultOf(start, limits);
  if (clockFault !== undefined) return broken(`start is ${clockFault}`);
  return checkSignals({ sequence, start, signals }, limits);
}

interface Message {
  readonly sequence: number;
  readonly start: Instant;
  readonly signals: Readonly<Record<string, unknown>>;
}

function checkSignals({ sequence, start, signals }: Message, limits: BatchLimits): BatchCheck {
  const readings: CheckedReading[] = [];
  const refused: RefusedReadings[] = [];
  for (const [path, column] of Object.entries(signals)) {
    const fault = columnFault(path, column);
    if (fault !== undefined) {
      const examples = fault === namesPerson ? [] : examplesOf(listOf(column));
      refused.push({ path: path.slice(0, 256), reason: fault, count: listOf(column).length, examples });
      continue;
    }
    const faults = new Map<string, unknown[]>();
    for (const entry of listOf(column)) {
      const result = checkReading(path, entry, start, limits);
      if (typeof result === 'string') faults.set(result, [...(faults.get(result) ?? []), entry]);
      else readings.push(result);
    }
    for (const [reason, entries] of faults) {
      refused.push({ path, reason, count: entries.length, examples: examplesOf(entries) });
    }
  }
  return { kind: 'checked', batch: { sequence, start, readings }, refused };
}

const namesPerson = 'names a person or a vehicle: it belongs into the registry alone';

function columnFault(path: string, column: unknown): string | undefined {
  if (signal(path) === undefined) return 'is no signal of VSS 6';
  if (namesAPerson(path)) return namesPerson;
  return Array.isArray(column) ? undefined : 'is not a list of readings';
}

function checkReading(path: string, entry: unknown, start: Instant, limits: BatchLimits): CheckedReading | string {
  if (!Array.isArray(entry) || entry.length !== 2) return 'is not a pair of offset and value';
  const [offset, value]: readonly unknown[] = entry;
  if (!isCount(offset) || offset > maxBatchSpan) return `has an offset that is not 0 to ${maxBatchSpan} ms`;
  if (!isSignalValue(value)) return 'has a value that is no number, boolean or string';
  const known = signal(path);
  const fault = known === undefined ? 'is no signal of VSS 6' : checkValue(known, value);
  if (fault !== undefined) return fault;
  const time = start + offset;
  return clockFaultOf(time, limits) ?? { path, time, value };
}

/** Of what is refused: enough to see what is wrong with it, however long or deep it is. */
function examplesOf(entries: readonly unknown[]): readonly unknown[] {
  return entries
    .slice(0, examplesKept)
    .map((entry) => (Array.isArray(entry) ? entry.slice(0, 4).map(brief) : brief(entry)));
}

function brief(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, longestExample);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isRecord(value) ? 'an object' : value;
}

function clockFaultOf(time: Instant, { receivedAt, keptFor }: BatchLimits): string | undefined {
  if (time < receivedAt - keptFor) return 'before the time that history is kept for';
  return time > receivedAt + clockAhead ? 'in the future' : undefined;
}

function broken(reason: string): BatchCheck {
  return { kind: 'broken', reason };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
