import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aVin } from '../../contract/samples.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const car = (changes: Record<string, unknown> = {}) => ({
  vin: aVin(),
  brand: 'volkswagen',
  model: 'ID.3',
  market: 'DE',
  ...changes,
});

async function registered(body = car()): Promise<string> {
  const { status, json } = await api.call('POST', '/v1/vehicles', { body });
  expect(status).toBe(201);
  return json.vehicleId;
}

describe('registering', () => {
  test('a new vehicle is expected from then on, and has an opaque id', async () => {
    const body = car();
    const { status, headers, json } = await api.call('POST', '/v1/vehicles', { body });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      brand: 'volkswagen',
      model: 'ID.3',
      market: 'DE',
      status: 'expected',
      connection: { connected: false },
    });
    expect(json.vehicleId).toMatch(/^veh-[a-z2-7]{20}$/);
    expect(headers.get('location')).toBe(`/v1/vehicles/${json.vehicleId}`);
    expect(json.vin).toBeUndefined();
  });

  test('equal data again is the same vehicle, other data a conflict', async () => {
    const body = car();
    const vehicleId = await registered(body);
    const again = await api.call('POST', '/v1/vehicles', { body });
    expect([again.status, again.json.vehicleId]).toEqual([200, vehicleId]);
    const other = await api.call('POST', '/v1/vehicles', { body: { ...body, model: 'ID.4' } });
    expect([other.status, other.json.type]).toEqual([409, '/docs#problem-vin-already-registered']);
    expect((await api.call('GET', `/v1/vehicles/${vehicleId}`)).json.model).toBe('ID.3');
  });

  test('the VIN of a retired vehicle is not expected again, and it is said what can be done', async () => {
    const body = car();
    const vehicleId = await registered(body);
    await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
    for (const order of [body, { ...body, model: 'ID.4' }]) {
      const { status, json } = await api.call('POST', '/v1/vehicles', { body: order });
      expect([status, json.type]).toEqual([409, '/docs#problem-vehicle-retired']);
      expect(json).toMatchObject({
        resolution: expect.stringContaining('have its data erased'),
        errors: [{ pointer: '/vin', detail: 'belongs to a retired vehicle' }],
      });
    }
  });

  test('a vehicle is at home where its registration says, and another one says so in vain', async () => {
    const silent = car();
    const body = { ...silent, home: 'north' };
    const { status, json } = await api.call('POST', '/v1/vehicles', { body });
    expect([status, json.home]).toEqual([201, { name: 'north', epoch: 0 }]);
    for (const same of [body, silent]) {
      const again = await api.call('POST', '/v1/vehicles', { body: same });
      expect([again.status, again.json.vehicleId]).toEqual([200, json.vehicleId]);
    }
    const other = await api.call('POST', '/v1/vehicles', { body: { ...body, home: 'first' } });
    expect([other.status, other.json.type]).toEqual([409, '/docs#problem-vin-already-registered']);
    const unknown = await api.call('POST', '/v1/vehicles', { body: car({ home: 'south' }) });
    expect([unknown.status, unknown.json.type]).toEqual([422, '/docs#problem-home-unknown']);
    expect(unknown.json).toMatchObject({
      ...{ resolution: 'The homes are first, north.', errors: [{ pointer: '/home' }] },
    });
  });

  test.each([
    [{ vin: 'WVWZZZE1ZMPI00001' }, '/vin', 'contains I, O or Q'],
    [{ vin: 'WVWZZZE1ZMP00001' }, '/vin', 'is not 17'],
    [{ vin: '1M8GDM9A1KP042788' }, '/vin', 'check digit'],
    [{ vin: 17 }, '/vin', 'is not a string'],
    [{ brand: 'Volkswagen' }, '/brand', 'is no brand slug'],
    [{ brand: 'trabant' }, '/brand', 'is not one of the brands'],
    [{ home: 'The North' }, '/home', 'is no name of a home'],
    [{ market: 'XX' }, '/market', 'ISO 3166'],
    [{ model: '' }, '/model', 'is empty'],
    [{ model: 'a\u0007b' }, '/model', 'control characters'],
    [{ model: 'a\u202eb' }, '/model', 'invisible characters'],
    [{ model: 'a\ufffdb' }, '/model', 'invisible characters'],
    [{ colour: 'red' }, '/colour', 'is not known here'],
    [{ deviceKeySha256: 'ABC' }, '/deviceKeySha256', 'form'],
    [{ model: undefined }, '/model', 'is missing'],
  ])('%j is refused, and named', async (changes, pointer, detail) => {
    const { status, json } = await api.call('POST', '/v1/vehicles', { body: car(changes) });
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ pointer, detail: expect.stringContaining(detail) }]);
    expect(json.requestId).toBe('request-1');
  });

  test('a valid North American check digit is accepted', async () => {
    await registered(car({ vin: '1M8GDM9AXKP042788' }));
  });

  test.each([
    ['{', 400, 'malformed-body'],
    ['[]', 400, 'invalid-body'],
    ['', 400, 'malformed-body'],
    [JSON.stringify({ vin: 'x'.repeat(70_000) }), 413, 'body-too-large'],
  ])('the body %.20s gets %i %s', async (rawBody, status, code) => {
    const answer = await api.call('POST', '/v1/vehicles', { rawBody });
    expect([answer.status, answer.json.type]).toEqual([status, `/docs#problem-${code}`]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test('where there is no body at all, an example says what is missing, whatever type it is said to be of', async () => {
    for (const headers of [{}, { 'content-type': 'text/plain' }]) {
      const { status, json } = await api.call('POST', '/v1/vehicles', { rawBody: '', headers });
      expect([status, json.type, json.detail]).toEqual([
        ...[400, '/docs#problem-malformed-body', 'There is no body, and the operation needs one.'],
      ]);
      expect(json.resolution).toMatch(/^Send application\/json, such as \{"vin":"WVW/);
    }
  });

  test('a body that is not JSON by its type is 415', async () => {
    const answer = await api.call('POST', '/v1/vehicles', {
      rawBody: 'a=b',
      headers: { 'content-type': 'text/plain' },
    });
    expect([answer.status, answer.json.resolution]).toEqual([415, 'Send application/json.']);
  });

  test.each(['gzip', 'br', 'identity, gzip'])('a body that is compressed with %s is 415', async (coding) => {
    const answer = await api.call('POST', '/v1/vehicles', { body: car(), headers: { 'content-encoding': coding } });
    expect([answer.status, answer.json.type]).toEqual([415, '/docs#problem-unsupported-media-type']);
    expect(answer.headers.get('accept-encoding')).toBe('identity');
  });

  test('a body that says that it is not compressed is taken', async () => {
    await expect(
      api.call('POST', '/v1/vehicles', { body: car(), headers: { 'content-encoding': 'Identity' } }),
    ).resolves.toMatchObject({ status: 201 });
  });
});

describe('who is let in', () => {
  test('another brand’s vehicle does not exist', async () => {
    const vehicleId = await registered(car({ brand: 'audi' }));
    const answer = await api.call('GET', `/v1/vehicles/${vehicleId}`, { client: 'reader' });
    expect([answer.status, answer.json.type]).toEqual([404, '/docs#problem-vehicle-not-found']);
    const search = await api.call('GET', '/v1/vehicles?limit=100', { client: 'reader' });
    expect(search.json.items.every((vehicle: { brand: string }) => vehicle.brand === 'volkswagen')).toBe(true);
  });

  test('registering or searching for a brand that is not the client’s is forbidden', async () => {
    const post = await api.call('POST', '/v1/vehicles', { body: car({ brand: 'audi' }), client: 'reader' });
    const get = await api.call('GET', '/v1/vehicles?brand=audi', { client: 'reader' });
    expect([post.status, get.status]).toEqual([403, 403]);
  });

  test('a client that nobody let in sees nothing and may register nothing', async () => {
    const vehicleId = await registered();
    expect((await api.call('GET', `/v1/vehicles/${vehicleId}`, { client: 'stranger' })).status).toBe(404);
    expect((await api.call('POST', '/v1/vehicles', { body: car(), client: 'stranger' })).status).toBe(403);
    expect((await api.call('GET', '/v1/vehicles', { client: 'stranger' })).json).toEqual({ items: [] });
  });

  test('a missing scope is named', async () => {
    const answer = await api.call('GET', '/v1/vehicles', { scopes: ['none'] });
    expect([answer.status, answer.json.detail]).toEqual([403, 'This needs the scope fleetloom/read_vehicles.']);
  });

  test('the VIN is for those with its scope, and so is looking up by it', async () => {
    const body = car();
    const vehicleId = await registered(body);
    const scopes = ['read_vehicles'] as const;
    expect((await api.call('GET', `/v1/vehicles/${vehicleId}`)).json.vin).toBe(body.vin);
    expect((await api.call('GET', `/v1/vehicles/${vehicleId}`, { scopes })).json.vin).toBeUndefined();
    expect((await api.call('GET', `/v1/vehicles?vin=${body.vin}`)).json.items).toHaveLength(1);
    expect((await api.call('GET', `/v1/vehicles?vin=${body.vin}&model=ID.4`)).json.items).toEqual([]);
    expect((await api.call('GET', `/v1/vehicles?vin=${body.vin}`, { scopes })).status).toBe(403);
  });

  test('a request whose token nobody has verified gets in nowhere', async () => {
    const response = await api.app.request('/v1/vehicles', {}, { event: {} });
    expect(response.status).toBe(401);
  });
});

describe('finding', () => {
  test('pages follow one another, and a cursor belongs to its query', async () => {
    for (let index = 0; index < 5; index++) await registered(car({ brand: 'peugeot', model: 'e-208' }));
    const first = await api.call('GET', '/v1/vehicles?brand=peugeot&limit=2');
    const found = [...first.json.items];
    for (let cursor = first.json.nextCursor; cursor !== undefined; ) {
      const page = await api.call('GET', `/v1/vehicles?brand=peugeot&limit=2&cursor=${cursor}`);
      found.push(...page.json.items);
      cursor = page.json.nextCursor;
    }
    expect(new Set(found.map((vehicle) => vehicle.vehicleId)).size).toBe(5);
    const misused = await api.call('GET', `/v1/vehicles?brand=audi&limit=2&cursor=${first.json.nextCursor}`);
    expect([misused.status, misused.json.type]).toEqual([400, '/docs#problem-bad-cursor']);
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'cursor=x',
    'colour=red',
    'status=lost',
    'limit=1&limit=2',
    'vin=1',
    'softwareVersion=',
  ])('?%s is 400', async (query) => {
    const { status, json } = await api.call('GET', `/v1/vehicles?${query}`);
    expect(status).toBe(400);
    expect(json.errors[0].pointer).toBe(query.split('=')[0]);
  });

  test('an id that cannot exist names nothing', async () => {
    for (const path of ['/v1/vehicles/x', '/v1/vehicles/veh-1', '/v1/vehicles/%F0', '/v1/nothing', '/']) {
      expect((await api.call('GET', path)).status).toBe(404);
    }
  });

  test('a method that a resource does not have is 405, with those it has', async () => {
    const answer = await api.call('DELETE', '/v1/vehicles');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
  });
});

describe('the life cycle', () => {
  test('only an active vehicle is suspended; retirement is final; twice is once', async () => {
    const vehicleId = await active();
    for (const [verb, status] of [
      ['suspend', 'suspended'],
      ['suspend', 'suspended'],
      ['reactivate', 'active'],
      ['retire', 'retired'],
      ['retire', 'retired'],
    ]) {
      const { status: code, json } = await api.call('POST', `/v1/vehicles/${vehicleId}/${verb}`);
      expect([code, json.status]).toEqual([200, status]);
    }
    expect((await api.call('POST', `/v1/vehicles/${vehicleId}/reactivate`)).json.type).toMatch(/vehicle-retired$/);
    expect((await api.call('POST', `/v1/vehicles/${await registered()}/suspend`)).status).toBe(409);
  });
});

describe('an Idempotency-Key', () => {
  const post = (key: string, body: unknown) =>
    api.call('POST', '/v1/vehicles', { body, headers: { 'idempotency-key': key } });

  test('the same request again gets the same answer', async () => {
    const body = car();
    const [first, second] = [await post('k1', body), await post('k1', body)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
  });

  test('the same request again is refused to a client that has lost the brand meanwhile', async () => {
    await api.letIn('partner', 'volkswagen');
    const body = car();
    const as = (path: string, key: string, sent?: unknown) =>
      api.call('POST', path, {
        ...(sent !== undefined && { body: sent }),
        client: 'partner',
        headers: { 'idempotency-key': key },
      });
    const { json } = await as('/v1/vehicles', 'p1', body);
    const retire = `/v1/vehicles/${json.vehicleId}/retire`;
    expect((await as(retire, 'p2')).status).toBe(200);
    await api.letIn('partner', 'audi');
    // Brands are remembered for half a minute.
    api.time.now += 30_001;
    const [registration, retirement] = [await as('/v1/vehicles', 'p1', body), await as(retire, 'p2')];
    expect([registration.status, registration.json.type]).toEqual([403, expect.stringMatching(/brand-not-allowed$/)]);
    expect([retirement.status, retirement.json.type]).toEqual([404, expect.stringMatching(/vehicle-not-found$/)]);
    await api.letIn('partner', 'volkswagen');
    api.time.now += 30_001;
    expect((await as('/v1/vehicles', 'p1', body)).json).toEqual(json);
  });

  test('another body under the same key is 422', async () => {
    await post('k2', car());
    const answer = await post('k2', car());
    expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, 'Idempotency-Key']);
  });

  test('many at once register one vehicle; those that come too early are told when to come', async () => {
    const body = car();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('k3', body)));
    const ids = new Set(answers.flatMap(({ json }) => json.vehicleId ?? []));
    expect(ids.size).toBe(1);
    for (const { status, headers } of answers) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  test('after a refusal the key is free for the corrected request', async () => {
    const body = car({ brand: 'trabant' });
    expect((await post('k4', body)).status).toBe(400);
    expect((await post('k4', { ...body, brand: 'audi' })).status).toBe(201);
  });

  test('keys of different clients have nothing to do with each other', async () => {
    const [mine, other] = [car(), car()];
    await post('k5', mine);
    const answer = await api.call('POST', '/v1/vehicles', {
      body: other,
      client: 'reader',
      headers: { 'idempotency-key': 'k5' },
    });
    expect(answer.status).toBe(201);
  });

  test.each(['a b', ''])('the key "%s" is 400', async (key) => {
    const { status, json } = await post(key, car());
    expect([status, json.errors[0].pointer]).toEqual([400, 'Idempotency-Key']);
  });
});

test('log lines name the request, the client and the vehicle, and never a VIN', async () => {
  const body = car();
  const vehicleId = await registered(body);
  await api.call('GET', `/v1/vehicles/${vehicleId}`);
  await api.call('GET', `/v1/vehicles/${body.vin}`);
  expect(api.lines).toContainEqual(
    expect.objectContaining({ requestId: 'request-1', clientId: 'operator', vehicleId, status: 200 }),
  );
  expect(JSON.stringify(api.lines)).not.toContain(body.vin);
});

async function active(): Promise<string> {
  const body = car();
  const vehicleId = await registered(body);
  const certificate = { certificateId: `c-${vehicleId}`, deviceKeySha256: 'a'.repeat(64), expiresAt: 9e12 };
  const admission = await api.fleet.admit(body.vin, certificate);
  if (!admission.admitted) throw new Error(admission.reason);
  await api.fleet.observe({
    ...{ vehicleId: admission.vehicle.vehicleId, kind: 'connected', sessionId: 's', connection: 0, at: api.time.now },
    certificateId: certificate.certificateId,
  });
  return vehicleId;
}
