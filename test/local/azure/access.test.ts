import { createHmac } from 'node:crypto';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import iothub from 'azure-iothub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signSas } from '#local/azure/sas.ts';
import { hostName, openServiceScene, pointed, type ServiceScene } from './service-scene.ts';

let scene: ServiceScene;
const seen: string[] = [];

beforeAll(async () => {
  scene = await openServiceScene({
    sku: 'S3',
    async verifyBearer(token, hub) {
      seen.push(`${token} at ${hub}`);
      return token === 'good' ? ['RegistryRead'] : undefined;
    },
  });
  scene.hub.identities.create({ deviceId: 'veh-1' });
});
afterAll(() => scene.close());

const key = () => scene.hub.policies.get('iothubowner')?.primaryKey ?? '';
const soon = () => Date.now() + 60_000;

async function asked(
  authorization: string | undefined,
  path = '/devices/veh-1?api-version=2021-04-12',
  method = 'GET',
  body?: string,
) {
  const { status, said } = await new Promise<{ status: number; said: string }>((resolve, reject) => {
    const headers = authorization === undefined ? {} : { authorization };
    const outgoing = request({ agent: scene.agent, path, method, headers }, (answer) => {
      text(answer).then((whole) => resolve({ status: answer.statusCode ?? 0, said: whole }), reject);
    });
    outgoing.on('error', reject).end(body);
  });
  return { status, said };
}

test('a signature is good until it expires, for what it names, by a policy of the hub', async () => {
  const good = signSas(hostName, key(), soon(), 'iothubowner');
  const statuses = await Promise.all(
    [
      good,
      signSas(`${hostName}/devices`, key(), soon(), 'iothubowner'),
      signSas(hostName, key(), Date.now() - 1_000, 'iothubowner'),
      signSas('other.azure-devices.net', key(), soon(), 'iothubowner'),
      signSas(`${hostName}/devices/veh`, key(), soon(), 'iothubowner'),
      signSas(`${hostName}/twins`, key(), soon(), 'iothubowner'),
      signSas(hostName, key(), soon(), 'nobody'),
      signSas(hostName, key(), soon(), 'registryRead'),
      signSas(hostName, key(), soon()),
      good.replace(/se=\d/, 'se=9'),
      `${good}&se=9999999999`,
      'SharedAccessSignature nonsense',
      'Basic eDp5',
      undefined,
    ].map(async (authorization) => (await asked(authorization)).status),
  );
  expect(statuses).toEqual([200, 200, ...Array(12).fill(401)]);
});

test('the secondary key is as good as the primary one', async () => {
  const secondary = scene.hub.policies.get('iothubowner')?.secondaryKey ?? '';
  expect((await asked(signSas(hostName, secondary, soon(), 'iothubowner'))).status).toBe(200);
});

test('a signature over the plain host name is checked as it was signed', async () => {
  const se = Math.ceil(soon() / 1000);
  const sig = createHmac('sha256', Buffer.from(key(), 'base64')).update(`${hostName}\n${se}`).digest('base64');
  const sas = `SharedAccessSignature sr=${hostName}&sig=${encodeURIComponent(sig)}&skn=iothubowner&se=${se}`;
  expect((await asked(sas)).status).toBe(200);
});

test('who comes with a token may do what the directory says, and not more', async () => {
  const withToken = (token: string) => {
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: soon() + 3_600_000 }) };
    return pointed(iothub.Registry.fromTokenCredential(hostName, credential), scene.agent);
  };
  expect((await withToken('good').get('veh-1')).responseBody.deviceId).toBe('veh-1');
  await expect(withToken('good').delete('veh-1')).rejects.toMatchObject({ name: 'UnauthorizedError' });
  await expect(withToken('bad').get('veh-1')).rejects.toMatchObject({ name: 'UnauthorizedError' });
  expect(seen[0]).toBe(`good at ${hostName}`);
});

test('what is no call of the service is refused without harm', async () => {
  const good = signSas(hostName, key(), soon(), 'iothubowner');
  expect(await asked(good, '/devices/veh-1')).toMatchObject({
    status: 400,
    said: expect.stringContaining('api-version'),
  });
  expect(await asked(good, '/nothing?api-version=2021-04-12')).toMatchObject({ status: 404 });
  expect(await asked(good, '/devices/%E0%A4%A?api-version=2021-04-12')).toMatchObject({ status: 404 });
  const put = (body: string) => asked(good, '/devices/veh-2?api-version=2021-04-12', 'PUT', body);
  expect(await put('{')).toMatchObject({ status: 400, said: expect.stringContaining('no JSON') });
  expect(await put('[]')).toMatchObject({ status: 400 });
  expect(await put('{"deviceId":"veh-3"}')).toMatchObject({
    status: 400,
    said: expect.stringContaining('different devices'),
  });
  expect(await put(`"${'x'.repeat(600_000)}"`)).toMatchObject({ status: 413 });
  expect(scene.hub.identities.size).toBe(1);
  expect(scene.failed).toEqual([]);
});
