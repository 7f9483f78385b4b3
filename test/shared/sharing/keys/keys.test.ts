import { Tagged } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyP256 as onBoard } from '#device-sdk/sharing/p256.ts';
import { verifyP256 } from '#functions/adapters/node-crypto/p256.ts';
import { base64url } from '#shared/kernel/base64url.ts';
import { isSignedBy, type Signed, signedStructure } from '#shared/sharing/keys/cose-sign1.ts';
import { hexBytes } from '#shared/sharing/keys/hex.ts';
import { readStatement, signStatement } from '#shared/sharing/keys/key-statement.ts';
import { keyActions, mintToken, readToken } from '#shared/sharing/keys/key-token.ts';
import { isOnCurve, p256KeyOf, spkiOf } from '#shared/sharing/keys/p256-key.ts';
import { cborOf, readCbor, Unreadable } from '#shared/sharing/keys/strict-cbor.ts';
import { readTripEvent, signTripEvent, tripEventKinds } from '#shared/sharing/keys/trip-line.ts';
import { issuer, sampleEvent, sampleStatement, sampleToken, someKey } from './samples.ts';

const kinds = [
  ['token', () => mintToken(sampleToken(), issuer), readToken],
  ['statement', () => signStatement(sampleStatement(), issuer), readStatement],
  ['line of the log', () => signTripEvent(sampleEvent(), issuer), readTripEvent],
] as const;

/** Whether it is read and its signature holds. */
function counts(read: (bytes: Uint8Array) => Signed<unknown>, bytes: Uint8Array): boolean {
  try {
    return isSignedBy(issuer.spki, verifyP256, read(bytes));
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

/** The same message with another payload or header under the signature that was made for the first. */
function rebuilt(bytes: Uint8Array, change: (parts: unknown[]) => unknown): Uint8Array {
  return cborOf(new Tagged(18, change(partsOf(bytes))));
}

function partsOf(bytes: Uint8Array): unknown[] {
  const message = readCbor(bytes, 18);
  if (!(message instanceof Tagged)) throw new Error('no message');
  return [...message.value];
}

function bytesOf(part: unknown): Uint8Array {
  if (!(part instanceof Uint8Array)) throw new Error('no bytes');
  return part;
}

describe('what is signed', () => {
  test('comes out as it went in', async () => {
    const token = sampleToken();
    expect(readToken(await mintToken(token, issuer)).content).toEqual(token);
    const statement = sampleStatement();
    expect(readStatement(await signStatement(statement, issuer)).content).toEqual(statement);
    const last = sampleStatement({ successor: { kid: someKey.kid, spki: base64url(someKey.spki) } });
    expect(readStatement(await signStatement(last, issuer)).content).toEqual(last);
    const nobody = { kid: 'nobody', spki: base64url(someKey.spki.subarray(1)) };
    await expect(signStatement(sampleStatement({ successor: nobody }), issuer)).rejects.toThrow(Unreadable);
    for (const kind of tripEventKinds) {
      const event = sampleEvent({ kind });
      expect(readTripEvent(await signTripEvent(event, issuer)).content).toEqual(event);
    }
    const { after: _, place: _1, zonesVersion: _2, tokenId: _3, ...first } = sampleEvent();
    expect(readTripEvent(await signTripEvent(first, issuer)).content).toEqual(first);
  });

  test('is short: a token with the longest names takes less than 400 bytes, a statement and a line not much more', async () => {
    const longest = sampleToken({ fence: 2 ** 32, expiresAt: 4_000_000_000_000 });
    const token = await mintToken(longest, issuer);
    const statement = await signStatement(sampleStatement(), issuer);
    const line = await signTripEvent(sampleEvent(), issuer);
    expect(token.length).toBeLessThanOrEqual(320);
    expect(statement.length).toBeLessThanOrEqual(250);
    expect(line.length).toBeLessThanOrEqual(250);
  });

  test('is signed as COSE has it: the example of RFC 8392, A.3, verifies by the same means', () => {
    const example = hexBytes(
      'd28443a10126a104524173796d6d657472696345434453413235365850a70175636f61703a2f2f61732e6578616d706c652e636f6d02' +
        '656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b' +
        '7158405427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a' +
        '52b9b63632c57209120e1c9e30',
    );
    const spki = spkiOf({
      x: hexBytes('143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f'),
      y: hexBytes('60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9'),
    });
    const [head, , payload, signature] = partsOf(example);
    expect(verifyP256(spki, signedStructure(bytesOf(head), bytesOf(payload)), bytesOf(signature))).toBe(true);
    // It is none of ours: its header has no type, its key's name is not signed.
    expect(() => readToken(example)).toThrow(Unreadable);
  });

  test('names the key that signed it', async () => {
    for (const [, make, read] of kinds) expect(read(await make()).kid).toBe(issuer.kid);
  });

  test('is verified by the vehicle as by the cloud', async () => {
    const read = readToken(await mintToken(sampleToken(), issuer));
    expect(isSignedBy(issuer.spki, onBoard, read)).toBe(true);
    expect(isSignedBy(someKey.spki, onBoard, read)).toBe(false);
    expect(isSignedBy(someKey.spki, verifyP256, read)).toBe(false);
  });
});

describe.each(kinds)('a %s', (name, make, read) => {
  test('counts for nothing with any bit of any byte changed', async () => {
    const bytes = await make();
    expect(counts(read, bytes)).toBe(true);
    for (let at = 0; at < bytes.length; at += 1) {
      // Every bit of what opens a vehicle, one of each byte of the others.
      for (const bit of name === 'token' ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
        const bent = Uint8Array.from(bytes);
        bent[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect(counts(read, bent)).toBe(false);
      }
    }
  });

  test('counts for nothing cut off anywhere, or with anything behind it', async () => {
    const bytes = await make();
    for (let length = 0; length < bytes.length; length += 1) expect(counts(read, bytes.slice(0, length))).toBe(false);
    for (const more of [[0], [0xf6], [...bytes]]) {
      expect(counts(read, Uint8Array.from([...bytes, ...more]))).toBe(false);
    }
  });

  test('counts for nothing with another member, a member more, or one less, under the same signature', async () => {
    const bytes = await make();
    const members = (parts: unknown[]): Map<unknown, unknown> => {
      const payload = parts[2];
      const content = payload instanceof Uint8Array ? readCbor(payload) : undefined;
      return new Map(content instanceof Map ? content : []);
    };
    const keys: unknown[] = [];
    rebuilt(bytes, (parts) => keys.push(...members(parts).keys()));
    expect(keys.length).toBeGreaterThanOrEqual(9);
    const bent = (change: (content: Map<unknown, unknown>) => void): Uint8Array =>
      rebuilt(bytes, (parts) => {
        const content = members(parts);
        change(content);
        return [parts[0], parts[1], cborOf(content), parts[3]];
      });
    for (const key of keys) {
      expect(
        counts(
          read,
          bent((content) => content.delete(key)),
        ),
      ).toBe(false);
      for (const other of [
        0,
        1,
        -1,
        2 ** 40,
        1.5,
        'x',
        '',
        true,
        null,
        new Uint8Array(8),
        new Uint8Array(32),
        [],
        [1],
      ]) {
        expect(
          counts(
            read,
            bent((content) => content.set(key, other)),
          ),
        ).toBe(false);
      }
    }
    expect(
      counts(
        read,
        bent((content) => content.set(99, 1)),
      ),
    ).toBe(false);
    expect(
      counts(
        read,
        bent(() => {}),
      ),
    ).toBe(true);
  });

  test('counts for nothing with something beside the signed header, or with another one', async () => {
    const bytes = await make();
    expect(
      counts(
        read,
        rebuilt(bytes, ([head, , ...rest]) => [head, new Map([[4, 1]]), ...rest]),
      ),
    ).toBe(false);
    const heads = [
      new Map(),
      new Map([[1, -7]]),
      new Map<number, unknown>([
        [1, -8],
        [4, new TextEncoder().encode(issuer.kid)],
        [16, 61],
      ]),
    ];
    for (const head of heads) {
      expect(
        counts(
          read,
          rebuilt(bytes, ([, ...rest]) => [cborOf(head), ...rest]),
        ),
      ).toBe(false);
    }
    expect(
      counts(
        read,
        rebuilt(bytes, (parts) => parts.slice(0, 3)),
      ),
    ).toBe(false);
    expect(
      counts(
        read,
        rebuilt(bytes, (parts) => [...parts, 1]),
      ),
    ).toBe(false);
  });

  test('does not pass for one of another kind, though the same key signed it', async () => {
    for (const [, other, reader] of kinds) {
      if (reader !== read) expect(counts(read, await other())).toBe(false);
    }
  });

  test('counts for nothing in a form that is not the shortest, or with a key twice', async () => {
    const bytes = await make();
    // 0xd2 is the tag 18; 0xd8 0x12 says the same in two bytes.
    expect(counts(read, Uint8Array.from([0xd8, 0x12, ...bytes.slice(1)]))).toBe(false);
    expect(counts(read, Uint8Array.from([0xd2, 0x98, 0x04, ...bytes.slice(2)]))).toBe(false);
    expect(counts(read, Uint8Array.from([0xd2, 0x9f, ...bytes.slice(2), 0xff]))).toBe(false);
    const twice = rebuilt(bytes, (parts) => {
      const payload = parts[2];
      if (!(payload instanceof Uint8Array)) throw new Error('no payload');
      return [parts[0], parts[1], Uint8Array.from([(payload[0] ?? 0) + 1, 1, 1, ...payload.slice(1)]), parts[3]];
    });
    expect(counts(read, twice)).toBe(false);
  });
});

describe('a token', () => {
  test('comes out as it went in, whatever its fence, times and actions', async () => {
    const at = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...keyActions], { minLength: 1 }),
        ...[fc.nat(), at, at, fc.integer({ min: 0, max: 86_400 })],
        async (actions, fence, issuedAt, notBefore, lifetime) => {
          const token = sampleToken({ actions, fence, issuedAt, notBefore, expiresAt: notBefore + lifetime * 1000 });
          expect(readToken(await mintToken(token, issuer)).content).toEqual(token);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('is not minted where nobody could read it', async () => {
    for (const bad of [
      ...[{ tokenId: 'abc' }, { actions: [] }, { fence: -1 }, { fence: 1.5 }, { vehicleId: '' }],
      ...[{ vehicleId: 'v'.repeat(65) }, { notBefore: 2000, expiresAt: 1000 }],
      { phoneKey: { x: new Uint8Array(31), y: new Uint8Array(32) } },
    ]) {
      await expect(mintToken(sampleToken(bad), issuer)).rejects.toThrow();
    }
  });

  test('is nobody’s where its phone key is no point of the curve', () => {
    const nowhere = spkiOf({ x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(2) });
    expect(verifyP256(nowhere, new Uint8Array(1), new Uint8Array(64))).toBe(false);
    expect(onBoard(nowhere, new Uint8Array(1), new Uint8Array(64))).toBe(false);
    expect(p256KeyOf(nowhere.subarray(1))).toBeUndefined();
    const parsed = p256KeyOf(nowhere);
    expect(parsed && isOnCurve(parsed)).toBe(false);
    expect(isOnCurve(sampleToken().phoneKey)).toBe(true);
  });
});
