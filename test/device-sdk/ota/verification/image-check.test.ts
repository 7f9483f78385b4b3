import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { checkImage, ImageCheck } from '#device-sdk/ota/verification/image-check.ts';
import { attackIn } from '../../../support/uptane-world.ts';

function expected(bytes: Uint8Array) {
  return {
    path: 'engine/9.bin',
    length: bytes.length,
    hashes: { sha256: cryptography.digest('sha256', bytes), sha512: cryptography.digest('sha512', bytes) },
  };
}

test('an image is accepted in whatever pieces it comes, and with any byte changed it is not', async () => {
  const images = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 50 }));
  await fc.assert(
    fc.asyncProperty(images, async ([bytes, at, step]) => {
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < bytes.length; from += step) pieces.push(bytes.subarray(from, from + step));
      await checkImage(pieces, expected(bytes));

      const bent = Uint8Array.from(bytes);
      bent[at % bytes.length] = ((bent[at % bytes.length] ?? 0) + 1) % 256;
      expect(await attackIn(checkImage([bent], expected(bytes)))).toBe('wrong-hash');
    }),
    { numRuns: 50 },
  );
});

test('scenario 3: one byte too many is endless data at once; one too few is another image', async () => {
  const bytes = Buffer.from('engine 9');
  const check = new ImageCheck(expected(bytes));
  check.passed(bytes);

  expect(() => check.passed(Buffer.from('!'))).toThrow('endless-data');
  expect(await attackIn(checkImage([bytes.subarray(1)], expected(bytes)))).toBe('wrong-hash');
});

test('every hash counts, and there must be one', async () => {
  const bytes = Buffer.from('engine 9');
  const { path, length, hashes } = expected(bytes);

  expect(await attackIn(checkImage([bytes], { path, length, hashes: { ...hashes, sha512: 'ab' } }))).toBe('wrong-hash');
  expect(() => new ImageCheck({ path, length, hashes: {} })).toThrow('malformed');
});
