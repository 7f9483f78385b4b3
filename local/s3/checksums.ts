import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from './stored-object.ts';

/** A checksum that grows with its content. */
export interface RunningChecksum {
  update(chunk: Buffer): void;
  /** Base64, big-endian. */
  value(): string;
}

export function runningChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'crc32':
      return running32((chunk, before) => crc32(chunk, before));
    case 'crc32c':
      return running32(crc32c);
    case 'sha1':
    case 'sha256': {
      const hash = createHash(algorithm);
      return { update: (chunk) => void hash.update(chunk), value: () => hash.digest('base64') };
    }
  }
}

export function checksumOf(algorithm: ChecksumAlgorithm, content: Buffer): string {
  const checksum = runningChecksum(algorithm);
  checksum.update(content);
  return checksum.value();
}

export const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = { crc32: 4, crc32c: 4, sha1: 20, sha256: 32 };

function running32(step: (chunk: Buffer, before: number) => number): RunningChecksum {
  let sum = 0;
  return {
    update(chunk) {
      sum = step(chunk, sum);
    },
    value() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes.toString('base64');
    },
  };
}

/** The Castagnoli polynomial, reflected (RFC 3720, appendix B.4). */
const castagnoli = 0x82f6_3b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ castagnoli : value >>> 1;
  return value;
});

function crc32c(chunk: Buffer, before: number): number {
  let sum = ~before;
  for (const byte of chunk) sum = (table[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}
