import { createHash, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { type DownloadParts, download } from '#device-sdk/ota/download/download.ts';
import { ImageStore } from '#device-sdk/ota/download/image-store.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import { RateLimit } from '#device-sdk/ota/download/rate-limit.ts';
import { retryPause } from '#device-sdk/ota/download/retry-pause.ts';
import type { VerifiedImage } from '#device-sdk/ota/verification/verified-update.ts';
import { temporaryDirectory } from '../test-cloud.ts';
import { FileServer } from './file-server.ts';
import { vcdiff } from './vcdiff.ts';

const megabyte = 1024 * 1024;
const forEver = new AbortController().signal;

function bytes(length: number): Buffer {
  return randomFillSync(Buffer.alloc(length));
}

function hash(content: Uint8Array, algorithm = 'sha256'): string {
  return createHash(algorithm).update(content).digest('hex');
}

async function scene(content: Uint8Array) {
  const server = await FileServer.open();
  server.files.set('engine.bin', content);
  const path = join(temporaryDirectory(), 'image');
  const log: string[] = [];
  const expected = {
    path: 'engine.bin',
    length: content.length,
    hashes: { sha256: hash(content), sha512: hash(content, 'sha512') },
  };
  const parts: DownloadParts = {
    request: overHttp(),
    grant: async () => server.grant(),
    // Minutes of waiting pass at once.
    host: { monotonic: () => performance.now(), after: (ms, fire) => thisHost.after(ms >= 30_000 ? ms : 0, fire) },
    log: (line) => log.push(line),
  };
  return { server, path, expected, parts, log, there: () => readFileSync(path).equals(content) };
}

describe('14. A download resumes after its URL expired, over a corrupt CDN byte, with a source that changed in mid-range', () => {
  test('over a line that breaks again and again, with hardly a byte twice', async () => {
    const { server, path, expected, parts, there } = await scene(bytes(10 * megabyte));
    server.mishap = () => ({ cutAfter: megabyte });
    await download(expected, path, parts, forEver);
    expect(there()).toBe(true);
    expect(server.asked.length).toBeGreaterThanOrEqual(10);
    expect(server.sent).toBeLessThan(expected.length * 1.05);
  });

  test('when its address has expired, with another one', async () => {
    const { server, path, expected, parts, there } = await scene(bytes(megabyte));
    server.mishap = (request) => [{ cutAfter: 300_000 }, { status: 403 }, undefined][request - 1];
    let grants = 0;
    const grant: DownloadParts['grant'] = async (expired) => {
      if (expired !== undefined) grants += 1;
      return server.grant(`key=${grants}`);
    };
    await download(expected, path, { ...parts, grant }, forEver);
    expect(there()).toBe(true);
    expect(server.asked.map(({ query }) => query)).toEqual(['key=0', 'key=0', 'key=1']);
    expect(server.asked[2]?.range).toMatch(/^bytes=[1-9]/);
  });

  test('over a wrong byte: all of it again, past whoever keeps a wrong copy', async () => {
    const { server, path, expected, parts, there, log } = await scene(bytes(megabyte));
    server.mishap = (request) => (request === 1 ? { wrongByteAt: 400_000 } : undefined);
    await download(expected, path, parts, forEver);
    expect(there()).toBe(true);
    expect(log.join()).toContain('wrong-hash');
    expect(server.asked.map(({ range, noCache }) => [range, noCache])).toEqual([
      [undefined, false],
      [undefined, true],
    ]);
  });

  test('with a source that changed in mid-range: nothing of the one is mixed with the other', async () => {
    const { server, path, expected, parts, there } = await scene(bytes(megabyte));
    const right = server.files.get('engine.bin') ?? Buffer.alloc(0);
    server.files.set('engine.bin', bytes(megabyte));
    server.mishap = (request) => {
      if (request > 1) server.files.set('engine.bin', right);
      return request === 1 ? { cutAfter: 400_000 } : undefined;
    };
    await download(expected, path, parts, forEver);
    expect(there()).toBe(true);
    expect(server.asked).toHaveLength(2);
  });

  test('after a crash, from the last whole piece on; a piece that only looks whole is read again', async () => {
    const { server, path, expected, parts, there } = await scene(bytes(4 * megabyte));
    const crash = new AbortController();
    const arrived = (count: number) => {
      if (count > 3 * megabyte) crash.abort(new Error('crash'));
    };
    await expect(download(expected, path, { ...parts, arrived }, crash.signal)).rejects.toThrow('crash');
    // The file system kept the length of the tail and lost its bytes.
    await truncate(`${path}.part`, 2 * megabyte);
    await truncate(`${path}.part`, 3 * megabyte);
    await download(expected, path, parts, forEver);
    expect(there()).toBe(true);
    expect(server.asked[1]?.range).toBe(`bytes=${2 * megabyte}-`);
  });
});

describe('13. 900,000 cars reconnect at once: jitter, budget, 429s', () => {
  test('a busy server is left alone for as long as it asks, and then not by all cars at one moment', async () => {
    const { server, path, expected, parts, there } = await scene(bytes(1000));
    server.mishap = (request) => (request <= 2 ? { status: 429, headers: { 'retry-after': '20' } } : undefined);
    const waited: number[] = [];
    const host = {
      ...parts.host,
      after: (ms: number, fire: () => void) => {
        if (ms !== 30_000) waited.push(ms);
        return thisHost.after(ms === 30_000 ? ms : 0, fire);
      },
    };
    await download(expected, path, { ...parts, host, random: () => 0.5 }, forEver);
    expect(there()).toBe(true);
    expect(waited).toEqual([25_000, 25_000]);
    expect([0, 0.5, 1].map((random) => retryPause(3, random))).toEqual([0, 4000, 8000]);
    expect(retryPause(40, 1)).toBe(300_000);
  });
});

describe('3. Endless data and slow retrieval are each detected and named', () => {
  test('more bytes than were signed are not taken', async () => {
    const { server, path, expected, parts } = await scene(bytes(1000));
    server.mishap = () => ({ endless: true });
    await expect(download(expected, path, parts, forEver)).rejects.toMatchObject({ attack: 'endless-data' });
  });

  test('a byte now and then is no download', async () => {
    const { server, path, expected, parts } = await scene(bytes(1000));
    server.mishap = () => ({ everyMs: 2 });
    const pace = { bytesPerSecond: 1_000_000, windowMs: 30 };
    const host = {
      ...parts.host,
      after: (ms: number, fire: () => void) => thisHost.after(ms === 30 ? 30_000 : 0, fire),
    };
    await expect(download(expected, path, { ...parts, host, pace }, forEver)).rejects.toMatchObject({
      attack: 'slow-retrieval',
    });
  });

  test('what is wrong time and again is not asked for any more', async () => {
    const { server, path, expected, parts } = await scene(bytes(1000));
    server.files.set('engine.bin', bytes(1000));
    await expect(download(expected, path, parts, forEver)).rejects.toMatchObject({ attack: 'wrong-hash' });
    expect(server.asked).toHaveLength(3);
  });
});

test('a download leaves room for others: it takes no more than its share', async () => {
  const { path, expected, parts, there } = await scene(bytes(megabyte));
  let clock = 0;
  const host = {
    monotonic: () => clock,
    after(ms: number, fire: () => void) {
      if (ms >= 30_000) return () => {};
      clock += ms;
      return thisHost.after(0, fire);
    },
  };
  await download(expected, path, { ...parts, host, limit: new RateLimit(megabyte / 10, host) }, forEver);
  expect(there()).toBe(true);
  expect(clock).toBeGreaterThan(9_500);
  expect(clock).toBeLessThan(10_500);
});

describe('15. A delta against the wrong base falls back to the full image; the rebuilt image’s hash is checked', () => {
  async function deltaScene(made: (source: Buffer, target: Buffer) => Buffer) {
    const source = bytes(64 * 1024);
    const target = Buffer.concat([source.subarray(0, 40_000), bytes(20_000), source.subarray(60_000)]);
    const { server, parts, log } = await scene(target);
    const delta = made(source, target);
    server.files.set('engine.delta', delta);
    const image: VerifiedImage = {
      ...{ ecuId: 'engine', hardwareId: 'engine-1', softwareVersion: '2.0.0', releaseCounter: 2 },
      ...{
        path: 'engine.bin',
        length: target.length,
        hashes: { sha256: hash(target), sha512: hash(target, 'sha512') },
      },
      delta: { path: 'engine.delta', length: delta.length, fromSha256: hash(source), sha256: hash(delta) },
    };
    const store = new ImageStore(temporaryDirectory(), (line) => log.push(line));
    const there = async () => {
      const blocks: Uint8Array[] = [];
      for await (const block of store.blocks(hash(target), 1000)) blocks.push(block);
      return Buffer.concat(blocks).equals(target);
    };
    const from = (base: Buffer) => (offset: number, length: number) =>
      Promise.resolve(base.subarray(offset, offset + length));
    return { server, parts, log, image, store, there, source, from };
  }

  test.for([false, true])('from the right base only the delta is fetched (with checksums: %s)', async (checksums) => {
    const { server, parts, image, store, there, source, from } = await deltaScene((base, target) =>
      vcdiff(base, target, 4096, checksums),
    );
    await store.fetch(image, from(source), parts, forEver);
    expect(await there()).toBe(true);
    expect(server.asked.map(({ path }) => path)).toEqual(['engine.delta']);
  });

  test('from the wrong base, and from a delta that is none, the whole image is fetched', async () => {
    for (const made of [vcdiff, (base: Buffer) => base.subarray(0, 500)]) {
      const { server, parts, image, store, there, from, log } = await deltaScene(made);
      await store.fetch(image, from(bytes(64 * 1024)), parts, forEver);
      expect(await there()).toBe(true);
      expect(server.asked.map(({ path }) => path)).toEqual(['engine.delta', 'engine.bin']);
      expect(log.join()).toContain('the whole image is fetched');
    }
  });

  test('what was fetched is not fetched again, unless the disk has lost a bit of it', async () => {
    const { server, parts, image, store, there } = await deltaScene(vcdiff);
    const { delta: _, ...whole } = image;
    await store.fetch(whole, undefined, parts, forEver);
    await store.fetch(whole, undefined, parts, forEver);
    expect(server.asked).toHaveLength(1);
    expect(await there()).toBe(true);
  });
});

test('an image that does not fit on the disk is not begun', async () => {
  const { parts } = await scene(bytes(10));
  const directory = temporaryDirectory();
  await writeFile(join(directory, 'other'), 'x');
  const store = new ImageStore(directory, () => {});
  const image: VerifiedImage = {
    ...{ ecuId: 'engine', hardwareId: 'engine-1', softwareVersion: '2.0.0', releaseCounter: 2 },
    ...{ path: 'engine.bin', length: 2 ** 50, hashes: { sha256: hash(Buffer.alloc(1)) } },
  };
  await expect(store.fetch(image, undefined, parts, forEver)).rejects.toThrow('bytes are free');
});
