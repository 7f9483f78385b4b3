import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginning, type Line, longestLine, type Place, readLines } from '#shared/transfers/line-reader.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Reads as an import does: stretch by stretch, each beginning where the one before left off. */
function readBy(bytes: Uint8Array, lengths: () => number): Line[] {
  const lines: Line[] = [];
  let place: Place = beginning;
  for (;;) {
    const end = Math.min(bytes.length, place.offset + lengths());
    const read = readLines(bytes.subarray(place.offset, end), place, end === bytes.length);
    lines.push(...read.lines);
    place = read.next;
    if (end === bytes.length) return lines;
  }
}

const whole = (bytes: Uint8Array) => readBy(bytes, () => bytes.length);
const told = (bytes: Uint8Array) =>
  whole(bytes).map(({ number, content }) => [number, content.kind === 'text' ? content.text : content.kind]);

describe('the lines of a file', () => {
  test('end with LF, CRLF or CR in any mixture, and the last one needs no end', () => {
    expect(told(bytesOf('a\nb\r\nc\rd\n\re'))).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
      [6, 'e'],
    ]);
  });

  test('begin behind a byte order mark', () => {
    expect(told(bytesOf('\ufeffvin\nb'))).toEqual([
      [1, 'vin'],
      [2, 'b'],
    ]);
    expect(told(bytesOf('\ufeff'))).toEqual([]);
  });

  test('that are empty count and say nothing', () => {
    expect(told(bytesOf('\n\n \t\r\na\n\n'))).toEqual([[4, 'a']]);
    expect(told(bytesOf(''))).toEqual([]);
  });

  test('of 2 MB are named and passed over, and the next one is read', () => {
    const bytes = bytesOf(`a\n${'x'.repeat(2_000_000)}\nb`);
    expect(told(bytes)).toEqual([
      [1, 'a'],
      [2, 'too-long'],
      [3, 'b'],
    ]);
    expect(readBy(bytes, () => 256 * 1024)).toEqual(whole(bytes));
  });

  test('that are not UTF-8 are named, each for itself', () => {
    expect(told(new Uint8Array([0x61, 10, 0xe4, 10, 0x62]))).toEqual([
      [1, 'a'],
      [2, 'not-utf-8'],
      [3, 'b'],
    ]);
  });

  const piece = fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', '', 'ä', '\ufeff', '"', 'x'.repeat(longestLine), 'y'.repeat(longestLine + 1)),
    fc.string({ unit: 'binary' }),
  );
  const file = fc.array(piece, { maxLength: 30 }).map((pieces) => bytesOf(pieces.join('')));

  test('are the same however the file is cut into stretches, and wherever reading was broken off', () => {
    fc.assert(
      fc.property(file, fc.infiniteStream(fc.integer({ min: 1, max: 3 * longestLine })), (bytes, lengths) => {
        // Whoever gets no further reads a longer stretch.
        let least = 0;
        const next = () => {
          least = least > 4 * longestLine ? 0 : least + 7_001;
          return (lengths.next().value ?? 0) + least;
        };
        expect(readBy(bytes, next)).toEqual(whole(bytes));
      }),
      { numRuns: 200 },
    );
  });

  test('are those that splitting the text at its line ends gives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'bc', ' ')), (pieces) => {
        const expected = pieces
          .join('')
          .split(/\r\n|\r|\n/)
          .flatMap((text, index) => (text.trim() === '' ? [] : [[index + 1, text]]));
        expect(told(bytesOf(pieces.join('')))).toEqual(expected);
      }),
    );
  });
});
