import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Fate } from '#local/faults/faults.ts';
import { injectedError } from '#local/faults/known-errors.ts';
import { PartnerCloud } from './partner-cloud.ts';

let cloud: PartnerCloud;

const echo = 'export const handler = async (event) => ({ event });';
const answers = `
  const answers = {
    '/string': 'just text',
    '/object': { hello: 'world' },
    '/null': null,
    '/full': {
      statusCode: 201,
      headers: { 'X-Number': 7, 'Content-Type': 'text/csv' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'a;b',
    },
    '/binary': { statusCode: 200, isBase64Encoded: true, body: Buffer.from([0, 255, 1]).toString('base64') },
    '/no-content': { statusCode: 204 },
    '/text-status': { statusCode: '202', body: '' },
    '/bad-status': { statusCode: 'fine' },
    '/bad-body': { statusCode: 200, body: { a: 1 } },
    '/bad-header': { statusCode: 200, headers: { 'a b': 'c' } },
  };
  export const handler = async (event) => {
    if (event.rawPath === '/throws') throw new Error('no');
    if (event.rawPath === '/slow') await new Promise((resolve) => setTimeout(resolve, 1000));
    return answers[event.rawPath];
  };
`;

beforeAll(async () => {
  cloud = await PartnerCloud.start();
  await cloud.api();
  const target = await cloud.integration('echo', echo);
  await cloud.route('ANY /echo/{proxy+}', target);
  await cloud.route('GET /vehicles/{vehicleId}/twins/{name}', target);
  await cloud.route('$default', await cloud.integration('answers', answers, { TimeoutInMillis: 300 }));
  await cloud.route('GET /guarded', await cloud.integration('guarded', echo, {}, '*/*/elsewhere'));
  await cloud.route('GET /permitted', await cloud.integration('permitted', echo, {}, '*/GET/permitted'));
  cloud.server.open();
});

afterAll(() => cloud.end());

async function eventOf(path: string, init: RequestInit = {}) {
  const response = await fetch(cloud.url + path, init);
  return Object(await response.json()).event;
}

test('the event has the shape of payload format 2.0', async () => {
  const body = JSON.stringify({ vin: 'A' });
  const event = await eventOf('/echo/a%20b/c?x=1&x=2&y=%20z&empty=', {
    method: 'POST',
    headers: { 'content-type': 'application/json', Cookie: 'a=1; b=2', 'X-Trace': 'T', 'user-agent': 'test' },
    body,
  });
  const host = new URL(cloud.url).host;
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'ANY /echo/{proxy+}',
    rawPath: '/echo/a b/c',
    rawQueryString: 'x=1&x=2&y=%20z&empty=',
    cookies: ['a=1', 'b=2'],
    headers: expect.objectContaining({
      host,
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-trace': 'T',
      'user-agent': 'test',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': new URL(cloud.url).port,
      'x-forwarded-proto': 'http',
    }),
    queryStringParameters: { x: '1,2', y: ' z', empty: '' },
    requestContext: {
      accountId: '000000000000',
      apiId: cloud.apiId,
      domainName: host,
      domainPrefix: '127',
      http: { method: 'POST', path: '/echo/a b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: expect.stringMatching(/^\w{15}=$/),
      routeKey: 'ANY /echo/{proxy+}',
      stage: '$default',
      time: '15/Jan/2026:12:00:00 +0000',
      timeEpoch: Date.UTC(2026, 0, 15, 12),
    },
    pathParameters: { proxy: 'a b/c' },
    body,
    isBase64Encoded: false,
  });
  expect(event.headers).not.toHaveProperty('cookie');
  expect(event.headers).not.toHaveProperty('connection');
});

test('a request without query, cookies and body has no such members', async () => {
  const event = await eventOf('/vehicles/veh-1/twins/climate');
  expect(event.pathParameters).toEqual({ vehicleId: 'veh-1', name: 'climate' });
  expect(event.isBase64Encoded).toBe(false);
  for (const member of ['body', 'cookies', 'queryStringParameters', 'stageVariables']) {
    expect(event).not.toHaveProperty(member);
  }
});

test('a header that comes twice is joined by a comma', async () => {
  const headers = new Headers([
    ['x-brand', 'audi'],
    ['x-brand', 'seat'],
  ]);
  expect((await eventOf('/echo/x', { headers })).headers['x-brand']).toMatch(/^audi, ?seat$/);
});

test('a binary body arrives in base64, a text body as text', async () => {
  const binary = new Uint8Array([0, 255, 254, 10]);
  const sent = await eventOf('/echo/x', {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: binary,
  });
  expect(sent).toMatchObject({ isBase64Encoded: true, body: Buffer.from(binary).toString('base64') });
  for (const type of ['text/plain', 'application/problem+json', 'application/xml; charset=utf-8']) {
    const text = await eventOf('/echo/x', { method: 'PUT', headers: { 'content-type': type }, body: 'Škoda' });
    expect(text).toMatchObject({ isBase64Encoded: false, body: 'Škoda' });
  }
});

const statuses: readonly [path: string, status: number, type: string | null, body: string][] = [
  ['/string', 200, 'application/json', 'just text'],
  ['/object', 200, 'application/json', '{"hello":"world"}'],
  ['/null', 200, 'application/json', 'null'],
  ['/full', 201, 'text/csv', 'a;b'],
  ['/text-status', 202, 'text/plain; charset=utf-8', ''],
  ['/bad-status', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ['/bad-body', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ['/bad-header', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ['/throws', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ['/slow', 503, 'application/json', '{"message":"Service Unavailable"}'],
  ['/guarded', 500, 'application/json', '{"message":"Internal Server Error"}'],
];

test.each(statuses)('%s is answered with %i', async (path, status, type, body) => {
  const response = await fetch(cloud.url + path);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('apigw-requestid')).toMatch(/^\w{15}=$/);
  expect(await response.text()).toBe(body);
});

test('headers, cookies and binary bodies of the function reach the client', async () => {
  const full = await fetch(`${cloud.url}/full`);
  expect(full.headers.get('x-number')).toBe('7');
  expect(full.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  const binary = await fetch(`${cloud.url}/binary`);
  expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0, 255, 1]);
  expect((await fetch(`${cloud.url}/no-content`)).status).toBe(204);
  const head = await fetch(`${cloud.url}/string`, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe('9');
});

test('the permission of a function names the routes that may call it', async () => {
  expect((await fetch(`${cloud.url}/permitted`)).status).toBe(200);
  expect((await fetch(`${cloud.url}/guarded`)).status).toBe(500);
  expect(cloud.lines).toContainEqual(expect.stringContaining('not authorized to perform: lambda:InvokeFunction'));
});

test('a body above ten megabytes is too large, and the connection goes on', async () => {
  const response = await fetch(`${cloud.url}/echo/x`, { method: 'POST', body: new Uint8Array(10 * 1024 * 1024 + 1) });
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
  // Lambda takes 6 MB; what lies between the two limits is too large, too.
  const between = await fetch(`${cloud.url}/echo/x`, { method: 'POST', body: 'x'.repeat(7_000_000) });
  expect(between.status).toBe(413);
  expect((await fetch(`${cloud.url}/string`)).status).toBe(200);
});

test('a malformed escape in the path is a bad request', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1', () => {
      socket.write('GET /echo/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test('a fault on the way fails, breaks or doubles a request', async () => {
  const seen: string[] = [];
  cloud.faults = {
    at(hop, label) {
      seen.push(`${hop} ${label}`);
      return { kind: 'fail', error: new Error('injected') };
    },
  };
  expect((await fetch(`${cloud.url}/string`)).status).toBe(500);
  expect(seen).toEqual(['http $default']);
  cloud.faults = { at: () => ({ kind: 'drop' }) };
  await expect(fetch(`${cloud.url}/string`)).rejects.toThrow();
  cloud.faults = { at: () => ({ kind: 'duplicate' }) };
  expect((await fetch(`${cloud.url}/string`)).status).toBe(200);
  cloud.faults = { at: () => ({ kind: 'deliver' }) };
});

test('a fault cuts a request off, lets it hang, or throttles it', async () => {
  let calls = 0;
  const meets = (fate: Fate) => {
    cloud.faults = { at: (hop) => (hop === 'http' ? fate : { kind: 'deliver' }) };
    cloud.functions.faults = {
      at(hop) {
        if (hop === 'function') calls += 1;
        return { kind: 'deliver' };
      },
    };
  };
  for (const [when, worked] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    calls = 0;
    meets({ kind: 'cut', when });
    await expect(fetch(`${cloud.url}/string`)).rejects.toThrow();
    expect(calls).toBe(worked);
    meets({ kind: 'hang', when });
    await expect(fetch(`${cloud.url}/string`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/abort/i);
    expect(calls).toBe(2 * worked);
  }
  meets({ kind: 'fail', error: injectedError('TooManyRequestsException') });
  const throttled = await fetch(`${cloud.url}/string`);
  expect(throttled.status).toBe(429);
  expect(await throttled.json()).toEqual({ message: 'Too Many Requests' });
  cloud.faults = { at: () => ({ kind: 'deliver' }) };
});

test('before the template is in place every request is told to come later', async () => {
  const early = await PartnerCloud.start();
  const response = await fetch(early.url);
  expect(response.status).toBe(503);
  await early.end();
});

test('a running request ends before the server closes', async () => {
  const closing = await PartnerCloud.start();
  await closing.api();
  const slow = `export const handler = async () => {
    console.log('started');
    return new Promise((resolve) => setTimeout(resolve, 400, 'done'));
  };`;
  await closing.route('$default', await closing.integration('slow', slow));
  closing.server.open();
  const running = fetch(closing.url);
  await vi.waitFor(() => expect(closing.lines).toContainEqual(expect.stringContaining('started')));
  const begun = performance.now();
  const [response] = await Promise.all([running, closing.end()]);
  expect(await response.text()).toBe('done');
  expect(performance.now() - begun).toBeLessThan(4000);
});

test('a connection without a request does not hold up the end', async () => {
  const closing = await PartnerCloud.start();
  const silent = connect(Number(new URL(closing.url).port), '127.0.0.1').on('error', () => undefined);
  await once(silent, 'connect');
  const ended = once(silent, 'close');
  const begun = performance.now();

  await closing.server.close();

  expect(performance.now() - begun).toBeLessThan(1000);
  await ended;
  await closing.end();
});
