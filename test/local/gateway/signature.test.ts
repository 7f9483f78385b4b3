import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClaim, type SignedRequest } from '#local/gateway/claim.ts';
import { verifySignature } from '#local/gateway/signature.ts';

// From the SigV4 test suite that AWS publishes, case get-vanilla.
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const signedAt = Date.UTC(2015, 7, 30, 12, 36);
const vanilla: SignedRequest = {
  method: 'GET',
  path: '/',
  query: '',
  headers: {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  body: Buffer.alloc(0),
};

function verify(request: SignedRequest, now = signedAt): void {
  verifySignature(request, readClaim(request), secret, now);
}

describe('a signature', () => {
  test('of the published test suite is accepted', () => {
    expect(() => verify(vanilla)).not.toThrow();
  });

  test.each([
    ['method', { method: 'PUT' }],
    ['path', { path: '/other' }],
    ['query', { query: 'a=b' }],
    ['body', { body: Buffer.from('x') }],
    ['signed header', { headers: { ...vanilla.headers, host: 'elsewhere' } }],
  ])('does not cover another %s', (_, change) => {
    expect(() => verify({ ...vanilla, ...change })).toThrow(/does not match/);
  });

  test('expires after fifteen minutes, and does not come from the future', () => {
    expect(() => verify(vanilla, signedAt + 15 * 60_000)).not.toThrow();
    expect(() => verify(vanilla, signedAt + 15 * 60_000 + 1)).toThrow(/expired/);
    expect(() => verify(vanilla, signedAt - 15 * 60_000 - 1)).toThrow(/not yet current/);
  });

  test('must cover the host', () => {
    const headers = { ...vanilla.headers, authorization: vanilla.headers['authorization']?.replace('host;', '') };
    expect(() => verify({ ...vanilla, headers })).toThrow(/Host/);
  });

  test('is required', () => {
    expect(() => verify({ ...vanilla, headers: {} })).toThrow(/Missing Authentication Token/);
  });

  test('in whatever form it arrives, is refused with an error that an SDK understands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (authorization, query) => {
        const request = { ...vanilla, query, headers: { ...vanilla.headers, authorization } };
        expect(() => verify(request)).toThrow(expect.objectContaining({ status: 403 }));
      }),
    );
  });
});

describe('a presigned URL', () => {
  const scope = '20150830/us-east-1/service/aws4_request';
  const unsigned = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F${encodeURIComponent(scope)}&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host`;

  function presign(): SignedRequest {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const canonical = `GET\n/\n${unsigned}\nhost:example.amazonaws.com\n\nhost\n${hash('')}`;
    let key: Buffer = Buffer.from(`AWS4${secret}`);
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    const text = `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${hash(canonical)}`;
    const signature = createHmac('sha256', key).update(text).digest('hex');
    const headers = { host: 'example.amazonaws.com' };
    return { ...vanilla, headers, query: `${unsigned}&X-Amz-Signature=${signature}` };
  }

  test('is accepted until it expires', () => {
    expect(() => verify(presign(), signedAt + 60_000)).not.toThrow();
    expect(() => verify(presign(), signedAt + 60_001)).toThrow(/expired/);
  });

  test('says nothing about another query', () => {
    const request = presign();
    expect(() => verify({ ...request, query: `${request.query}&more=1` })).toThrow(/does not match/);
  });
});
