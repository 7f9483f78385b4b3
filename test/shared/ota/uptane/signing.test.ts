import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import { canonicalBytes, signatureBytes } from '#shared/ota/uptane/canonical.ts';
import type { PublicKey } from '#shared/ota/uptane/key.ts';
import { readRoot, readTargets } from '#shared/ota/uptane/metadata-reader.ts';
import { imageTargetsPayload, rootPayload } from '#shared/ota/uptane/payloads.ts';
import { signaturesOver, signed, withSignatures } from '#shared/ota/uptane/signing.ts';

const ed25519 = signerOf(generateKeyPairSync('ed25519').privateKey);
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = signerOf(rsaPair.privateKey);
const bytes = canonicalBytes({ b: 1, a: 'é"\\' });

test.each([
  ['ed25519', ed25519],
  ['RSA with SHA-256', rsa],
  ['RSA with SHA-512', signerOf(rsaPair.privateKey, 'rsassa-pss-sha512')],
])('%s: what was signed verifies, and nothing else does', async (_name, signer) => {
  const signature = await signer.sign(bytes);

  expect(cryptography.verify(signer.publicKey, bytes, signature)).toBe(true);
  expect(cryptography.verify(signer.publicKey, canonicalBytes({ b: 2, a: 'é"\\' }), signature)).toBe(false);
  expect(cryptography.verify(signer.publicKey, bytes, signature.subarray(1))).toBe(false);
  expect(cryptography.verify({ ...signer.publicKey, keyval: { public: 'nonsense' } }, bytes, signature)).toBe(false);
});

test('an ed25519 key may be written in hex, in base64 or as PEM', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signer = signerOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const signature = await signer.sign(bytes);
  const hex = signer.publicKey.keyval.public;
  const forms = [
    hex,
    hex.toUpperCase(),
    Buffer.from(hex, 'hex').toString('base64'),
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ];

  for (const form of forms) {
    const key: PublicKey = { ...signer.publicKey, keyval: { public: form } };
    expect(cryptography.verify(key, bytes, signature)).toBe(true);
  }
});

test('a signature may be written in hex or in base64', () => {
  const signature = Buffer.from('00ff10'.repeat(22), 'hex');

  expect(signatureBytes(signature.toString('hex'))).toEqual(new Uint8Array(signature));
  expect(signatureBytes(signature.toString('base64'))).toEqual(new Uint8Array(signature));
  expect(signatureBytes('not a signature')).toBeUndefined();
});

test('the canonical form sorts keys, keeps characters as they are and refuses fractions', () => {
  expect(new TextDecoder().decode(bytes)).toBe('{"a":"é\\"\\\\","b":1}');
  expect(() => canonicalBytes({ a: 0.5 })).toThrow(TypeError);
});

test('what is built and signed is read back, with each key once', async () => {
  const keys = { keys: [ed25519.publicKey, rsa.publicKey, rsa.publicKey], threshold: 2 };
  const roles = { root: keys, targets: keys, snapshot: keys, timestamp: keys };
  const text = await signed(rootPayload({ version: 3, expiresAt: 1_900_000_000_500 }, roles, cryptography), [ed25519]);
  const { content, signatures } = readRoot(text);

  expect(content.version).toBe(3);
  expect(content.expiresAt).toBe(1_900_000_000_000);
  expect(content.roles.get('root')).toEqual({ keyids: [ed25519.keyid, rsa.keyid], threshold: 2 });
  expect(content.keys.size).toBe(2);
  expect(signatures).toMatchObject([{ keyid: ed25519.keyid, method: 'ed25519' }]);
});

test('a threshold that cannot be reached is not published', () => {
  const keys = { keys: [ed25519.publicKey, ed25519.publicKey], threshold: 2 };
  const roles = { root: keys, targets: keys, snapshot: keys, timestamp: keys };

  expect(() => rootPayload({ version: 1, expiresAt: 0 }, roles, cryptography)).toThrow(RangeError);
});

test('a key signs a file once, however often it is asked', async () => {
  const payload = imageTargetsPayload({ version: 1, expiresAt: 0 }, { targets: {} });
  const once = { signed: payload, signatures: await signaturesOver(payload, [ed25519]) };
  const twice = withSignatures(once, await signaturesOver(payload, [ed25519, rsa]));

  expect(twice.signatures.map(({ keyid }) => keyid)).toEqual([ed25519.keyid, rsa.keyid]);
});

test('metadata of one role is not read as that of another', async () => {
  const text = await signed(imageTargetsPayload({ version: 1, expiresAt: 0 }, { targets: {} }), [ed25519]);

  expect(() => readRoot(text)).toThrow('Root metadata says that it is "Targets"');
  expect(readTargets(text).content.targets.size).toBe(0);
});
