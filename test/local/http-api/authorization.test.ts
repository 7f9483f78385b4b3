import { createPrivateKey } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PartnerCloud } from './partner-cloud.ts';

let cloud: PartnerCloud;
let operator: { clientId: string; clientSecret: string };
let stranger: { clientId: string; clientSecret: string };

const honoApp = `
  import { Hono } from 'hono';
  import { handle } from 'hono/aws-lambda';
  const app = new Hono();
  app.get('/v1/me', (c) => c.json(c.env.event.requestContext.authorizer));
  app.get('/v1/scoped', (c) => c.json(c.env.event.requestContext.authorizer));
  app.get('/open', (c) => c.text('open'));
  export const handler = handle(app);
`;

beforeAll(async () => {
  cloud = await PartnerCloud.start();
  await cloud.pool();
  operator = await cloud.client('operator', ['fleetloom/read', 'fleetloom/write']);
  stranger = await cloud.client('stranger', ['fleetloom/read']);
  await cloud.api();
  const target = await cloud.integration('hono', honoApp);
  const jwt = { AuthorizationType: 'JWT', AuthorizerId: await cloud.authorizer([operator.clientId]) };
  await cloud.route('ANY /{proxy+}', target, jwt);
  await cloud.route('GET /v1/scoped', target, { ...jwt, AuthorizationScopes: ['fleetloom/write'] });
  await cloud.route('GET /open', target, { AuthorizationType: 'NONE' });
  cloud.server.open();
});

afterAll(() => cloud.end());

function get(path: string, token?: string): Promise<Response> {
  return fetch(cloud.url + path, token === undefined ? {} : { headers: { authorization: token } });
}

async function forged(claims: Record<string, unknown>, options: { alg?: string; kid?: string; own?: boolean } = {}) {
  const poolId = cloud.issuer.slice(cloud.issuer.lastIndexOf('/') + 1);
  const pem = cloud.functions.state.collection<string>('identity/keys').get(poolId) ?? '';
  const { kid } = await cloud.identity.signingKey(poolId);
  const now = Math.floor(cloud.functions.clock.now() / 1000);
  const key = options.own ? (await generateKeyPair('RS256')).privateKey : createPrivateKey(pem);
  const all = {
    iss: cloud.issuer,
    client_id: operator.clientId,
    iat: now,
    exp: now + 60,
    scope: 'fleetloom/read',
    ...claims,
  };
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: options.kid ?? kid }).sign(key);
}

test('a token of the pool opens the API, and the function sees its claims as text', async () => {
  const response = await get('/v1/me', `Bearer ${await cloud.token(operator)}`);
  expect(response.status).toBe(200);
  const now = Math.floor(cloud.functions.clock.now() / 1000);
  expect(await response.json()).toEqual({
    jwt: {
      claims: {
        sub: operator.clientId,
        client_id: operator.clientId,
        token_use: 'access',
        scope: 'fleetloom/read fleetloom/write',
        auth_time: String(now),
        iat: String(now),
        exp: String(now + 3600),
        iss: cloud.issuer,
        version: '2',
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      scopes: null,
    },
  });
});

test('a route without authorizer needs no token', async () => {
  const response = await get('/open');
  expect(await response.text()).toBe('open');
});

test('a request without token is unauthorized', async () => {
  const response = await get('/v1/me');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ message: 'Unauthorized' });
});

const now = () => Math.floor(cloud.functions.clock.now() / 1000);

const refusals: readonly [name: string, token: () => Promise<string>, description: string][] = [
  ['that is none', async () => 'Bearer rubbish', 'the token is malformed'],
  ['that has expired', () => forged({ exp: now() - 1 }), 'the token has expired'],
  ['that is not valid yet', () => forged({ nbf: now() + 60 }), 'the token is not valid yet'],
  ['of the future', () => forged({ iat: now() + 60 }), 'the token was issued in the future'],
  ['without expiry', () => forged({ exp: undefined }), 'the token does not have an expiry'],
  ['of another issuer', () => forged({ iss: 'http://127.0.0.1/other' }), 'the token does not have a valid issuer'],
  ['of another audience', () => cloud.token(stranger), 'the token does not have a valid audience'],
  [
    'with a foreign aud beside its client_id',
    () => forged({ aud: 'other' }),
    'the token does not have a valid audience',
  ],
  ['signed by somebody else', () => forged({}, { own: true }), 'signature is invalid'],
  ['with an unknown key', () => forged({}, { own: true, kid: 'other' }), 'the token was signed with an unknown key'],
  [
    'without signature',
    async () => `${btoa('{"alg":"none"}')}.${btoa(`{"client_id":"${operator.clientId}"}`)}.`.replaceAll('=', ''),
    'the signing method is invalid',
  ],
];

test.each(refusals)('a token %s is unauthorized', async (_name, token, description) => {
  const response = await get('/v1/me', `Bearer ${(await token()).replace('Bearer ', '')}`);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer scope="" error="invalid_token" error_description="${description}"`,
  );
  expect(await response.json()).toEqual({ message: 'Unauthorized' });
});

test('a route with scopes admits a token that has one of them and forbids others', async () => {
  const admitted = await get('/v1/scoped', `Bearer ${await cloud.token(operator, 'fleetloom/write')}`);
  expect(Object(await admitted.json()).jwt.scopes).toEqual(['fleetloom/write']);
  const forbidden = await get('/v1/scoped', `Bearer ${await cloud.token(operator, 'fleetloom/read')}`);
  expect(forbidden.status).toBe(403);
  expect(await forbidden.json()).toEqual({ message: 'Forbidden' });
});

test('a token ends when the local clock says so', async () => {
  const token = await cloud.token(operator);
  expect((await get('/v1/me', `Bearer ${token}`)).status).toBe(200);
  cloud.functions.clock.advance(3600_000);
  expect((await get('/v1/me', `Bearer ${token}`)).status).toBe(401);
});
