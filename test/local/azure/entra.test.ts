import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetWebIdentityTokenCommand, type GetWebIdentityTokenCommandInput, STSClient } from '@aws-sdk/client-sts';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenExchange } from '#local/azure/entra/assertion.ts';
import { Entra, hubAudience } from '#local/azure/entra/entra.ts';
import { EntraApi } from '#local/azure/entra/entra-api.ts';
import { listenForServices, type RestServer } from '#local/azure/rest/rest-server.ts';
import { MovableClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { stsService } from '#local/gateway/sts.ts';
import { Iam } from '#local/iam/iam.ts';
import { type Authority, openAuthority } from '#local/iot/authority/authority.ts';
import { State } from '#local/state/collection.ts';
import { WebIdentityTokens } from '#local/sts/web-identity-tokens.ts';

const accountId = '000000000000';
const region = 'eu-central-1';
const directory = mkdtempSync(join(tmpdir(), 'fleetloom-entra-'));
const state = new State(directory);
const clock = new MovableClock();
const iam = new Iam({ accountId, state, clock });
const tokens = new WebIdentityTokens({ accountId, region, state, clock });
const gateway = new Gateway({ port: 0, region, access: iam, clock, faults: noFaults, log: () => {} });
const tenantId = '11111111-2222-4333-8444-555555555555';
const clientId = '99999999-8888-4777-8666-555555555555';
const roleArn = `arn:aws:iam::${accountId}:role/hub-asked`;
const entra = new Entra({
  ...{ tenantId, state, clock, issuers: [tokens] },
  applications: () => [
    { clientId, credentials: [{ issuer: tokens.issuer, subject: roleArn, audience: tokenExchange }] },
  ],
});
let authority: Authority;
let server: RestServer;

beforeAll(async () => {
  authority = await openAuthority(join(directory, 'authority'));
  const api = new EntraApi({ entra, faults: noFaults });
  server = await listenForServices({ port: 0, server: authority.server, api, log: () => {} });
  gateway.add(stsService({ accountId, tokens, tagsOf: (arn) => iam.tagsOf(arn) }));
  await gateway.listen();
  const grant = {
    Effect: 'Allow',
    Action: 'sts:GetWebIdentityToken',
    Resource: '*',
    Condition: { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': tokenExchange } },
  };
  for (const roleName of ['hub-asked', 'other', 'none']) {
    const arn = `arn:aws:iam::${accountId}:role/${roleName}`;
    iam.putRole({ roleName, arn, trustPolicy: { Statement: [] }, tags: { stage: 'local' } });
    if (roleName !== 'none') iam.putRolePolicy(roleName, 'p', { Version: '2012-10-17', Statement: [grant] });
  }
});

afterAll(async () => {
  await server.close();
  await gateway.close();
  state.close();
  rmSync(directory, { recursive: true, force: true });
});

async function identityToken(roleName = 'hub-asked', more: Partial<GetWebIdentityTokenCommandInput> = {}) {
  const credentials = iam.issueKey(`arn:aws:iam::${accountId}:role/${roleName}`);
  const sts = new STSClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 });
  const wish = { Audience: [tokenExchange], SigningAlgorithm: 'RS256', ...more };
  const { WebIdentityToken = '', Expiration } = await sts.send(new GetWebIdentityTokenCommand(wish));
  sts.destroy();
  return { token: WebIdentityToken, expires: Expiration };
}

function askEntra(fields: Readonly<Record<string, string>>, tenant = tenantId) {
  const form = new URLSearchParams({
    ...{ client_id: clientId, grant_type: 'client_credentials', scope: `${hubAudience}/.default` },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    ...fields,
  });
  const agent = new Agent({ ca: authority.caPem });
  const url = `https://localhost:${server.port}/${tenant}/oauth2/v2.0/token`;
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const asking = request(url, { agent, method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    asking.on('error', reject);
    asking.end(form.toString());
  });
}

test('a role proves itself by a token that names it, and gets one for the hub', async () => {
  const { token, expires } = await identityToken('hub-asked', { Tags: [{ Key: 'job', Value: '7' }] });
  const claims = decodeJwt(token);
  expect(claims).toMatchObject({
    ...{ iss: tokens.issuer, sub: roleArn, aud: tokenExchange },
    'https://sts.amazonaws.com/': {
      aws_account: accountId,
      principal_tags: { stage: 'local' },
      request_tags: { job: '7' },
    },
  });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  expect(expires?.getTime()).toBe((claims.exp ?? 0) * 1000);
  const { status, body } = await askEntra({ client_assertion: token });
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
  expect(await entra.applicationOf(String(body['access_token']))).toBe(clientId);
});

test('a role without the grant, for another audience, or with a wish that AWS refuses, gets no token', async () => {
  await expect(identityToken('none')).rejects.toThrow('sts:GetWebIdentityToken');
  await expect(identityToken('hub-asked', { Audience: ['https://example.com'] })).rejects.toThrow('not authorized');
  await expect(identityToken('hub-asked', { DurationSeconds: 59 })).rejects.toThrow('seconds');
  await expect(identityToken('hub-asked', { SigningAlgorithm: 'HS256' })).rejects.toThrow('algorithm');
});

test('what does not prove the application is refused, each with its own number', async () => {
  const { token } = await identityToken();
  const code = async (fields: Readonly<Record<string, string>>, tenant?: string) => {
    const { status, body } = await askEntra({ client_assertion: token, ...fields }, tenant);
    return [status, String(body['error_description']).split(':')[0]];
  };
  const { token: others } = await identityToken('other');
  const { token: elliptic } = await identityToken('hub-asked', { SigningAlgorithm: 'ES384' });
  expect(await code({ client_assertion: others })).toEqual([401, 'AADSTS700213']);
  expect(await code({ client_assertion: elliptic })).toEqual([401, 'AADSTS700027']);
  expect(await code({ client_assertion: `${token.slice(0, -4)}AAAA` })).toEqual([401, 'AADSTS700027']);
  expect(await code({ client_assertion: 'none' })).toEqual([401, 'AADSTS700027']);
  expect(await code({ client_id: tenantId })).toEqual([400, 'AADSTS700016']);
  expect(await code({ scope: 'https://vault.azure.net/.default' })).toEqual([400, 'AADSTS70011']);
  expect(await code({}, clientId)).toEqual([400, 'AADSTS90002']);
});

test('tokens end by the clock of the cloud', async () => {
  const { token } = await identityToken();
  const { body } = await askEntra({ client_assertion: token });
  const access = String(body['access_token']);
  clock.runAhead(3_700_000);
  try {
    expect(await askEntra({ client_assertion: token })).toMatchObject({ status: 401, body: { error_codes: [700024] } });
    expect(await entra.applicationOf(access)).toBeUndefined();
  } finally {
    clock.runAhead(0);
  }
});
