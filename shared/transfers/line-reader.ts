/** Where reading goes on. Whoever has it needs nothing of what came before. */
export interface Place {
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  /** Number of the line that begins (or goes on) here; the first is 1. */
  readonly line: number;
  /**
   * `after-return`: behind a CR that may be half of a CRLF; `overlong`: within a line that is too long, of which
   * nothing is kept.
   */
  readonly within: 'start' | 'after-return' | 'overlong';
}

export const beginning: Place = { offset: 0, line: 1, within: 'start' };

export interface Line {
  readonly number: number;
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    /** Longer than {@link longestLine}. */
    | { readonly kind: 'too-long' }
    | { readonly kind: 'not-utf-8' };
  /** Behind it. */
  readonly next: Place;
}

/** Bytes of a line, without its end. The API takes no larger body for one vehicle either. */
export const longestLine = 64 * 1024;

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * The whole lines of a stretch of the file. Lines end with LF, CRLF or CR, in any mixture; empty ones are counted and
 * left out, a byte order mark at the beginning of the file is passed over.
 *
 * @param bytes from `from` on; more than {@link longestLine} of them always lead on
 * @param isLast whether the file ends with them: its last line may have no end
 * @returns the lines, and where to read on: at the first byte that no line has used
 */
export function readLines(bytes: Uint8Array, from: Place, isLast: boolean): { lines: readonly Line[]; next: Place } {
  const lines: Line[] = [];
  let place = from;
  for (;;) {
    const begin = startOf(bytes, place, from.offset);
    const end = endOfLine(bytes, begin);
    const isWhole = end < bytes.length || isLast;
    if (!isWhole || begin >= bytes.length) return { lines, next: rest(bytes, place, begin, from.offset, isLast) };
    const next = placeAfter(bytes, end, from.offset, place.line + 1);
    const content = contentOf(bytes.subarray(begin, end), place.within === 'overlong');
    if (content !== undefined) lines.push({ number: place.line, content, next });
    place = next;
  }
}

/** What is left at the end of a stretch: it is read again with the next one, unless it is too long already. */
function rest(bytes: Uint8Array, place: Place, begin: number, base: number, isLast: boolean): Place {
  const offset = base + bytes.length;
  if (begin >= bytes.length) {
    if (place.within === 'overlong' || isLast) return { ...place, offset };
    const sawLineFeed = place.within === 'after-return' && base + begin > place.offset;
    return { ...place, offset: base + begin, within: sawLineFeed ? 'start' : place.within };
  }
  const tooLong = place.within === 'overlong' || bytes.length - begin > longestLine;
  return tooLong
    ? { offset, line: place.line, within: 'overlong' }
    : { ...place, offset: base + begin, within: 'start' };
}

function startOf(bytes: Uint8Array, { offset, within }: Place, base: number): number {
  const begin = offset - base;
  if (within === 'after-return' && bytes[begin] === lineFeed) return begin + 1;
  const marked = offset === 0 && byteOrderMark.every((byte, index) => bytes[index] === byte);
  return marked ? byteOrderMark.length : begin;
}

function endOfLine(bytes: Uint8Array, begin: number): number {
  for (let index = begin; index < bytes.length; index++) {
    if (bytes[index] === lineFeed || bytes[index] === carriageReturn) return index;
  }
  return bytes.length;
}

function placeAfter(bytes: Uint8Array, end: number, base: number, line: number): Place {
  if (bytes[end] !== carriageReturn) return { offset: base + Math.min(end + 1, bytes.length), line, within: 'start' };
  if (bytes[end + 1] === lineFeed) return { offset: base + end + 2, line, within: 'start' };
  return { offset: base + end + 1, line, within: end + 1 < bytes.length ? 'start' : 'after-return' };
}

function contentOf(bytes: Uint8Array, isOverlong: boolean): Line['content'] | undefined {
  if (isOverlong || bytes.length > longestLine) return { kind: 'too-long' };
  const text = utf8(bytes);
  if (text === undefined) return { kind: 'not-utf-8' };
  return text.trim() === '' ? undefined : { kind: 'text', text };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
