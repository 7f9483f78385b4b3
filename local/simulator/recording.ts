import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { signal } from '#shared/telemetry/catalogue.ts';
import type { SignalValue } from '#shared/vehicle-cloud/envelopes.ts';

/** One signal change of a recording. */
export interface RecordedChange {
  readonly line: number;
  readonly path: string;
  readonly value: string;
  /** Seconds since the line before. */
  readonly delay: number;
}

/** The file is no recording; the message names the line. */
class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

const header = 'field,signal,value,delay';

/**
 * Reads a recording in the format of the Eclipse Kuksa CSV provider, line by line, so that a day's drive
 * needs no more memory than a minute's. Only `current` values are changes; a `target` is a wish and passed over.
 *
 * @throws RecordingError at the first line that does not fit
 */
export async function* recordedChanges(lines: AsyncIterable<string>): AsyncGenerator<RecordedChange> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (number === 1) {
      if (line.replace(/^\uFEFF/, '').trim() !== header) throw new RecordingError(`line 1: expected '${header}'`);
      continue;
    }
    if (line.trim() === '') continue;
    const change = parsedLine(line, number);
    if (change !== undefined) yield change;
  }
  if (number === 0) throw new RecordingError(`line 1: expected '${header}', the file is empty`);
}

export function recordingLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function parsedLine(line: string, number: number): RecordedChange | undefined {
  const cells = csvCells(line);
  if (cells === undefined) throw new RecordingError(`line ${number}: a quotation mark is not closed`);
  const [field, path, value, delayText, ...rest] = cells;
  if (field === undefined || path === undefined || value === undefined || delayText === undefined || rest.length > 0) {
    throw new RecordingError(`line ${number}: expected 4 columns (${header}), found ${cells.length}`);
  }
  if (field !== 'current' && field !== 'target') {
    throw new RecordingError(`line ${number}: the field is '${field}', expected 'current' or 'target'`);
  }
  const delay = Number(delayText);
  if (delayText.trim() === '' || !Number.isFinite(delay) || delay < 0) {
    throw new RecordingError(`line ${number}: the delay '${delayText}' is no number of seconds from 0 on`);
  }
  return field === 'current' ? { line: number, path, value, delay } : undefined;
}

/** The cells of one line (RFC 4180); undefined where a quotation mark is not closed. */
function csvCells(line: string): string[] | undefined {
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') return cells;
  }
}

/**
 * The value that the text stands for under the signal's VSS type. What cannot be one stays text, so that
 * the check of the reading says what is wrong with it.
 */
export function recordedValue(path: string, text: string): SignalValue {
  const datatype = signal(path)?.datatype;
  if (datatype === undefined || datatype === 'string' || datatype.endsWith('[]')) return text;
  if (datatype === 'boolean') return { true: true, false: false }[text.toLowerCase()] ?? text;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
