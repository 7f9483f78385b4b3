import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Resolve } from '#functions/adapters/webhooks/checked-lookup.ts';
import { type CallerOptions, HttpsCaller } from '#functions/adapters/webhooks/https-caller.ts';
import { type Authority, openAuthority } from '#local/iot/authority/authority.ts';
import { listenOnLoopback } from '#local/loopback.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-'));
const closing: (() => void)[] = [];
let authority: Authority;

beforeAll(async () => {
  authority = await openAuthority(directory);
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listenOnLoopback(server, 0);
}

/** A receiver on this machine, and what calling it comes to. */
async function called(answer: RequestListener, options: Partial<CallerOptions> = {}) {
  const port = await listening(createHttp(answer));
  return new HttpsCaller({ allowLoopback: true, patience: 2000, ...options }).call(
    ...[`http://127.0.0.1:${port}/hook`, { 'webhook-id': 'dlv-1' }, '{"type":"x"}'],
  );
}

test('a message arrives as it was signed, byte by byte, over TLS to the name that was asked for', async () => {
  const heard: object[] = [];
  const { certificatePem: cert, privateKeyPem: key } = authority.server;
  const server = createHttps({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { host, 'webhook-id': id, 'content-type': type } = request.headers;
      heard.push({ body: Buffer.concat(chunks).toString(), host, id, type, method: request.method });
      response.writeHead(204).end();
    });
  });
  const port = await listening(server);
  const caller = new HttpsCaller({ allowLoopback: true, ca: authority.caPem });
  const body = '{"type":"vehicle.retired","data":{"model":"Škoda ❤"}}';
  const url = `https://localhost:${port}/hook`;
  expect(await caller.call(url, { 'webhook-id': 'dlv-1' }, body)).toEqual({
    ...{ kind: 'answered', status: 204, isPage: false },
  });
  expect(heard).toEqual([{ body, host: `localhost:${port}`, id: 'dlv-1', type: 'application/json', method: 'POST' }]);
  const stranger = new HttpsCaller({ allowLoopback: true });
  expect(await stranger.call(url, {}, body)).toEqual({ kind: 'failed', reason: 'receiver-certificate' });
  expect(heard).toHaveLength(1);
});

test('a redirect is not followed', async () => {
  let calls = 0;
  const outcome = await called((_, response) => {
    calls += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect([outcome, calls]).toEqual([{ kind: 'answered', status: 307, isPage: false }, 1]);
});

test.each([
  ['by its media type', 'text/html; charset=utf-8', 'Sorry'],
  ['by how it begins', 'application/json', '\n<!DOCTYPE html><title>Sorry</title>'],
])('a page is known %s', async (_, type, text) => {
  const outcome = await called((_request, response) => response.writeHead(200, { 'content-type': type }).end(text));
  expect(outcome).toEqual({ kind: 'answered', status: 200, isPage: true });
});

test('a receiver that hangs, and one that drips its answer, cost no more than the time that was set', async () => {
  const hangs = await called(() => {}, { patience: 100 });
  const drips = await called(
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    },
    { patience: 100 },
  );
  expect([hangs, drips]).toEqual(Array(2).fill({ kind: 'failed', reason: 'receiver-timeout' }));
});

test('of an answer without an end the beginning is read, and then the line is cut', async () => {
  let sent = 0;
  const outcome = await called((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  expect(outcome).toEqual({ kind: 'answered', status: 200, isPage: false });
  expect(sent).toBeLessThan(20_000_000);
});

test('a line that breaks, before an answer or inside it, is no answer', async () => {
  const before = await called((request) => request.socket.destroy());
  const inside = await called((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setImmediate(() => response.destroy());
  });
  expect([before, inside]).toEqual(Array(2).fill({ kind: 'failed', reason: 'receiver-unreachable' }));
});

test('what is no HTTP is called nonsense, and headers without an end are no way around', async () => {
  for (const text of ['SSH-2.0-OpenSSH\r\n', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`]) {
    const port = await listening(createTcp((socket) => void socket.end(text)));
    const caller = new HttpsCaller({ allowLoopback: true });
    const outcome = await caller.call(`http://127.0.0.1:${port}/`, {}, '{}');
    expect(outcome).toEqual({ kind: 'failed', reason: 'receiver-nonsense' });
  }
});

const resolving =
  (...rounds: string[][]): Resolve =>
  (_, answer) =>
    answer(
      null,
      (rounds.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

test('a name that leads inside is not called, also where one address of many does, or it led elsewhere before', async () => {
  let calls = 0;
  const port = await listening(
    createHttp((_, response) => {
      calls += 1;
      response.end();
    }),
  );
  const url = 'https://rebound.example.com:8443/';
  for (const resolve of [
    resolving(['127.0.0.1']),
    resolving(['10.0.0.1']),
    resolving(['::1']),
    resolving(['8.8.8.8', '169.254.169.254']),
  ]) {
    const outcome = await new HttpsCaller({ allowLoopback: false, resolve }).call(url, {}, '{}');
    expect(outcome).toEqual({ kind: 'failed', reason: 'receiver-address-refused' });
  }
  // The first look is the only one: a second answer of the name's servers is never asked for.
  let looks = 0;
  const counted: Resolve = (host, answer) => {
    looks += 1;
    resolving(['127.0.0.1'])(host, answer);
  };
  const allowed = new HttpsCaller({ allowLoopback: true, resolve: counted });
  expect(await allowed.call(`http://localhost:${port}/`, {}, '{}')).toMatchObject({ kind: 'answered', status: 200 });
  expect([calls, looks]).toEqual([1, 1]);
  const strict = new HttpsCaller({ allowLoopback: false });
  for (const plain of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:8443/`, 'https://[::1]/']) {
    expect(await strict.call(plain, {}, '{}')).toEqual({ kind: 'failed', reason: 'receiver-address-refused' });
  }
});

test('a name that nobody knows and a port where nobody listens are told apart', async () => {
  const caller = new HttpsCaller({ allowLoopback: true, resolve: resolving([]) });
  expect(await caller.call('https://partner.example.com/', {}, '{}')).toEqual({
    ...{ kind: 'failed', reason: 'receiver-unknown' },
  });
  const port = await listening(createTcp());
  for (const close of closing.splice(0)) close();
  expect(await caller.call(`http://127.0.0.1:${port}/`, {}, '{}')).toEqual({
    ...{ kind: 'failed', reason: 'receiver-unreachable' },
  });
});
