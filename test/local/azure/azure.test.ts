import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iot from 'azure-iot-device';
import { Mqtt } from 'azure-iot-device-mqtt';
import iothub from 'azure-iothub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAzure, startAzure } from '#local/azure/azure.ts';
import { tokenExchange } from '#local/azure/entra/assertion.ts';
import { homesOf } from '#local/azure/homes.ts';
import { signForVehicle } from '#local/azure/plant.ts';
import { MovableClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { freePorts } from '#local/options.ts';
import { State } from '#local/state/collection.ts';
import { WebIdentityTokens } from '#local/sts/web-identity-tokens.ts';
import { pointed } from './service-scene.ts';

const home = {
  name: 'weu',
  hub: 'fleetloom-test.azure-devices.net',
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '99999999-8888-4777-8666-555555555555',
};
const roleArn = 'arn:aws:iam::000000000000:role/hub-asked';
const directory = mkdtempSync(join(tmpdir(), 'fleetloom-azure-'));
const state = new State(directory);
const clock = new MovableClock();
const tokens = new WebIdentityTokens({ accountId: '000000000000', region: 'eu-central-1', state, clock });
let azure: LocalAzure;
let agent: Agent;

beforeAll(async () => {
  const authority = await openAuthority(join(directory, 'authority'));
  azure = await startAzure({
    ...{ home, ports: freePorts, authority, issuer: tokens, subjects: [roleArn] },
    ...{ state, clock, faults: noFaults, log: () => {} },
  });
  const { https: port, caFile } = azure.file;
  const ca = readFileSync(caFile);
  agent = new Agent({ keepAlive: true, host: '127.0.0.1', port, ca, servername: home.hub });
});

afterAll(async () => {
  agent.destroy();
  await azure.close();
  state.close();
  rmSync(directory, { recursive: true, force: true });
});

/** As the platform does: a token of AWS for a token of the directory. */
async function tokenOf(subject: string) {
  const wish = { subject, audience: [tokenExchange], algorithm: 'RS256', seconds: 300 } as const;
  const { token } = await tokens.issue({ ...wish, requestTags: {}, principalTags: {} });
  const { authority }: { authority: string } = JSON.parse(azure.variables['AZURE_LOCAL'] ?? '');
  const form = new URLSearchParams({
    ...{ client_id: home.clientId, grant_type: 'client_credentials', client_assertion: token },
    ...{ scope: 'https://iothubs.azure.net/.default' },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  const { authorityToken } = await postForm(`${authority}/${home.tenantId}/oauth2/v2.0/token`, form);
  return authorityToken;
}

async function postForm(url: string, form: URLSearchParams): Promise<{ authorityToken: string }> {
  const { request } = await import('node:https');
  const ca = readFileSync(azure.file.caFile);
  const text = await new Promise<string>((resolve, reject) => {
    const asking = request(url, { ca, method: 'POST' }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    asking.on('error', reject);
    asking.end(form.toString());
  });
  const { access_token: authorityToken = '' }: { access_token?: string } = JSON.parse(text);
  return { authorityToken };
}

const credential = (token: string) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

test('the platform registers a vehicle with the directory’s token, and calls it on the certificate of its plant', async () => {
  const platform = credential(await tokenOf(roleArn));
  const registry = pointed(iothub.Registry.fromTokenCredential(home.hub, platform), agent);
  const deviceId = 'veh-1';
  await registry.create({ deviceId, authentication: { type: 'certificateAuthority' } });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { certificateFile, privateKeyFile } = azure.file.plant;
  const plant = {
    certificatePem: readFileSync(certificateFile, 'utf8'),
    privateKeyPem: readFileSync(privateKeyFile, 'utf8'),
  };
  const x509 = { key, cert: await signForVehicle(plant, deviceId, key) };
  const gatewayHostName = `localhost:${azure.file.mqtt}`;
  const provider = new iot.X509AuthenticationProvider({ host: home.hub, deviceId, gatewayHostName, x509 });
  const device = iot.Client.fromAuthenticationProvider(provider, Mqtt);
  await device.setOptions({ ca: readFileSync(azure.file.caFile, 'utf8') });
  device.onDeviceMethod('commands', (request, response) => {
    response.send(200, { reply: request.payload }).catch(() => undefined);
  });
  try {
    const service = pointed(iothub.Client.fromTokenCredential(home.hub, platform), agent);
    const call = { methodName: 'commands', payload: 'unlock', responseTimeoutInSeconds: 5, connectTimeoutInSeconds: 5 };
    const { result } = await service.invokeDeviceMethod(deviceId, call);
    expect(result).toMatchObject({ status: 200, payload: { reply: 'unlock' } });
  } finally {
    await device.close();
  }
});

test('a role that the application does not trust gets no token, and nobody comes without one', async () => {
  expect(await tokenOf('arn:aws:iam::000000000000:role/api')).toBe('');
  const stranger = pointed(iothub.Registry.fromTokenCredential(home.hub, credential('none')), agent);
  await expect(stranger.get('veh-1')).rejects.toThrow(/Unauthorized/);
});

test('an operator comes with a connection string', async () => {
  const registry = pointed(iothub.Registry.fromConnectionString(azure.file.serviceConnectionString), agent);
  const { responseBody } = await registry.get('veh-1');
  expect(responseBody).toMatchObject({ deviceId: 'veh-1', connectionState: 'Disconnected' });
});

test('the template says which hub there is, and whose roles speak to it', () => {
  const speaking = { variables: { HUBS: JSON.stringify([home]) }, roleArn };
  const other = { variables: {}, roleArn: 'arn:aws:iam::000000000000:role/api' };
  expect(homesOf([speaking, speaking, other])).toEqual({ homes: [home], roles: [roleArn] });
  expect(homesOf([other])).toEqual({ homes: [], roles: [] });
});
