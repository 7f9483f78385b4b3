import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashOf } from '#local/identity/people/password.ts';
import { PartnerCloud } from '../http-api/partner-cloud.ts';
import { Browser, pkce } from './browser.ts';

const redirectUri = 'https://app.example/callback?from=fleetloom';
const good = { username: 'driver', password: 'Correct-horse-1' };
const day = 24 * 3600_000;
let cloud: PartnerCloud;
let clientId: string;
let browser: Browser;

beforeAll(async () => {
  cloud = await PartnerCloud.start();
  await cloud.pool();
  const client = await cloud.client('app', ['openid', 'profile'], {
    ...{ GenerateSecret: false, AllowedOAuthFlows: ['code'], PreventUserExistenceErrors: 'ENABLED' },
    ...{ CallbackURLs: [redirectUri], LogoutURLs: ['https://app.example/bye'] },
  });
  clientId = client.clientId;
});
afterAll(() => cloud.end());
beforeEach(async () => {
  browser = new Browser();
  const pool = poolOf();
  const { users } = cloud.identity.people;
  for (const user of users.all(pool)) users.delete(pool, user);
  const password = await hashOf(good.password);
  users.create(pool, { username: 'driver', status: 'CONFIRMED', attributes: { name: 'The driver' }, password });
  cloud.functions.clock.advance(3600_000); // whatever was locked is forgiven
});

const poolOf = () => cloud.identity.pools.pool(cloud.issuer.slice(cloud.issuer.lastIndexOf('/') + 1));

function authorizeUrl(challenge: string, more: Readonly<Record<string, string | undefined>> = {}): string {
  const asked: Record<string, string | undefined> = {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state: 'a&b=1', nonce: 'n-1' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...more,
  };
  const query = Object.entries(asked).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return `${cloud.identity.authorizeUrl}?${new URLSearchParams(query)}`;
}

/** From the app to its code. */
async function codeFor(challenge: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { url, response } = await browser.follow(authorizeUrl(challenge, more));
  const page = await response.text();
  const answer = response.status === 200 ? await browser.submit(url, page, good) : response;
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

async function trade(fields: Readonly<Record<string, string>>) {
  const response = await fetch(cloud.identity.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...fields }),
  });
  return { status: response.status, body: Object(await response.json()) };
}

const codeGrant = (code: string, code_verifier: string) => ({
  ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier },
});

async function tokens() {
  const { verifier, challenge } = pkce();
  return (await trade(codeGrant(await codeFor(challenge), verifier))).body;
}

test('a person signs in on a page, and the app gets tokens with Cognito’s claims', async () => {
  const { verifier, challenge } = pkce();
  const { url, response } = await browser.follow(authorizeUrl(challenge));
  const sent = await browser.submit(url, await response.text(), good);
  const location = new URL(sent.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe('https://app.example/callback');
  const { from, state, code = '' } = Object.fromEntries(location.searchParams);
  expect({ from, state }).toEqual({ from: 'fleetloom', state: 'a&b=1' });
  const { status, body } = await trade(codeGrant(code, verifier));
  expect(status).toBe(200);
  expect(body).toMatchObject({ expires_in: 3600, token_type: 'Bearer', refresh_token: expect.any(String) });
  const now = Math.floor(cloud.functions.clock.now() / 1000);
  const access = decodeJwt(body.access_token);
  expect(access).toEqual({
    ...{ sub: expect.stringMatching(/^[0-9a-f-]{36}$/), username: 'driver', client_id: clientId, iss: cloud.issuer },
    ...{ scope: 'openid profile', token_use: 'access', version: 2, auth_time: now, iat: now, exp: now + 3600 },
    ...{ jti: expect.any(String), origin_jti: expect.any(String), event_id: expect.any(String) },
  });
  expect(decodeJwt(body.id_token)).toMatchObject({
    ...{ sub: access.sub, aud: clientId, token_use: 'id', 'cognito:username': 'driver', nonce: 'n-1' },
    ...{ name: 'The driver', origin_jti: access['origin_jti'], auth_time: now },
  });
});

test('whoever has signed in in a browser is not asked again, unless the app wants it or an hour has passed', async () => {
  await codeFor(pkce().challenge);
  const again = async (more = {}) => (await browser.follow(authorizeUrl(pkce().challenge, more))).response.status;
  expect(await again()).toBe(302);
  expect(await again({ prompt: 'login' })).toBe(200);
  cloud.functions.clock.advance(3600_000);
  expect(await again()).toBe(200);
});

test('an app that wants no page gets the code of a person who is known, and hears of one who is not', async () => {
  const silent = async () => {
    const { url } = await browser.follow(authorizeUrl(pkce().challenge, { prompt: 'none' }));
    return Object.fromEntries(new URL(url).searchParams);
  };
  expect(await silent()).toMatchObject({ error: 'login_required', state: 'a&b=1' });
  await codeFor(pkce().challenge);
  expect(await silent()).toMatchObject({ code: expect.any(String) });
});

test('who signs out is asked for the password again', async () => {
  await codeFor(pkce().challenge);
  const out = new URL(cloud.identity.url('/logout'));
  out.search = String(new URLSearchParams({ client_id: clientId, logout_uri: 'https://app.example/bye' }));
  expect((await browser.open(out.href)).headers.get('location')).toBe('https://app.example/bye');
  expect((await browser.follow(authorizeUrl(pkce().challenge))).response.status).toBe(200);
  out.searchParams.set('logout_uri', 'https://app.example/by');
  expect((await browser.open(out.href)).status).toBe(400);
});

describe('a code', () => {
  test('works once: who tries it again ends what it gave', async () => {
    const { verifier, challenge } = pkce();
    const grant = codeGrant(await codeFor(challenge), verifier);
    const { body } = await trade(grant);
    expect(await trade(grant)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect(await trade(refresh)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('works once, also when it is tried ten times at once', async () => {
    const { verifier, challenge } = pkce();
    const grant = codeGrant(await codeFor(challenge), verifier);
    const answers = await Promise.all(Array.from({ length: 10 }, () => trade(grant)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('works for five minutes', async () => {
    const { verifier, challenge } = pkce();
    const [early, late] = [await codeFor(challenge), await codeFor(challenge)];
    cloud.functions.clock.advance(299_000);
    expect((await trade(codeGrant(early, verifier))).status).toBe(200);
    cloud.functions.clock.advance(1_000);
    expect((await trade(codeGrant(late, verifier))).body).toEqual({ error: 'invalid_grant' });
  });

  test.each([
    ['another secret', { code_verifier: pkce().verifier }],
    ['a secret too short to be one', { code_verifier: 'short' }],
    ['another address', { redirect_uri: 'https://app.example/callback' }],
  ])('is spent by an attempt with %s', async (_, wrong) => {
    const { verifier, challenge } = pkce();
    const grant = codeGrant(await codeFor(challenge), verifier);
    expect((await trade({ ...grant, ...wrong })).body).toEqual({ error: 'invalid_grant' });
    expect((await trade(grant)).body).toEqual({ error: 'invalid_grant' });
  });

  test('is worth nothing without the secret, and to another client', async () => {
    const { challenge } = pkce();
    const { code_verifier: _, ...bare } = codeGrant(await codeFor(challenge), '');
    expect((await trade(bare)).body).toEqual({ error: 'invalid_grant' });
    const other = await cloud.client('other-app', ['openid'], {
      ...{ GenerateSecret: false, AllowedOAuthFlows: ['code'], CallbackURLs: [redirectUri] },
    });
    const { verifier, challenge: second } = pkce();
    const stolen = { ...codeGrant(await codeFor(second), verifier), client_id: other.clientId };
    expect((await trade(stolen)).body).toEqual({ error: 'invalid_grant' });
  });
});

test.each([
  ['an unknown app', { client_id: 'nobody' }],
  ['an address that is nearly the agreed one', { redirect_uri: `${redirectUri}x` }],
  ['no address', { redirect_uri: undefined }],
])('%s: nobody is sent anywhere', async (_, wrong) => {
  const response = await browser.open(authorizeUrl(pkce().challenge, wrong));
  expect([response.status, response.headers.get('location')]).toEqual([400, null]);
});

test.each([
  ['without PKCE', { code_challenge: undefined }, 'invalid_request'],
  ['with the secret in plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['with a challenge that is none', { code_challenge: 'x' }, 'invalid_request'],
  ['with the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
  ['with a scope that the app has not', { scope: 'openid email' }, 'invalid_scope'],
  ['for a profile without openid', { scope: 'profile' }, 'invalid_scope'],
])('an app that asks %s is told, with its state', async (_, wrong, error) => {
  const response = await browser.open(authorizeUrl(pkce().challenge, wrong));
  const { searchParams } = new URL(response.headers.get('location') ?? '');
  expect([searchParams.get('error'), searchParams.get('state')]).toEqual([error, 'a&b=1']);
});

describe('the page', () => {
  const tried = async (fields: Readonly<Record<string, string>>) => {
    const { url, response } = await browser.follow(authorizeUrl(pkce().challenge));
    const answer = await browser.submit(url, await response.text(), fields);
    // The app's challenge stands in the form's address, and is another each time.
    return { status: answer.status, text: (await answer.text()).replace(/code_challenge=[\w-]+/, '') };
  };

  test('says the same of a wrong password and of a name that nobody has', async () => {
    const wrong = await tried({ ...good, password: 'wrong' });
    const nobody = await tried({ username: 'nobody', password: 'wrong' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('role="alert" id="problem">Incorrect username or password.');
    expect(nobody.text.replace('"nobody"', '"driver"')).toBe(wrong.text);
  });

  test('locks a name after five wrong passwords, for longer each time, whether it exists or not', async () => {
    for (const username of ['driver', 'nobody']) {
      for (let i = 0; i < 5; i++) expect((await tried({ username, password: 'x' })).text).toContain('Incorrect');
      expect((await tried({ username, password: good.password })).text).toContain('Too many attempts');
    }
    cloud.functions.clock.advance(1_000);
    expect((await tried(good)).status).toBe(302);
  });

  test('lets a name in that was locked in a future which the clock was set back from', async () => {
    const { clock } = cloud.functions;
    clock.advance(day);
    for (let i = 0; i < 5; i++) await tried({ ...good, password: 'x' });
    clock.setBack(day);
    expect((await tried(good)).status).toBe(302);
    clock.advance(day);
  });

  test('counts guesses that come at once one by one, and right passwords not at all', async () => {
    const { people } = cloud.identity;
    const signIns = (password: string) =>
      Promise.all(Array.from({ length: 8 }, () => people.signIn(poolOf(), 'driver', password)));
    expect((await signIns(good.password)).map(({ kind }) => kind)).toEqual(Array(8).fill('signed-in'));
    const reasons = (await signIns('wrong')).map((outcome) => (outcome.kind === 'refused' ? outcome.reason : ''));
    expect(reasons).toEqual([...Array(5).fill('wrong'), ...Array(3).fill('locked')]);
  });

  test('takes no form that it has not made', async () => {
    expect((await tried({ ...good, _csrf: 'guessed' })).text).toContain('open for too long');
    browser.cookies.clear();
    const { url, response } = await browser.follow(authorizeUrl(pkce().challenge));
    const page = await response.text();
    browser.cookies.clear();
    expect((await browser.submit(url, page, good)).status).toBe(400);
  });

  test('takes no form with a key that somebody else chose, cookie and all', async () => {
    const { url, response } = await browser.follow(authorizeUrl(pkce().challenge));
    const page = await response.text();
    const [name = ''] = [...browser.cookies.keys()];
    const chosen = 'A'.repeat(32);
    for (const planted of [chosen, `${chosen}.${chosen}`]) {
      browser.cookies.set(name, planted);
      const answer = await browser.submit(url, page, { ...good, _csrf: planted });
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(browser.cookies.get(name)).not.toBe(planted);
    }
  });

  test.each([{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])(
    'takes no form that another site sends: %o',
    async (headers) => {
      const { url, response } = await browser.follow(authorizeUrl(pkce().challenge));
      const page = await response.text();
      const answer = await browser.submit(url, page, good, headers);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('came from another site');
      const own = { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' };
      expect((await browser.submit(url, page, good, own)).status).toBe(302);
    },
  );

  test('refuses a name that is too long without repeating it', async () => {
    const username = 'x'.repeat(129);
    const { status, text } = await tried({ username, password: 'x' });
    expect([status, text.includes('at most 128 characters'), text.includes(username)]).toEqual([400, true, false]);
    const { response } = await browser.follow(authorizeUrl(pkce().challenge, { login_hint: username }));
    expect(await response.text()).toContain('name="username" value=""');
  });

  test('shows what was typed as text, and nothing of it runs', async () => {
    const { text } = await tried({ username: '"><script>alert(1)</script>', password: 'x' });
    expect(text).not.toContain('<script');
    const { response } = await browser.follow(authorizeUrl(pkce().challenge, { login_hint: '<img src=x>' }));
    expect(await response.text()).toContain('value="&lt;img src=x&gt;"');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('has a person choose a password where somebody else chose the one they have', async () => {
    const [pool, { users }] = [poolOf(), cloud.identity.people];
    const password = await hashOf('Temporary-1');
    const until = cloud.functions.clock.now() + 1000;
    users.create(pool, {
      ...{ username: 'new', status: 'FORCE_CHANGE_PASSWORD', attributes: {}, password, temporaryUntil: until },
    });
    const { url, response } = await browser.follow(authorizeUrl(pkce().challenge));
    const first = await browser.submit(url, await response.text(), { username: 'new', password: 'Temporary-1' });
    const page = await first.text();
    expect(page).toContain('Choose a password');
    const choose = (one: string, other = one) =>
      browser.submit(url, page, { new_password: one, new_password_again: other });
    expect(await (await choose('Mine-and-mine-1', 'Other-and-mine-1')).text()).toContain('not the same');
    expect(await (await choose('mine')).text()).toContain('Password not long enough');
    expect((await choose('Mine-and-mine-1')).status).toBe(302);
    browser = new Browser();
    expect((await tried({ username: 'new', password: 'Mine-and-mine-1' })).status).toBe(302);
  });
});

describe('a sign-in', () => {
  const refreshed = (refresh_token: string) => trade({ grant_type: 'refresh_token', refresh_token });

  test('is renewed for thirty days', async () => {
    const first = await tokens();
    cloud.functions.clock.advance(29 * 86_400_000);
    const { status, body } = await refreshed(first.refresh_token);
    expect([status, body.refresh_token]).toEqual([200, undefined]);
    const { sub, origin_jti, scope, auth_time } = decodeJwt(first.access_token);
    expect(decodeJwt(body.access_token)).toMatchObject({ sub, origin_jti, scope, auth_time });
    cloud.functions.clock.advance(86_400_000);
    expect((await refreshed(first.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  });

  test('ends when it is revoked', async () => {
    const { refresh_token, access_token } = await tokens();
    const body = new URLSearchParams({ client_id: clientId, token: refresh_token });
    const answer = await fetch(cloud.identity.url('/oauth2/revoke'), { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect((await refreshed(refresh_token)).body).toEqual({ error: 'invalid_grant' });
    const asked = { headers: { authorization: `Bearer ${access_token}` } };
    expect((await fetch(cloud.identity.url('/oauth2/userInfo'), asked)).status).toBe(401);
  });

  test('tells the app who it is', async () => {
    const { access_token } = await tokens();
    const asked = { headers: { authorization: `Bearer ${access_token}` } };
    const answer = await fetch(cloud.identity.url('/oauth2/userInfo'), asked);
    const { sub } = decodeJwt(access_token);
    expect(await answer.json()).toEqual({ sub, username: 'driver', name: 'The driver' });
  });

  test('is not renewed for a person who is gone, or may not sign in any more', async () => {
    const [pool, { users }] = [poolOf(), cloud.identity.people];
    const { refresh_token } = await tokens();
    const user = users.find(pool, 'driver');
    if (user === undefined) throw new Error('the driver is not there');
    users.save(pool, { ...user, enabled: false });
    expect((await refreshed(refresh_token)).body).toEqual({ error: 'invalid_grant' });
    users.delete(pool, user);
    expect((await refreshed(refresh_token)).body).toEqual({ error: 'invalid_grant' });
  });
});

test('a person who is deleted leaves nothing on disk: no name, no password, no sign-in', async () => {
  const { sub = '' } = decodeJwt((await tokens()).access_token);
  const kept = () =>
    ['users', 'grants', 'sessions', 'codes'].map((name) => {
      const text = readFileSync(join(cloud.functions.state.directory, `identity/${name}.jsonl`), 'utf8');
      return text.includes(sub);
    });
  expect(kept()).toEqual([true, true, true, true]);
  const { users, grants } = cloud.identity.people;
  const user = users.find(poolOf(), 'driver');
  if (user === undefined) throw new Error('the driver is not there');
  grants.endAllOf(user);
  users.delete(poolOf(), user);
  expect(kept()).toEqual([false, false, false, false]);
});

test('an app that runs in a browser elsewhere may ask for tokens, but not for the page', async () => {
  const preflight = await fetch(cloud.identity.tokenUrl, { method: 'OPTIONS' });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  const { response } = await browser.follow(authorizeUrl(pkce().challenge));
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('the discovery document leads to every endpoint', async () => {
  const document = Object(await (await fetch(`${cloud.issuer}/.well-known/openid-configuration`)).json());
  expect(document).toMatchObject({
    authorization_endpoint: cloud.identity.authorizeUrl,
    end_session_endpoint: cloud.identity.url('/logout'),
    userinfo_endpoint: cloud.identity.url('/oauth2/userInfo'),
    revocation_endpoint: cloud.identity.url('/oauth2/revoke'),
    code_challenge_methods_supported: ['S256'],
  });
});
