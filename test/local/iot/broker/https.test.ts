import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import { type DeviceHttps, type DeviceRequest, listenForDevices } from '#local/iot/broker/https.ts';
import { testAuthority } from './fixture.ts';

const served: { readonly request: DeviceRequest; readonly certificateId: string }[] = [];
let listener: DeviceHttps;
let keys: IssuedKeys;
let caPem: string;

beforeAll(async () => {
  const authority = await testAuthority();
  caPem = authority.caPem;
  keys = await authority.createKeysAndCertificate();
  listener = await listenForDevices({
    port: 0,
    caPem,
    server: authority.server,
    log: () => undefined,
    async serve(asked, { certificateId }) {
      if (asked.path === '/forbidden') throw new AwsError('ForbiddenException', 403, 'Forbidden');
      served.push({ request: asked, certificateId });
      return { status: 200, body: { ok: true } };
    },
  });
});
afterAll(() => listener.close());

function call(path: string, body: string, identity: { readonly cert?: string; readonly key?: string }) {
  return new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      servername: 'localhost',
      port: listener.port,
      path,
      method: 'POST',
      ca: caPem,
      agent: false,
      ...identity,
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode, body: read }), reject);
    });
    sent.end(body);
  });
}

const own = () => ({ cert: keys.certificatePem, key: keys.privateKeyPem });

test('a device is known by its certificate, and its request arrives as it was sent', async () => {
  const answer = await call('/topics/a%2Fb?qos=1', 'hello', own());

  expect(answer).toEqual({ status: 200, body: '{"ok":true}' });
  expect(served).toMatchObject([
    { certificateId: keys.certificateId, request: { method: 'POST', path: '/topics/a%2Fb' } },
  ]);
  expect(served[0]?.request.query.get('qos')).toBe('1');
  expect(served[0]?.request.body.toString()).toBe('hello');
});

test('a refusal has the form of AWS', async () => {
  expect(await call('/forbidden', '', own())).toEqual({ status: 403, body: '{"message":"Forbidden"}' });
});

test('nobody is served without a certificate', async () => {
  await expect(call('/topics/a', '', {})).rejects.toThrow();
});

test('a request that is too large is refused', async () => {
  expect(await call('/topics/a', 'x'.repeat(256 * 1024 + 1), own())).toMatchObject({ status: 413 });
});
