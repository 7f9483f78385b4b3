import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Seal } from '#functions/adapters/kms/seal.ts';

const seal = aSeal();

function aSeal(): Seal {
  const root = randomBytes(32);
  return new Seal({ get: async () => root });
}

test('what is sealed opens for its owner, and for nobody else, under no other key and with no bit changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), fc.string(), fc.nat(), async (text, owner, other, place) => {
      const sealed = await seal.seal(text, owner);
      expect(await seal.open(sealed, owner)).toBe(text);
      expect(await seal.seal(text, owner)).not.toBe(sealed);
      const bytes = Buffer.from(sealed, 'base64url');
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await expect(seal.open(bytes.toString('base64url'), owner)).rejects.toThrow();
      if (other !== owner) await expect(seal.open(sealed, other)).rejects.toThrow();
      await expect(aSeal().open(sealed, owner)).rejects.toThrow();
    }),
  );
});
