import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { temporaryDirectory } from '../test-cloud.ts';

const megabyte = 1024 * 1024;
/** A whole GB where somebody asks for it: the figures do not depend on it, the test's time does. */
const length = Number(process.env['DOWNLOAD_MB'] ?? 128) * megabyte;
const block = createHash('sha256').update('block').digest();
const pattern = Buffer.alloc(megabyte, block);

/** The line as a network sees it: all bytes that went to the vehicle, headers too; it breaks after so many of a file. */
async function server(cutEvery: number) {
  const sockets = new Set<Socket>();
  let gone = 0;
  const http = createServer((request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      ...{ etag: '"1"', 'content-length': length - from },
      ...(from > 0 && { 'content-range': `bytes ${from}-${length - 1}/${length}` }),
    });
    let at = from;
    const more = () => {
      while (at < length) {
        if (at - from >= cutEvery) return void response.destroy();
        const phase = at % megabyte;
        const part = pattern.subarray(phase, Math.min(megabyte, phase + length - at, phase + 65_536));
        at += part.length;
        if (!response.write(part)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      gone += socket.bytesWritten;
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/`,
    async written(): Promise<number> {
      for (const socket of sockets) socket.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      return gone;
    },
  };
}

test.for([
  { line: 'a clean line', cutEvery: Number.POSITIVE_INFINITY, overhead: 0.01 },
  { line: 'a line that breaks every 20 MB', cutEvery: 20_000_000, overhead: 0.05 },
])(
  'a download over $line adds at most 64 MB of memory, and few bytes',
  { timeout: 180_000 },
  async ({ cutEvery, overhead }) => {
    const directory = temporaryDirectory();
    const victim = join(directory, 'victim.mjs');
    const entryPoints = [fileURLToPath(new URL('./download-victim.ts', import.meta.url))];
    const how = { platform: 'node', format: 'esm', target: 'node20' } as const;
    await build({ ...how, entryPoints, outfile: victim, bundle: true });
    const whole = createHash('sha256');
    for (let at = 0; at < length; at += megabyte) whole.update(pattern);
    const { baseUrl, written } = await server(cutEvery);
    const args = [victim, baseUrl, 'image', String(length), whole.digest('hex'), join(directory, 'image')];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { added } = z.object({ added: z.number() }).parse(JSON.parse(stdout));
    const bytes = await written();
    if (process.env['DOWNLOAD_MB'] !== undefined) process.stdout.write(`${added / megabyte} MB, ${bytes / length}\n`);
    expect(added).toBeLessThan(64 * megabyte);
    expect(bytes).toBeGreaterThanOrEqual(length);
    expect(bytes).toBeLessThan(length * (1 + overhead));
  },
);
