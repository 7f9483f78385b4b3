import { createHash, type Hash } from 'node:crypto';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';

/** What an image, or a delta, has to be. */
export interface ExpectedFile {
  readonly path: string;
  readonly length: number;
  /** Hex, by algorithm. */
  readonly hashes: Readonly<Record<string, string | undefined>>;
}

const algorithms = ['sha256', 'sha512'] as const;

/**
 * Checks an image while it passes by (Standard, 5.4.3.3 and 5.4.3.4): never more bytes than signed, and every hash.
 *
 * @example
 * const check = new ImageCheck(image);
 * for await (const chunk of bytes) { check.passed(chunk); file.write(chunk); }
 * check.finished(); // throws RefusedUpdate where the file must not be used
 */
export class ImageCheck {
  private readonly expected: ExpectedFile;
  private readonly hashes: readonly { readonly hash: Hash; readonly value: string }[];
  private length = 0;

  constructor(expected: ExpectedFile) {
    this.expected = expected;
    this.hashes = algorithms.flatMap((algorithm) => {
      const value = expected.hashes[algorithm];
      return value === undefined ? [] : [{ hash: createHash(algorithm), value: value.toLowerCase() }];
    });
    if (this.hashes.length === 0) throw new RefusedUpdate('malformed', `${expected.path} has no hash to be checked`);
  }

  /** @throws RefusedUpdate `endless-data` as soon as there is one byte too many */
  passed(chunk: Uint8Array): void {
    this.length += chunk.length;
    const { path, length } = this.expected;
    if (this.length > length) throw new RefusedUpdate('endless-data', `${path} has more than ${length} bytes`);
    for (const { hash } of this.hashes) hash.update(chunk);
  }

  /** To be called once. @throws RefusedUpdate `wrong-hash` */
  finished(): void {
    const { path, length } = this.expected;
    if (this.length !== length) {
      throw new RefusedUpdate('wrong-hash', `${path} has ${this.length} bytes, ${length} are signed`);
    }
    for (const { hash, value } of this.hashes) {
      if (hash.digest('hex') !== value)
        throw new RefusedUpdate('wrong-hash', `${path} is not the image that was signed`);
    }
  }
}

/** The same for what is there as a whole, or can be read again. @throws RefusedUpdate */
export async function checkImage(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: ExpectedFile,
): Promise<void> {
  const check = new ImageCheck(expected);
  for await (const chunk of chunks) check.passed(chunk);
  check.finished();
}
