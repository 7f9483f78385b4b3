import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedPost } from '#functions/post-signature.ts';
import { deviceEventKey } from '#local/azure/device-event-key.ts';
import { MovableClock } from '#local/clock.ts';
import { golf, peugeot } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { scopeNames, tokenScope } from '#shared/access/scopes.ts';
import { aVehicleId } from '../contract/samples.ts';
import { QueueReader, Records } from '../support/aws-clients.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { signingKeyIn, tokenLike } from '../support/tokens.ts';

const clock = new MovableClock();
const sleeper = { ...golf, vin: 'WVWZZZAUZLW000002' };
const scrapped = { ...golf, vin: 'WVWZZZAUZLW000003' };

let home: JourneyCloud;
let records: Records;
/** The vehicles of the story, by what they are. */
let vehicles: Readonly<Record<'driving' | 'offline' | 'retired' | 'expected' | 'foreign', string>>;
/** May do everything, for Volkswagen alone. */
let partner: string;
let operator: string;

beforeAll(async () => {
  home = await openCloud({ clock });
  const { journey } = home;
  records = new Records(home.cloud, { besides: ['Access', 'Audit'] });
  operator = await journey.operator.token();
  partner = await tokenLike(await journey.reader.token(), signingKeyIn(home.stateDirectory), {
    scope: scopeNames.map(tokenScope).join(' '),
  });
  const [driving, offline, retired, expected, foreign] = await Promise.all([
    journey.registered(golf),
    journey.registered(sleeper),
    journey.registered(scrapped),
    journey.registered({ ...golf, vin: 'WVWZZZAUZLW000004' }),
    journey.registered(peugeot),
  ]);
  vehicles = { driving, offline, retired, expected, foreign };
  await journey.golf.connect();
  await becomes(driving, (body) => at(body, 'connection', 'connected') === true && at(body, 'status') === 'active');
  // The last thing that it tells of itself: from now on no record changes by itself.
  await becomes(driving, (body) => at(body, 'softwareVersion') === '5.4.1');
  await leaveForAnHour(offline);
  const { status } = await journey.operator.post(`/v1/vehicles/${retired}/retire`, undefined);
  expect(status).toBe(200);
  const climate = { desired: { targetTemperature: 20 } };
  expect((await journey.operator.patch(`/v1/vehicles/${driving}/twins/climate`, climate)).status).toBe(200);
}, startTimeout);

afterAll(async () => {
  records.close();
  await home.close();
});

/** It drove off for the first time an hour ago, and nobody has heard of it since. */
async function leaveForAnHour(vehicleId: string): Promise<void> {
  const vehicle = home.journey.vehicle(sleeper.vin);
  await vehicle.connect();
  await becomes(vehicleId, (body) => at(body, 'status') === 'active');
  clock.runAhead(-3_600_000);
  await vehicle.close();
  const connected = () => home.cloud.iot.broker.connections().map(({ clientId }) => clientId);
  await eventually('its goodbye', connected, (clients) => !clients.includes(vehicleId));
  clock.runAhead(0);
  await becomes(vehicleId, (body) => at(body, 'connection', 'connected') === false);
}

function becomes(vehicleId: string, acceptable: (body: unknown) => boolean) {
  const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
  return eventually('the vehicle as it should be', ask, ({ body }) => acceptable(body));
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** As it is when it is text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the operator's; `''` for none. */
  readonly token?: string;
}

async function send({ method = 'GET', path, body, headers = {}, token = operator }: Call) {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(`${home.cloud.file.api.baseUrl}${path}`, {
    method,
    headers: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true;
  const parsed: unknown = json ? JSON.parse(text) : text;
  return { status: answer.status, headers: answer.headers, body: parsed };
}

/** The answer is a problem that names what is wrong, and no record anywhere is another than before. */
async function refuses(call: Call, status: number, code: string, names: readonly string[] = []): Promise<void> {
  const before = await records.all();
  const answer = await send(call);
  expect(answer.body).toMatchObject({ status, type: `/docs#problem-${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(at(answer.body, 'requestId')).toMatch(/^[0-9a-f-]{36}$/);
  for (const name of names) expect(JSON.stringify(answer.body)).toContain(name);
  expect(await records.all()).toEqual(before);
}

const commands = (which: keyof typeof vehicles) => `/v1/vehicles/${vehicles[which]}/commands`;
const climate = (which: keyof typeof vehicles) => `/v1/vehicles/${vehicles[which]}/twins/climate`;
const history = (query: string) => `/v1/vehicles/${vehicles.driving}/telemetry/history?${query}`;

describe('a body that is no JSON', () => {
  test('registers nothing', () =>
    refuses({ method: 'POST', path: '/v1/vehicles', body: '{"vin":' }, 400, 'malformed-body', ['not JSON']));

  test('commands nothing', () =>
    refuses({ method: 'POST', path: commands('driving'), body: '{' }, 400, 'malformed-body'));

  test('changes no twin', () =>
    refuses({ method: 'PATCH', path: climate('driving'), body: '' }, 400, 'malformed-body'));

  test('is refused as well when it is not even text', () =>
    refuses({ method: 'POST', path: '/v1/vehicles', body: Buffer.of(0x7b, 0xff, 0x7d) }, 400, 'malformed-body'));

  test('is refused under a media type that nobody reads here', () =>
    refuses(
      { method: 'POST', path: '/v1/vehicles', body: '<vin/>', headers: { 'content-type': 'application/xml' } },
      415,
      'unsupported-media-type',
      ['application/json'],
    ));
});

const car = { ...golf, vin: 'WVWZZZAUZLW000009' };

describe('a body that says something else than agreed', () => {
  test.each([
    ['an unknown field', { ...car, colour: 'red' }, '/colour'],
    ['a VIN that is a number', { ...car, vin: 17 }, '/vin'],
    ['a model that is a list', { ...car, model: ['e-Golf'] }, '/model'],
    ['no market', { ...car, market: undefined }, '/market'],
    ['a market that is no country', { ...car, market: 'EU' }, '/market'],
    ['a pin that is no SHA-256', { ...car, deviceKeySha256: 'abc' }, '/deviceKeySha256'],
    ['a brand that is no slug', { ...car, brand: 'Volks Wagen' }, '/brand'],
    ['a model of a thousand characters', { ...car, model: 'x'.repeat(1_000) }, '/model'],
  ])('registers nothing: %s', (_, body, pointer) =>
    refuses({ method: 'POST', path: '/v1/vehicles', body }, 400, 'invalid-body', [`"${pointer}"`]),
  );

  test.each(['I', 'O', 'Q'])('registers nothing: a VIN with %s', (letter) =>
    refuses(
      { method: 'POST', path: '/v1/vehicles', body: { ...car, vin: `WVWZZZAUZLW00000${letter}` } },
      400,
      'invalid-body',
      ['"/vin"', 'I, O or Q'],
    ),
  );

  test('registers nothing: a brand that is not one of ours', () =>
    refuses({ method: 'POST', path: '/v1/vehicles', body: { ...car, brand: 'trabant' } }, 400, 'unknown-brand', [
      '"/brand"',
    ]));

  test('registers nothing: a home that is not one of ours', () =>
    refuses({ method: 'POST', path: '/v1/vehicles', body: { ...car, home: 'moon' } }, 422, 'home-unknown', [
      '"/home"',
      'first, vw-weu',
    ]));

  test('registers nothing: a VIN that was registered with other data', () =>
    refuses({ method: 'POST', path: '/v1/vehicles', body: { ...golf, model: 'ID.4' } }, 409, 'vin-already-registered'));

  test.each([
    ['an unknown command', { name: 'doors.open' }, '"/name"'],
    ['an unknown field', { name: 'doors.lock', force: true }, '"/force"'],
    ['an unknown parameter', { name: 'doors.lock', parameters: { door: 1 } }, '"/parameters/door"'],
    ['a temperature in words', { name: 'climate.start', parameters: { targetTemperature: 'warm' } }, 'Temperature"'],
    ['45 °C', { name: 'climate.start', parameters: { targetTemperature: 45 } }, '"/parameters/targetTemperature"'],
    ['an hour and a minute', { name: 'climate.start', parameters: { durationMinutes: 61 } }, 'durationMinutes"'],
    ['an expiry in text', { name: 'doors.lock', expiresInSeconds: '30' }, '"/expiresInSeconds"'],
    ['an expiry of 4 s', { name: 'doors.lock', expiresInSeconds: 4 }, '"/expiresInSeconds"'],
    ['an expiry of 901 s', { name: 'doors.lock', expiresInSeconds: 901 }, '"/expiresInSeconds"'],
    ['a list', [{ name: 'doors.lock' }], 'object'],
  ])('commands nothing: %s', (_, body, names) =>
    refuses({ method: 'POST', path: commands('driving'), body }, 400, 'invalid-body', [names]),
  );

  test.each([
    ['an unknown field', { desired: {}, reported: { targetTemperature: 30 } }, '"/reported"'],
    ['a wish that is a list', { desired: [21] }, '"/desired"'],
    ['nothing at all', {}, '"/desired"'],
  ])('changes no twin: %s', async (_, body, pointer) => {
    const before = await send({ path: climate('driving') });
    await refuses({ method: 'PATCH', path: climate('driving'), body }, 400, 'invalid-body', [pointer]);
    expect((await send({ path: climate('driving') })).body).toEqual(before.body);
  });
});

describe('what is too large', () => {
  test('is refused as a body of more than 64 KB', () =>
    refuses(
      { method: 'POST', path: '/v1/vehicles', body: { ...car, model: 'x'.repeat(64 * 1024) } },
      413,
      'body-too-large',
      ['65536'],
    ));

  test('is refused as a twin that the device cloud cannot hold', async () => {
    const before = await send({ path: climate('driving') });
    const body = { desired: { note: 'x'.repeat(9_000) } };
    await refuses({ method: 'PATCH', path: climate('driving'), body }, 413, 'twin-too-large');
    expect((await send({ path: climate('driving') })).body).toEqual(before.body);
  });
});

describe('a parameter', () => {
  test.each([
    ['/v1/vehicles?colour=red', 'colour'],
    ['/v1/vehicles?limit=0', 'limit'],
    ['/v1/vehicles?limit=101', 'limit'],
    ['/v1/vehicles?limit=ten', 'limit'],
    ['/v1/vehicles?limit=1&limit=2', 'limit'],
    ['/v1/vehicles?status=stolen', 'status'],
    ['/v1/vehicles?vin=WVWZZZAUZLWOI0001', 'vin'],
  ])('out of its range is named: %s', (path, name) =>
    refuses({ path }, 400, 'invalid-parameter', [`"pointer":"${name}"`]),
  );

  test('that names an unknown brand is named', () =>
    refuses({ path: '/v1/vehicles?brand=trabant' }, 400, 'unknown-brand', ['"pointer":"brand"']));

  test.each([
    ['signal=Vehicle.Speed', 'from'],
    ['signal=Vehicle.Flux&from=2026-01-01T00:00:00Z', 'signal'],
    ['signal=Vehicle.Speed&from=yesterday', 'from'],
    ['signal=Vehicle.Speed&from=2026-01-01T00:00:00Z&resolution=0', 'resolution'],
    ['signal=Vehicle.Speed&from=2026-01-01T00:00:00Z&limit=1001', 'limit'],
  ])('of a history is named: %s', (query, name) =>
    refuses({ path: history(query) }, 400, 'invalid-parameter', [`"pointer":"${name}"`]),
  );

  test('that turns time round is named', () =>
    refuses(
      { path: history('signal=Vehicle.Speed&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z') },
      400,
      'empty-range',
      ['"pointer":"from"'],
    ));

  test.each([
    ['/v1/vehicles/veh-nobody'],
    ['/v1/vehicles/WVWZZZAUZLW000001'],
    ['/v1/vehicles/%00'],
    ['/v1/vehicles/../../etc/passwd'],
    ['/v2/vehicles'],
  ])('in the path that names nothing finds nothing: %s', (path) => refuses({ path }, 404, 'not-found'));

  test('in the path that is a command of nobody finds nothing', () =>
    refuses({ path: `${commands('driving')}/cmd-000000000aaaaaaaaaaaaaaaaaaaa` }, 404, 'command-not-found'));

  test('cannot make a method out of nothing', () =>
    refuses({ method: 'DELETE', path: `/v1/vehicles/${vehicles.driving}` }, 405, 'method-not-allowed', ['GET']));
});

describe('a cursor', () => {
  test('of another query is refused', async () => {
    const page = await send({ path: '/v1/vehicles?brand=volkswagen&limit=1' });
    const cursor = at(page.body, 'nextCursor');
    expect(cursor).toEqual(expect.any(String));
    const next = await send({ path: `/v1/vehicles?brand=volkswagen&limit=1&cursor=${cursor}` });
    expect(next.status).toBe(200);
    for (const query of ['brand=peugeot', 'brand=volkswagen&status=active', 'limit=1']) {
      await refuses({ path: `/v1/vehicles?${query}&cursor=${cursor}` }, 400, 'bad-cursor', ['"cursor"']);
    }
    await refuses({ path: `${commands('driving')}?cursor=${cursor}` }, 400, 'bad-cursor');
    const range = 'signal=Vehicle.Speed&from=2026-01-01T00:00:00Z';
    await refuses({ path: history(`${range}&cursor=${cursor}`) }, 400, 'bad-cursor');
  });

  test.each(['x', '%F0', 'e30', 'bnVsbA', Buffer.from('{"q":"a","p":"b"}').toString('base64url')])(
    'that nobody gave out is refused: %s',
    (cursor) => refuses({ path: `/v1/vehicles?cursor=${cursor}` }, 400, 'bad-cursor'),
  );

  test('whose position was tampered with is refused', async () => {
    const page = await send({ path: '/v1/vehicles?limit=1' });
    const parsed: unknown = JSON.parse(Buffer.from(String(at(page.body, 'nextCursor')), 'base64url').toString());
    for (const p of ['', 'x', '{}', '[9,9,9]', '{"0":{"pk":"x"}}']) {
      const cursor = Buffer.from(JSON.stringify({ q: at(parsed, 'q'), p })).toString('base64url');
      await refuses({ path: `/v1/vehicles?limit=1&cursor=${cursor}` }, 400, 'bad-cursor');
    }
  });
});

describe('a stale If-Match', () => {
  test('changes nothing, and says what is stale', async () => {
    const first = await send({ path: climate('driving') });
    const etag = first.headers.get('etag') ?? '';
    const wish = (targetTemperature: number) => ({ desired: { targetTemperature } });
    const moved = await send({ method: 'PATCH', path: climate('driving'), body: wish(23) });
    expect(moved.status).toBe(200);
    const stale = { method: 'PATCH', path: climate('driving'), body: wish(17), headers: { 'if-match': etag } } as const;
    await refuses(stale, 412, 'twin-changed', ['If-Match']);
    expect((await send({ path: climate('driving') })).body).toEqual(moved.body);
  });

  test('for a twin that does not exist creates none', async () => {
    const path = `/v1/vehicles/${vehicles.driving}/twins/seats`;
    await refuses(
      { method: 'PATCH', path, body: { desired: { heat: 3 } }, headers: { 'if-match': '*' } },
      412,
      'twin-changed',
    );
    await refuses({ path }, 404, 'twin-not-found');
  });

  test('that is no ETag is named', () =>
    refuses(
      { method: 'PATCH', path: climate('driving'), body: { desired: {} }, headers: { 'if-match': 'W/"x", "y"' } },
      400,
      'invalid-header',
      ['if-match'],
    ));
});

describe('a token', () => {
  const now = Math.floor(Date.now() / 1000);
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const real = () => signingKeyIn(home.stateDirectory);

  /** API Gateway's own words: the function is not even asked. */
  async function keptOut(token: string, says: string): Promise<void> {
    const before = await records.all();
    const answer = await send({ method: 'POST', path: '/v1/vehicles', body: car, token });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ message: 'Unauthorized' });
    expect(answer.headers.get('www-authenticate')).toContain(says);
    expect(await records.all()).toEqual(before);
  }

  test('of our own making is as good as a real one', async () => {
    const token = await tokenLike(operator, real(), { exp: now + 3_600 });
    expect((await send({ path: '/v1/vehicles', token })).status).toBe(200);
  });

  test('that is missing or no token at all opens nothing', async () => {
    await keptOut('', 'Bearer');
    await keptOut('swordfish', 'malformed');
    await keptOut(`${operator.slice(0, -3)}AAA`, 'signature is invalid');
  });

  test('that has expired opens nothing', async () =>
    keptOut(await tokenLike(operator, real(), { iat: now - 7_200, exp: now - 3_600 }), 'expired'));

  test('of tomorrow opens nothing', async () =>
    keptOut(await tokenLike(operator, real(), { iat: now + 86_400, exp: now + 90_000 }), 'in the future'));

  test('without an end opens nothing', async () =>
    keptOut(await tokenLike(operator, real(), { exp: undefined }), 'expiry'));

  test('that somebody else signed opens nothing', async () => {
    await keptOut(await tokenLike(operator, stranger, {}), 'signature is invalid');
    const publicKey = Buffer.from('a public key taken for a shared secret');
    await keptOut(await tokenLike(operator, publicKey, {}, 'HS256'), 'signing method');
  });

  test('without a signature opens nothing', async () => {
    const [, claims = ''] = operator.split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    await keptOut(`${header}.${claims}.`, 'Bearer');
  });

  test('for another audience opens nothing', async () => {
    await keptOut(await tokenLike(operator, real(), { client_id: 'somebodyelse' }), 'audience');
    await keptOut(await tokenLike(operator, real(), { aud: 'another-api' }), 'audience');
  });

  test('of another issuer opens nothing', async () =>
    keptOut(
      await tokenLike(operator, real(), { iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x' }),
      'issuer',
    ));

  test('for a person instead of a machine opens nothing', async () => {
    const token = await tokenLike(operator, real(), { token_use: 'id' });
    await refuses({ method: 'POST', path: '/v1/vehicles', body: car, token }, 401, 'unauthenticated');
  });

  test('whose scopes are of another resource server opens nothing', async () => {
    for (const scope of ['', 'openid', 'manage_vehicles', 'otherloom/manage_vehicles']) {
      const token = await tokenLike(operator, real(), { scope });
      await refuses({ method: 'POST', path: '/v1/vehicles', body: car, token }, 403, 'scope-missing');
    }
  });
});

/** Each route with a vehicle in it, asked for by somebody who may do everything, or who may do nothing. */
const routes: readonly (readonly [name: string, call: (vehicleId: string) => Call, scope: string])[] = [
  ['get', (id) => ({ path: `/v1/vehicles/${id}` }), 'read_vehicles'],
  ['inventory', (id) => ({ path: `/v1/vehicles/${id}/ecus` }), 'read_vehicles'],
  ['suspend', (id) => ({ method: 'POST', path: `/v1/vehicles/${id}/suspend` }), 'manage_vehicles'],
  ['reactivate', (id) => ({ method: 'POST', path: `/v1/vehicles/${id}/reactivate` }), 'manage_vehicles'],
  ['retire', (id) => ({ method: 'POST', path: `/v1/vehicles/${id}/retire` }), 'manage_vehicles'],
  ['twin', (id) => ({ path: `/v1/vehicles/${id}/twins/climate` }), 'read_twins'],
  [
    'change of a twin',
    (id) => ({ method: 'PATCH', path: `/v1/vehicles/${id}/twins/climate`, body: { desired: { a: 1 } } }),
    'manage_twins',
  ],
  ['last known values', (id) => ({ path: `/v1/vehicles/${id}/telemetry` }), 'read_telemetry'],
  [
    'history',
    (id) => ({ path: `/v1/vehicles/${id}/telemetry/history?signal=Vehicle.Speed&from=2026-01-01T00:00:00Z` }),
    'read_telemetry',
  ],
  [
    'command',
    (id) => ({ method: 'POST', path: `/v1/vehicles/${id}/commands`, body: { name: 'doors.unlock' } }),
    'control_security',
  ],
  ['commands', (id) => ({ path: `/v1/vehicles/${id}/commands` }), 'read_vehicles'],
  ['one command', (id) => ({ path: `/v1/vehicles/${id}/commands/cmd-000000000aaaaaaaaaaaaaaaaaaaa` }), 'read_vehicles'],
];

describe('somebody without the scope', () => {
  test.each(routes)('is told which one it takes: %s', async (_, call, scope) => {
    const token = await home.journey.nobody.token();
    await refuses(
      { ...call(vehicles.driving), token },
      403,
      'scope-missing',
      scope === 'control_security' ? ['control_'] : [scope],
    );
  });

  test('of one command cannot give another', async () => {
    const token = await tokenLike(operator, signingKeyIn(home.stateDirectory), { scope: 'fleetloom/control_climate' });
    const body = { name: 'doors.unlock' };
    await refuses({ method: 'POST', path: commands('driving'), body, token }, 403, 'scope-missing', [
      'control_security',
    ]);
  });

  test('cannot register or search', async () => {
    const token = await home.journey.nobody.token();
    await refuses({ method: 'POST', path: '/v1/vehicles', body: car, token }, 403, 'scope-missing', [
      'manage_vehicles',
    ]);
    await refuses({ path: '/v1/vehicles', token }, 403, 'scope-missing', ['read_vehicles']);
  });
});

describe('a vehicle of another brand', () => {
  test.each(routes)('does not exist: %s', (_, call) =>
    refuses({ ...call(vehicles.foreign), token: partner }, 404, 'vehicle-not-found'),
  );

  test('cannot be registered', () =>
    refuses(
      { method: 'POST', path: '/v1/vehicles', body: { ...peugeot, vin: 'VR3UHZKXZMT000009' }, token: partner },
      403,
      'brand-not-allowed',
      ['peugeot'],
    ));

  test('cannot be searched for', async () => {
    await refuses({ path: '/v1/vehicles?brand=peugeot', token: partner }, 403, 'brand-not-allowed', ['peugeot']);
    const byVin = await send({ path: `/v1/vehicles?vin=${peugeot.vin}`, token: partner });
    expect(byVin.body).toEqual({ items: [] });
    const all = await send({ path: '/v1/vehicles?limit=100', token: partner });
    expect(JSON.stringify(all.body)).toContain(vehicles.driving);
    expect(JSON.stringify(all.body)).not.toContain(vehicles.foreign);
  });
});

describe('what another home posts', () => {
  const path = '/v1/device-events/vw-weu';
  const event = (more: object = {}) => ({
    ...{ vehicleId: vehicles.driving, epoch: 0, channel: 'telemetry', source: '0', sequence: 1, at: 1 },
    ...{ payload: btoa('{}'), ...more },
  });
  const now = () => home.cloud.clock.now();
  let posts = 0;

  /** Signed as by the home's own app, at `signedAt`. */
  function post(content: unknown, { signedAt = now(), ...more }: Partial<Call> & { signedAt?: number } = {}): Call {
    const { keyId, secret } = deviceEventKey(join(home.stateDirectory, 'azure'));
    const privateKey = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' });
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    posts += 1;
    const signed = signedPost(body, { keyId, privateKey }, `post-${posts}`, signedAt);
    return { method: 'POST', path, body, token: '', ...more, headers: { ...signed, ...more.headers } };
  }

  test.each([
    ['nobody', { 'webhook-signature': '' }],
    ['a key that nobody gave', { 'webhook-key': 'vw-weu.other' }],
    ['the home’s key, over something else', { 'webhook-id': 'another' }],
  ])('is not taken, signed by %s', (_, headers) =>
    refuses(post({ events: [event()] }, { headers }), 401, 'signature-invalid'),
  );

  test('is not taken under the name of another home', () =>
    refuses(post({ events: [event()] }, { path: '/v1/device-events/vw-neu' }), 401, 'signature-invalid'));

  test.each([-301_000, 302_000])('is not taken with a clock that is off by %s ms', (off) =>
    refuses(post({ events: [event()] }, { signedAt: now() + off }), 401, 'signature-expired'),
  );

  test('is taken once, and its repetition not', async () => {
    const call = post({ events: [event({ channel: 'twin' })] });
    expect(await send(call)).toMatchObject({ status: 202, body: { taken: 1, quarantined: 0 } });
    await refuses(call, 409, 'signature-replayed', ['Sign']);
  });

  test('is not taken where it is too large, no JSON, or not as agreed', async () => {
    await refuses(post({ events: [event({ payload: 'A'.repeat(256 * 1024) })] }), 413, 'body-too-large', ['262144']);
    await refuses(post('{"events":'), 400, 'malformed-body');
    await refuses(post({ events: [event(), event({ channel: 'warez' })] }), 400, 'invalid-body', ['/events/1/channel']);
    await refuses(post({ events: Array.from({ length: 101 }, () => event()) }), 400, 'invalid-body', ['/events']);
  });

  test('is put aside with its reason where it is of a vehicle that is at home elsewhere, or of none', async () => {
    const quarantine = new QueueReader(home.cloud.file, 'fleetloom-dev-telemetry-quarantine');
    const before = await records.all();
    const nobody = aVehicleId();
    const answer = await send(post({ events: [event(), event({ vehicleId: nobody })] }));
    expect(answer).toMatchObject({ status: 202, body: { taken: 0, quarantined: 2 } });
    const entries = await eventually(
      'both in quarantine',
      () => quarantine.all(),
      ({ length }) => length === 2,
    );
    expect(entries).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ vehicleId: vehicles.driving, reason: expect.stringContaining('not the vehicle’s') }),
        expect.objectContaining({ vehicleId: nobody, reason: expect.stringContaining('not registered') }),
      ]),
    );
    expect(await records.all()).toEqual(before);
    quarantine.close();
  });

  test('asks in vain for a device that is expected elsewhere, or nowhere', async () => {
    const asked = { vin: golf.vin, certificatePem: 'none', registrationId: vehicles.expected };
    const before = await records.all();
    const call = post({ ...asked, vehicleId: vehicles.expected }, { path: '/v1/device-admissions/vw-weu' });
    expect(await send(call)).toMatchObject({ status: 200, body: { admitted: false } });
    expect(await records.all()).toEqual(before);
  });
});

describe('a command', () => {
  const order = { name: 'doors.unlock' };

  test.each([
    ['has been offline for an hour', 'offline', 'vehicle-offline'],
    ['was never seen', 'expected', 'vehicle-expected'],
    ['is retired', 'retired', 'vehicle-retired'],
  ] as const)('to a vehicle that %s is not given', (_, which, code) =>
    refuses({ method: 'POST', path: commands(which), body: order }, 409, code),
  );

  test('to a retired vehicle is not given by another route either', async () => {
    await refuses({ method: 'POST', path: `/v1/vehicles/${vehicles.retired}/reactivate` }, 409, 'vehicle-retired');
    const body = { desired: { targetTemperature: 21 } };
    await refuses({ method: 'PATCH', path: climate('retired'), body }, 409, 'vehicle-retired');
  });

  test('given twice with one key is given once', async () => {
    const done: unknown[] = [];
    home.journey.golf.commands.handle('horn-lights.flash', (parameters) => {
      done.push(parameters);
      return undefined;
    });
    const body = { name: 'horn-lights.flash', parameters: { seconds: 3 } };
    const call = { method: 'POST', path: commands('driving'), body } as const;
    const headers = { 'idempotency-key': 'flash-1', prefer: 'wait=20' };
    const first = await send({ ...call, headers });
    expect(first.body).toMatchObject({ status: 'succeeded' });
    const before = await records.all();
    const again = await send({ ...call, headers });
    expect(again.status).toBe(first.status);
    expect(again.body).toEqual(first.body);
    const other = { ...body, parameters: { seconds: 30 } };
    await refuses({ ...call, body: other, headers }, 422, 'idempotency-key-reused', ['Idempotency-Key']);
    await refuses({ ...call, path: commands('offline'), headers }, 422, 'idempotency-key-reused');
    expect(await records.all()).toEqual(before);
    expect(done).toEqual([{ seconds: 3 }]);
  });

  test('with a key that is none is not given', () =>
    refuses(
      { method: 'POST', path: commands('driving'), body: order, headers: { 'idempotency-key': 'x'.repeat(256) } },
      400,
      'invalid-header',
      ['Idempotency-Key'],
    ));

  test('that was refused leaves its key free', async () => {
    const headers = { 'idempotency-key': 'second-thoughts' };
    await refuses({ method: 'POST', path: commands('offline'), body: order, headers }, 409, 'vehicle-offline');
    const corrected = await send({
      method: 'POST',
      path: commands('driving'),
      body: { name: 'climate.stop' },
      headers,
    });
    expect(corrected.status).toBe(202);
  });
});
