import { Agent, request } from 'node:http';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PartnerCloud, type Properties } from '../http-api/partner-cloud.ts';

let cloud: PartnerCloud;
let client: { clientId: string; clientSecret: string };
let people: { clientId: string; clientSecret: string };

const form = 'application/x-www-form-urlencoded';

beforeAll(async () => {
  cloud = await PartnerCloud.start();
  await cloud.pool();
  client = await cloud.client('operator', ['fleetloom/read', 'fleetloom/write'], {
    AccessTokenValidity: 10,
    TokenValidityUnits: { AccessToken: 'minutes' },
  });
  people = await cloud.client('people', ['openid'], {
    AllowedOAuthFlows: ['code'],
    CallbackURLs: ['https://app.example/callback'],
  });
});

afterAll(() => cloud.end());

async function ask(fields: Record<string, string> | string, headers: Record<string, string> = {}) {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  const response = await fetch(cloud.identity.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': form, ...headers },
    body,
  });
  return { status: response.status, body: Object(await response.json()) };
}

const grant = { grant_type: 'client_credentials' };
const credentials = () => ({ client_id: client.clientId, client_secret: client.clientSecret });

test('identifiers look like those of Cognito', () => {
  expect(client.clientId).toMatch(/^[a-z0-9]{26}$/);
  expect(client.clientSecret).toMatch(/^[a-z0-9]{51}$/);
  expect(cloud.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/eu-central-1_[A-Za-z0-9]{9}$/);
});

test('a token request without scope gets all scopes of the client, in a token of Cognito’s shape', async () => {
  const { status, body } = await ask({ ...grant, ...credentials() });
  expect(status).toBe(200);
  expect(body).toEqual({ access_token: expect.any(String), expires_in: 600, token_type: 'Bearer' });
  const configuration = Object(await (await fetch(`${cloud.issuer}/.well-known/openid-configuration`)).json());
  expect(configuration).toMatchObject({ issuer: cloud.issuer, token_endpoint: cloud.identity.tokenUrl });
  const keys = Object(await (await fetch(configuration.jwks_uri)).json());
  const { payload, protectedHeader } = await jwtVerify(body.access_token, createLocalJWKSet(keys), {
    currentDate: new Date(cloud.functions.clock.now()),
  });
  const now = cloud.functions.clock.now() / 1000;
  expect(protectedHeader).toEqual({ kid: keys.keys[0].kid, alg: 'RS256' });
  expect(payload).toEqual({
    sub: client.clientId,
    token_use: 'access',
    scope: 'fleetloom/read fleetloom/write',
    auth_time: now,
    iss: cloud.issuer,
    exp: now + 600,
    iat: now,
    version: 2,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    client_id: client.clientId,
  });
});

test('a client may ask for less than it has', async () => {
  const { body } = await ask({ ...grant, ...credentials(), scope: 'fleetloom/write' });
  const [, payload = ''] = body.access_token.split('.');
  expect(JSON.parse(atob(payload)).scope).toBe('fleetloom/write');
});

test('id and secret may come in the Basic header', async () => {
  const authorization = `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`;
  expect((await ask(grant, { authorization })).status).toBe(200);
});

const refusals: readonly [
  what: string,
  request: () => readonly [fields: Record<string, string> | string, headers?: Record<string, string>],
  error: string,
][] = [
  ['a wrong secret', () => [{ ...grant, ...credentials(), client_secret: 'x'.repeat(51) }], 'invalid_client'],
  [
    'a shorter secret',
    () => [{ ...grant, ...credentials(), client_secret: client.clientSecret.slice(0, -1) }],
    'invalid_client',
  ],
  [
    'a longer secret',
    () => [{ ...grant, ...credentials(), client_secret: `${client.clientSecret}x` }],
    'invalid_client',
  ],
  ['no secret', () => [{ ...grant, client_id: client.clientId }], 'invalid_client'],
  ['an unknown client', () => [{ ...grant, client_id: 'nobody', client_secret: 'x' }], 'invalid_client'],
  ['no client', () => [grant], 'invalid_client'],
  ['a broken Basic header', () => [grant, { authorization: 'Basic ???' }], 'invalid_client'],
  ['a scope that the client has not', () => [{ ...grant, ...credentials(), scope: 'fleetloom/none' }], 'invalid_scope'],
  ['one scope too many', () => [{ ...grant, ...credentials(), scope: 'fleetloom/read openid' }], 'invalid_scope'],
  ['another grant', () => [{ ...credentials(), grant_type: 'password' }], 'unsupported_grant_type'],
  ['no grant', () => [credentials()], 'invalid_request'],
  [
    'a field twice',
    () => [`grant_type=client_credentials&scope=a&scope=b&client_id=${client.clientId}`],
    'invalid_request',
  ],
  ['JSON', () => [JSON.stringify(grant), { 'content-type': 'application/json' }], 'invalid_request'],
  [
    'a client of people',
    () => [{ ...grant, client_id: people.clientId, client_secret: people.clientSecret }],
    'unauthorized_client',
  ],
];

test.each(refusals)('%s is refused', async (_what, request, error) => {
  const [fields, headers] = request();
  expect(await ask(fields, headers)).toEqual({ status: 400, body: { error } });
});

test('only machine clients of the template are listed', () => {
  expect(cloud.identity.issuers()).toEqual([cloud.issuer]);
  expect(cloud.identity.clients()).toContainEqual({
    name: 'operator',
    ...client,
    scopes: ['fleetloom/read', 'fleetloom/write'],
  });
});

test('ids, secrets and the signing key outlive a restart', async () => {
  const poolId = cloud.issuer.slice(cloud.issuer.lastIndexOf('/') + 1);
  const key = await cloud.identity.signingKey(poolId);
  const directory = cloud.functions.directory;
  await cloud.server.close();
  await cloud.identity.close();
  await cloud.functions.stop();
  cloud = await PartnerCloud.start(directory);
  await cloud.pool();
  expect(cloud.issuer).toContain(poolId);
  expect((await cloud.identity.signingKey(poolId)).kid).toBe(key.kid);
  expect(await ask({ ...grant, ...credentials() })).toEqual({ status: 400, body: { error: 'invalid_client' } });
  expect(await cloud.client('operator', ['fleetloom/read'])).toEqual(client);
  expect((await ask({ ...grant, ...credentials() })).status).toBe(200);
});

const misunderstood: readonly [what: string, properties: Properties, named: RegExp][] = [
  ['an unknown property', { Analytics: {} }, /Analytics/],
  ['a scope that no resource server offers', { AllowedOAuthScopes: ['fleetloom/fly'] }, /fleetloom\/fly/],
  ['machine credentials without secret', { GenerateSecret: false }, /GenerateSecret/],
  [
    'a token life below five minutes',
    { AccessTokenValidity: 60, TokenValidityUnits: { AccessToken: 'seconds' } },
    /five minutes/,
  ],
  ['flows that are not switched on', { AllowedOAuthFlowsUserPoolClient: false }, /AllowedOAuthFlowsUserPoolClient/],
];

test.each(misunderstood)('%s in a client stops the start', async (_what, properties, named) => {
  await expect(cloud.client('other', ['fleetloom/read'], properties)).rejects.toThrow(named);
});

test('a pool with triggers or another unknown property stops the start', async () => {
  const refused = cloud.create('AWS::Cognito::UserPool', 'Other', { LambdaConfig: {} });
  await expect(refused).rejects.toThrow(/LambdaConfig/);
});

test('a form that is too large is refused, and the connection goes on', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (body: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': form };
      const sent = request(cloud.identity.tokenUrl, { agent, method: 'POST', headers, timeout: 5000 }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer'))).on('error', reject);
      sent.end(body);
    });
  expect(await post('x'.repeat(2_000_000))).toBe(413);
  expect(await post(new URLSearchParams({ ...grant, ...credentials() }).toString())).toBe(200);
  agent.destroy();
});
