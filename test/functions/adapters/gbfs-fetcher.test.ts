import { createServer, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpGbfsFetcher } from '#functions/adapters/partners/gbfs-fetcher.ts';
import { listenOnLoopback } from '#local/loopback.ts';

type Answering = (response: ServerResponse) => void;

/** Fifty megabytes that come as fifty kilobytes. */
const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
const drips: NodeJS.Timeout[] = [];

const bad: Readonly<Record<string, Answering>> = {
  'file-too-slow': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    drips.push(setInterval(() => response.write(' '), 20));
  },
  'file-too-large': (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  },
  'file-unreachable': (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"data"', () => response.destroy());
  },
  'file-redirects': (response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  },
};

describe('what a partner publishes', () => {
  let url = '';
  const server = createServer(({ url: path = '' }, response) => bad[path.slice(1)]?.(response));
  beforeAll(async () => {
    url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  });
  afterAll(() => {
    for (const drip of drips) clearInterval(drip);
    server.closeAllConnections();
    server.close();
  });

  test.each(Object.keys(bad))(
    'is named for what it is, and waited for no longer, where it is none (%s)',
    async (code) => {
      const patience = code === 'file-too-slow' ? 200 : 8_000;
      const fetcher = new HttpGbfsFetcher({ allowLoopback: true }, patience);
      expect(await fetcher.get(`${url}/${code}`)).toMatchObject({ kind: 'failed', code });
    },
  );

  test.each([
    ...['http://127.0.0.1:1/', 'https://169.254.169.254/', 'https://[::1]/', 'https://[::ffff:a00:1]/'],
    ...[
      'https://2852039166/',
      'https://0xa9.0xfe.0xa9.0xfe/',
      'https://metadata.google.internal/',
      'file:///etc/passwd',
    ],
  ])('is not asked for at %s', async (address) => {
    const fetcher = new HttpGbfsFetcher({ allowLoopback: false });
    expect(await fetcher.get(address)).toMatchObject({ kind: 'failed', code: 'file-address-refused' });
  });
});
