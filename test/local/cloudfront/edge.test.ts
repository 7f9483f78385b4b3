import { generateKeyPairSync } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { distribution, localEdge, pem, signed } from './local-edge.ts';

type LocalEdge = Awaited<ReturnType<typeof localEdge>>;

const simpleCors = '60669652-455b-4ae9-85a4-c4c02393f86c';
const uncached = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const large = Buffer.alloc(3 * 1024 * 1024, 'image ');
let edge: LocalEdge;
let keyPairId = '';

beforeAll(async () => {
  edge = await localEdge();
  const key = { PublicKeyConfig: { CallerReference: 'k', Name: 'k', EncodedKey: pem() } };
  keyPairId = (await edge.create('AWS::CloudFront::PublicKey', 'key', key))?.ref ?? '';
  const group = { KeyGroupConfig: { Name: 'g', Items: [keyPairId] } };
  const groupId = (await edge.create('AWS::CloudFront::KeyGroup', 'group', group))?.ref;
  const trusted = { TrustedKeyGroups: [groupId] };
  const first = distribution({}, trusted).DistributionConfig.DefaultCacheBehavior;
  const properties = distribution(
    { CacheBehaviors: [{ ...first, PathPattern: 'repository/*', CachePolicyId: uncached }] },
    trusted,
  );
  await edge.create('AWS::CloudFront::Distribution', 'distribution', properties);
  await edge.allow('arn:aws:s3:::updates/*');
  await edge.put('images/engine.bin', large);
  await edge.put('images/small.bin', 'small');
  await edge.put('repository/timestamp.json', '{"version":1}');
});
beforeEach(() => edge.faults.endAll());
afterAll(() => edge.close());

const hour = 3_600_000;
const grant = (path: string, until = edge.clock.now() + hour, resource = `${edge.base}images/*`) =>
  signed(`${edge.base}${path}`, keyPairId, until, resource);

describe('a signed address', () => {
  test('opens everything below its resource, and nothing beside it', async () => {
    expect((await edge.get(grant('images/engine.bin'))).bytes.equals(large)).toBe(true);
    expect((await edge.get(grant('repository/timestamp.json'))).status).toBe(403);
  });

  test('ends when its time is over by the clock of the cloud', async () => {
    const url = grant('images/small.bin', edge.clock.now() + 60_000);
    expect((await edge.get(url)).status).toBe(200);
    edge.clock.runAhead(edge.clock.ahead + 61_000);
    expect((await edge.get(url)).status).toBe(403);
  });

  test('that is missing, of another key, or changed is refused', async () => {
    const bare = await edge.get(`${edge.base}images/small.bin`);
    expect(bare).toMatchObject({ status: 403 });
    expect(bare.bytes.toString()).toContain('MissingKey');
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const url = `${edge.base}images/small.bin`;
    const forged = signed(url, keyPairId, edge.clock.now() + hour, url, stranger);
    expect((await edge.get(forged)).status).toBe(403);
    const sha1 = grant('images/small.bin').replace('&Hash-Algorithm=SHA256', '');
    expect((await edge.get(sha1)).status).toBe(403);
    expect((await edge.get(grant('images/small.bin').replace(/Policy=\w{8}/, 'Policy=AAAAAAAA'))).status).toBe(403);
  });
});

describe('the bytes', () => {
  test('come by ranges, of the file that the reader began with or of none', async () => {
    const url = grant('images/engine.bin');
    const part = await edge.get(url, { range: 'bytes=1000000-1000009' });
    expect(part).toMatchObject({ status: 206, bytes: large.subarray(1_000_000, 1_000_010) });
    expect(part.headers['content-range']).toBe(`bytes 1000000-1000009/${large.length}`);
    const etag = String(part.headers['etag']);
    expect((await edge.get(url, { range: 'bytes=5-6', 'if-range': etag })).status).toBe(206);
    const other = await edge.get(url, { range: 'bytes=5-6', 'if-range': '"another"' });
    expect({ status: other.status, length: other.bytes.length }).toEqual({ status: 200, length: large.length });
    expect((await edge.get(url, { range: `bytes=${large.length}-` })).status).toBe(416);
    expect((await edge.get(url, { 'if-none-match': etag })).status).toBe(304);
    expect(await edge.get(url, {}, 'HEAD')).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
    expect((await edge.get(url, {}, 'DELETE')).status).toBe(405);
  });

  test('stay in the edge as long as its policy has it, and not a moment where it has it so', async () => {
    const small = () => edge.get(grant('images/small.bin'));
    const timestamp = () => edge.get(grant('repository/timestamp.json', undefined, `${edge.base}repository/*`));
    await small();
    await edge.put('images/small.bin', 'other');
    await edge.put('repository/timestamp.json', '{"version":2}');
    expect((await small()).headers['x-cache']).toBe('Hit from cloudfront');
    expect((await small()).bytes.toString()).toBe('small');
    expect((await timestamp()).bytes.toString()).toBe('{"version":2}');
    edge.clock.runAhead(edge.clock.ahead + 25 * hour);
    expect((await small()).bytes.toString()).toBe('other');
  });

  test('are refused where the bucket does not let the distribution in, or has none', async () => {
    expect((await edge.get(grant('images/missing.bin'))).status).toBe(403);
    await edge.allow('arn:aws:s3:::updates/*', 'arn:aws:cloudfront::000000000000:distribution/OTHER');
    expect((await edge.get(grant('images/engine.bin'))).status).toBe(403);
    await edge.allow('arn:aws:s3:::updates/*');
  });
});

describe('what everybody may read', () => {
  const text = JSON.stringify({ vehicles: Array.from({ length: 200 }, (_, index) => ({ index })) });

  beforeAll(async () => {
    const open = { ViewerProtocolPolicy: 'redirect-to-https', Compress: true, ResponseHeadersPolicyId: simpleCors };
    await edge.create('AWS::CloudFront::Distribution', 'open', distribution({}, open));
    await edge.put('gbfs/gbfs.json', text, { ContentType: 'application/json', CacheControl: 'public, max-age=5' });
  });

  test('is read without a signature at an address of its own, by pages of any origin, and by nobody where it is signed', async () => {
    const got = await edge.get(`${edge.openBase}gbfs/gbfs.json`);
    expect(got).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': '*' } });
    expect(got.bytes.toString()).toBe(text);
    expect((await edge.get(`${edge.base}gbfs/gbfs.json`)).status).toBe(403);
    expect((await edge.get(`${edge.openBase}gbfs/missing.json`)).status).toBe(403);
  });

  test('comes compressed to whoever takes it so, and is told from another by a weak tag', async () => {
    const url = `${edge.openBase}gbfs/gbfs.json`;
    const plain = await edge.get(url);
    for (const [accepted, encoding, unpacked] of [
      ['gzip, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
    ] as const) {
      const { headers, bytes } = await edge.get(url, { 'accept-encoding': accepted });
      expect(headers).toMatchObject({ 'content-encoding': encoding, etag: `W/${plain.headers['etag']}` });
      expect(bytes.length).toBeLessThan(text.length / 2);
      expect(unpacked(bytes).toString()).toBe(text);
    }
    const known = await edge.get(url, { 'accept-encoding': 'gzip', 'if-none-match': `W/${plain.headers['etag']}` });
    expect(known.status).toBe(304);
  });

  test('is as old as its file says at the most', async () => {
    await edge.get(`${edge.openBase}gbfs/gbfs.json`);
    await edge.put('gbfs/gbfs.json', 'other', { ContentType: 'application/json', CacheControl: 'public, max-age=5' });
    expect((await edge.get(`${edge.openBase}gbfs/gbfs.json`)).bytes.toString()).toBe(text);
    edge.clock.runAhead(edge.clock.ahead + 5_001);
    expect((await edge.get(`${edge.openBase}gbfs/gbfs.json`)).bytes.toString()).toBe('other');
  });
});

describe('a fault on the way', () => {
  test('breaks the connection in the midst, or lets nothing through', async () => {
    edge.faults.plan({ kind: 'cut', hop: 'cdn', label: 'GET /images/*', when: 'after', times: 1 });
    const cut = await edge.get(grant('images/engine.bin'));
    expect(cut).toMatchObject({ status: 200, broken: true });
    expect(cut.bytes.length).toBeLessThan(large.length);
    edge.faults.plan({ kind: 'drop', hop: 'cdn', times: 1 });
    await expect(edge.get(grant('images/engine.bin'))).rejects.toThrow();
    expect((await edge.get(grant('images/engine.bin'))).bytes.equals(large)).toBe(true);
  });

  test('damages one byte and says nothing of it', async () => {
    edge.faults.plan({ kind: 'corrupt', hop: 'cdn', times: 1 });
    const { bytes, status } = await edge.get(grant('images/engine.bin'));
    expect(status).toBe(200);
    expect([...bytes].filter((byte, index) => byte !== large[index])).toHaveLength(1);
  });

  test('answers with an error of its own', async () => {
    edge.faults.plan({ kind: 'fail', hop: 'cdn', error: 'ServiceUnavailable', times: 1 });
    expect((await edge.get(grant('images/small.bin'))).status).toBe(503);
  });
});

describe('what the edge does not understand stops the start', () => {
  test.each([
    ['another cache policy', {}, { CachePolicyId: 'x' }],
    ['functions at the edge', {}, { LambdaFunctionAssociations: [] }],
    ['plain HTTP', {}, { ViewerProtocolPolicy: 'allow-all' }],
    ['a place on earth', { Restrictions: { GeoRestriction: { RestrictionType: 'none' } } }, {}],
  ])('%s', async (_, more, behaviour) => {
    const made = edge.create('AWS::CloudFront::Distribution', 'other', distribution(more, behaviour));
    await expect(made).rejects.toThrow('does not understand this distribution');
  });
});
