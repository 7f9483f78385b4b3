import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareKeys, KeyIndex } from '#local/s3/key-index.ts';
import { type ListingRequest, listKeys } from '#local/s3/listing.ts';
import { readXml, writeXml } from '#local/s3/xml.ts';
import { localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ü', '😀', '\uffee'), minLength: 1, maxLength: 6 });

/** What S3's documentation says, without regard to cost. */
function plainly(keys: readonly string[], { prefix, delimiter }: Pick<ListingRequest, 'prefix' | 'delimiter'>) {
  const shown = keys.filter((one) => one.startsWith(prefix));
  const end = (one: string) => (delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length));
  return {
    keys: shown.filter((one) => end(one) < 0),
    commonPrefixes: [...new Set(shown.filter((one) => end(one) >= 0).map((one) => one.slice(0, end(one) + 1)))],
  };
}

describe('a list of keys', () => {
  test('stands in the order of UTF-8', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('page by page holds everything once, whatever the length of its pages', () => {
    const delimiters = fc.constantFrom('', '/');
    fc.assert(
      fc.property(
        fc.uniqueArray(key),
        fc.oneof(fc.constant(''), key),
        delimiters,
        fc.integer({ min: 1, max: 4 }),
        (some, prefix, delimiter, maximum) => {
          const index = new KeyIndex([]);
          for (const one of some) index.add(one);
          const keys: string[] = [];
          const commonPrefixes: string[] = [];
          let continuation: string | undefined;
          do {
            const page = listKeys(index, { prefix, delimiter, startAfter: '', continuation, maximum });
            expect(page.keys.length + page.commonPrefixes.length).toBeLessThanOrEqual(maximum);
            keys.push(...page.keys);
            commonPrefixes.push(...page.commonPrefixes);
            continuation = page.next;
          } while (continuation !== undefined);
          expect({ keys, commonPrefixes }).toEqual(plainly([...some].sort(compareKeys), { prefix, delimiter }));
        },
      ),
    );
  });

  test('begins behind the key that is named', () => {
    const index = new KeyIndex(['a', 'b', 'c/1', 'c/2', 'd']);
    const from = (startAfter: string, prefix = '') =>
      listKeys(index, { prefix, delimiter: '', startAfter, continuation: undefined, maximum: 9 }).keys;
    expect(from('b')).toEqual(['c/1', 'c/2', 'd']);
    expect(from('bb')).toEqual(['c/1', 'c/2', 'd']);
    expect(from('a', 'c/')).toEqual(['c/1', 'c/2']);
    expect(from('c/1', 'c/')).toEqual(['c/2']);
    expect(from('z')).toEqual([]);
  });

  test('reaches the real SDK through its pages', async () => {
    const s3 = await localS3({ directory: newDirectory() });
    await s3.create('AWS::S3::Bucket', 'transfers', {});
    const bucket = s3.buckets.find('transfers');
    const keys = Array.from({ length: 25 }, (_, number) => `exports/<${number}> & "more"`);
    const object = { size: 0, etag: 'e', segments: [], headers: {}, metadata: {} };
    for (const one of keys) bucket?.put(one, object, { requestId: 'r', requester: 'x', reason: 'PutObject' });
    const listed: unknown[] = [];
    const pages = paginateListObjectsV2(
      { client: s3.client, pageSize: 10 },
      { Bucket: 'transfers', Prefix: 'exports/' },
    );
    for await (const { Contents = [] } of pages) listed.push(...Contents.map(({ Key }) => Key));
    expect(listed).toEqual(keys.sort(compareKeys));
    await s3.close();
  });
});

describe('XML', () => {
  test('is read as it was written, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '<', '>', '&', '"', ';', '#', '\r', '\n', '\0', '😀', 'ü', ']') }),
        (text) => {
          const document = readXml(writeXml('Root', { Key: text, More: [1, 2] }));
          expect(document.children.map((child) => child.text)).toEqual([text, '1', '2']);
        },
      ),
    );
  });

  test.each(['', 'text', '<a>', '<a></b>', '<a/><b/>', '<!DOCTYPE a><a/>', '<a>&no;</a>', '<a b=c/>'])(
    '%s is refused as malformed',
    (text) => {
      expect(() => readXml(text)).toThrow(/XML/);
    },
  );
});
