import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '#functions/api/routes.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ quotas: { client: { rate: 10, burst: 20 }, person: { rate: 1, burst: 4 } } });
  await allow('operator', 100_000, 1_000_000);
});
afterAll(() => api.stop());

async function allow(clientId: string, rate: number, burst: number): Promise<void> {
  const Item = { pk: `client#${clientId}`, sk: 'quota', rate, burst };
  await api.client.send(new PutCommand({ TableName: api.accessTable, Item }));
}

async function flood(clientId: string, requests: number, path = '/v1/vehicles', pause = 0) {
  const answers = [];
  for (let n = 0; n < requests; n += 1) {
    answers.push(await api.call('GET', path, { client: clientId, scopes: ['read_vehicles'] }));
    api.time.now += pause;
  }
  return answers;
}

test('every answer says what the quota is and what is left of it', async () => {
  await flood('operator', 2);
  for (const path of ['/v1/vehicles', '/v1/vehicles/none', '/nowhere', '/v1/vehicles?limit=0']) {
    const { headers } = await api.call('GET', path);
    expect(headers.get('ratelimit-policy')).toBe('"default";q=1000000;w=10');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  }
  expect((await api.call('DELETE', '/v1/vehicles')).headers.get('ratelimit')).not.toBeNull();
});

test('above its quota a client is told to wait, and waiting so long helps', async () => {
  await api.letIn('hasty', 'volkswagen');
  const answers = await flood('hasty', 40);
  const good = answers.filter(({ status }) => status === 200);
  expect(good.length).toBeGreaterThanOrEqual(19);
  expect(good.length).toBeLessThanOrEqual(21);
  const last = answers.at(-1);
  expect(last?.status).toBe(429);
  expect(last?.json).toMatchObject({ type: '/docs#problem-quota-exceeded', requestId: 'request-1' });
  expect(last?.headers.get('content-type')).toBe('application/problem+json');
  expect(last?.headers.get('ratelimit')).toMatch(/^"default";r=0;t=1$/);
  expect(last?.headers.get('retry-after')).toBe('1');
  api.time.now += 1000;
  expect((await flood('hasty', 1))[0]?.status).toBe(200);
});

test('a refused request does nothing, and is logged by its route and not by its path', async () => {
  await api.letIn('prober', 'volkswagen');
  await flood('prober', 30);
  const { status } = await api.call('GET', '/v1/vehicles/WVWZZZE1ZMP000001', { client: 'prober' });
  expect(status).toBe(429);
  expect(api.lines.at(-1)).toMatchObject({ route: 'GET /v1/vehicles/:vehicleId', status: 429, clientId: 'prober' });
  expect(JSON.stringify(api.lines)).not.toContain('WVWZZZE1ZMP000001');
});

test('nothing under an unknown path is free either', async () => {
  await api.letIn('lost', 'volkswagen');
  const answers = await flood('lost', 30, '/nowhere');
  expect(answers.map(({ status }) => status)).toContain(404);
  expect(answers.at(-1)?.status).toBe(429);
});

test('an operator gives a client more, and it is noticed within half a minute', async () => {
  await api.letIn('grown', 'volkswagen');
  expect((await flood('grown', 25)).at(-1)?.status).toBe(429);
  await allow('grown', 1000, 2000);
  api.time.now += 31_000;
  await flood('grown', 5);
  api.time.now += 1000;
  const answers = await flood('grown', 60);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});

test('a client that does not stop is shut out, others notice nothing, and an operator lets it in again', async () => {
  await api.letIn('rogue', 'volkswagen');
  const answers = await flood('rogue', 4500, '/nowhere', 1);
  const shut = answers.at(-1);
  expect(shut?.status).toBe(429);
  expect(shut?.json).toMatchObject({ type: '/docs#problem-circuit-open' });
  expect(Number(shut?.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(api.shutOut).toContain('rogue');
  expect((await flood('hasty', 1))[0]?.status).toBe(200);

  const standing = await api.call('GET', '/v1/clients/rogue/standing');
  expect(standing.json).toMatchObject({ state: 'open', shutOut: { reason: 'quota-ignored', times: 1 } });
  const readmitted = await api.call('POST', '/v1/clients/rogue/readmission');
  expect(readmitted.json).toMatchObject({ state: 'closed' });
  expect(readmitted.json).not.toHaveProperty('shutOut');
  api.time.now += 6000;
  // The next request makes this instance look again.
  await flood('rogue', 1);
  await expect.poll(async () => (await flood('rogue', 1))[0]?.status).toBe(200);
}, 60_000);

test('who alone may let clients in is not shut out, also when another token of the same client was', async () => {
  await api.letIn('alone', 'volkswagen');
  const answers = await flood('alone', 4500, '/nowhere', 1);
  expect(answers.at(-1)?.json).toMatchObject({ type: '/docs#problem-circuit-open' });
  api.time.now += 2000;
  const readmitted = await api.call('POST', '/v1/clients/alone/readmission', { client: 'alone' });
  expect(readmitted).toMatchObject({ status: 200, json: { state: 'closed' } });
}, 60_000);

test('standings are for whoever may manage clients, and of clients that there are', async () => {
  const without = await api.call('GET', '/v1/clients/hasty/standing', { scopes: ['read_vehicles'] });
  expect(without.status).toBe(403);
  const unknown = await api.call('GET', '/v1/clients/nobody-knows/standing');
  expect(unknown.json).toMatchObject({ status: 404, type: '/docs#problem-client-not-found' });
  expect((await api.call('POST', '/v1/clients/nobody-knows/readmission')).status).toBe(404);
  const known = await api.call('GET', '/v1/clients/operator/standing');
  expect(known.json).toMatchObject({ state: 'closed', quota: { rate: 100_000 } });
});

test('a body of more than 64 KiB is refused before anybody parses it', async () => {
  const rawBody = `{"vin": ${'['.repeat(65 * 1024)}`;
  const { status, json } = await api.call('POST', '/v1/vehicles', { rawBody });
  expect(json).toMatchObject({ type: '/docs#problem-body-too-large' });
  expect(status).toBe(413);
});

test('every list has a limit with a maximum, and a page is not longer', () => {
  const lists = routes.filter(({ method, replies }) => {
    const { example } = replies[200] ?? {};
    return method === 'GET' && typeof example === 'object' && example !== null && 'items' in example;
  });
  expect(lists.length).toBeGreaterThanOrEqual(2);
  for (const { method, path, querySchema } of lists) {
    const withLimit = (limit: string) => querySchema.safeParse({ limit });
    const tooMany = withLimit('1001').error?.issues ?? [];
    expect(
      tooMany.some(({ code, path: [name] }) => code === 'too_big' && name === 'limit'),
      `${method} ${path}`,
    ).toBe(true);
  }
});
