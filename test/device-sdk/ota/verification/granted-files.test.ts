import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { grantedFiles, RetrievalFailed } from '#device-sdk/ota/verification/granted-files.ts';
import { RetrievalPace } from '#device-sdk/ota/verification/retrieval-pace.ts';
import type { FileSource } from '#shared/ota/uptane/file-source.ts';
import { attackIn } from '../../../support/uptane-world.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(listener: RequestListener, windowMs = 30_000): Promise<FileSource> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const grant = { baseUrl: `http://127.0.0.1:${port}/images/`, query: 'Signature=abc', expiresAt: 0 };
  return grantedFiles(grant, fetch, thisHost, { bytesPerSecond: 1024, windowMs });
}

test('a file is read below the grant’s address, with its query', async () => {
  let asked: string | undefined;
  const source = await serving((request, response) => {
    asked = request.url;
    response.end('{"signed":{}}');
  });

  expect(new TextDecoder().decode(await source.read('timestamp.json', 100))).toBe('{"signed":{}}');
  expect(asked).toBe('/images/timestamp.json?Signature=abc');
});

test('a file that is not there is none; any other answer is the network’s fault', async () => {
  const source = await serving((request, response) => {
    const [, status = ''] = /(\d+)/.exec(request.url ?? '') ?? [];
    response.statusCode = { '2': 404, '3': 403, '4': 403 }[status] ?? 503;
    response.end();
  });

  expect(await source.read('2.root.json', 100)).toBeUndefined();
  expect(await source.read('3.root.json', 100)).toBeUndefined();
  await expect(source.read('4.snapshot.json', 100)).rejects.toThrow(RetrievalFailed);
  await expect(source.read('timestamp.json', 100)).rejects.toThrow(RetrievalFailed);
});

test('scenario 3: endless data is cut off at the limit', async () => {
  const source = await serving((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  });

  expect(await attackIn(source.read('snapshot.json', 1_000_000))).toBe('endless-data');
});

test('scenario 3: slow retrieval is given up, whether bytes trickle or none come', async () => {
  const silent = await serving((_request, response) => response.flushHeaders(), 50);
  expect(await attackIn(silent.read('snapshot.json', 1_000_000))).toBe('slow-retrieval');

  const pace = new RetrievalPace(0, { bytesPerSecond: 1024, windowMs: 30_000 });
  for (let second = 1; second < 30; second += 1) pace.arrived(900, second * 1000);
  expect(() => pace.arrived(900, 30_000)).toThrow('slow-retrieval');
});

test('a server that is not there is the network’s fault', async () => {
  const source = await serving(() => {});
  server?.close();

  await expect(source.read('timestamp.json', 100)).rejects.toThrow(RetrievalFailed);
});
