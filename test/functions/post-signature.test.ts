import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeSignature, postKeysIn, signedPost } from '#functions/post-signature.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const [old, next, foreign] = [pair('vw-weu.2025'), pair('vw-weu.2026'), pair('vw-neu.1')];
/** As the parameter of the stack has them: two of a home, while its key changes. */
const keys = postKeysIn([old, next, foreign].map(({ text }) => text).join(','));
const body = '{"events":[]}';

function pair(keyId: string) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { signer: { keyId, privateKey }, text: `${keyId}:${x}` };
}

function judge(headers: Readonly<Record<string, string>>, { at = now, text = body, home = 'vw-weu' } = {}) {
  return judgeSignature(headers, Buffer.from(text), { home, keys, now: at });
}

test('either of two keys is good while the key changes, and the digest stands for the signature', () => {
  const [one, other] = [signedPost(body, old.signer, 'a', now), signedPost(body, next.signer, 'a', now)];
  expect(judge(one)).toMatchObject({ kind: 'good' });
  expect(judge(other)).toMatchObject({ kind: 'good' });
  expect(judge(one)).toEqual(judge(one));
  expect(judge(one)).not.toEqual(judge(other));
});

test('the same post signed again is another signature', () => {
  const one = signedPost(body, old.signer, 'a', now);
  expect(judge(signedPost(body, old.signer, 'b', now))).not.toEqual(judge(one));
});

test.each([
  ['another body', { text: `${body} ` }, {}, 'signature'],
  ['another id', {}, { 'webhook-id': 'b' }, 'signature'],
  ['another time', {}, { 'webhook-timestamp': String(now / 1000 + 1) }, 'signature'],
  ['a key that nobody gave', {}, { 'webhook-key': 'vw-weu.2027' }, 'key'],
  ['the key of another home', {}, { 'webhook-key': foreign.signer.keyId }, 'key'],
  ['no key', {}, { 'webhook-key': '' }, 'key'],
  ['an id with a dot, which could be cut in two ways', {}, { 'webhook-id': 'a.1' }, 'headers'],
  ['a time that is no number', {}, { 'webhook-timestamp': '1e9' }, 'headers'],
  ['a symmetric signature', {}, { 'webhook-signature': `v1,${'A'.repeat(86)}==` }, 'headers'],
  ['a signature that is too short', {}, { 'webhook-signature': 'v1a,AAAA' }, 'headers'],
])('%s is not what was signed', (_, seen, changed, why) => {
  const signed = signedPost(body, old.signer, 'a', now);
  expect(judge({ ...signed, ...changed }, seen)).toEqual({ kind: 'invalid', why });
});

test('a home does not speak for another one, also with a good signature of its own', () => {
  const signed = signedPost(body, foreign.signer, 'a', now);
  expect(judge(signed, { home: 'vw-neu' })).toMatchObject({ kind: 'good' });
  expect(judge(signed)).toEqual({ kind: 'invalid', why: 'key' });
});

test('a signature lives five minutes before and after, by the clock of the platform', () => {
  const signed = signedPost(body, old.signer, 'a', now);
  for (const off of [-300_000, 300_000]) expect(judge(signed, { at: now + off })).toMatchObject({ kind: 'good' });
  for (const off of [-300_001, 300_001]) expect(judge(signed, { at: now + off })).toMatchObject({ kind: 'expired' });
  // Whose signature is wrong learns nothing of clocks.
  expect(judge({ ...signed, 'webhook-id': 'b' }, { at: now + 9e6 })).toMatchObject({ kind: 'invalid' });
});

test.each(['vw-weu:AAAA', 'vw-weu.1:AAAA', 'no-dot:'.padEnd(50, 'A')])(
  '%s is no key, and the function does not start',
  (text) => {
    expect(() => postKeysIn(text)).toThrow('No key of device events');
  },
);
