import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import { isCommandId } from '#shared/commands/command.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { CommandReply } from '#shared/vehicle-cloud/envelopes.ts';
import { anActiveVehicle, connection } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let vehicleId: VehicleId;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  vehicleId = await anActiveVehicle(api);
  api.road.onSend = async () => {};
  api.sent.length = 0;
});

const lock = { name: 'doors.lock' };
const order = (body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', `/v1/vehicles/${vehicleId}/commands`, { body, headers });
const read = (commandId: string) => api.call('GET', `/v1/vehicles/${vehicleId}/commands/${commandId}`);
const replyWith = (reply: Omit<CommandReply, 'commandId' | 'completedAt'>) => {
  api.road.onSend = async ({ request }) => {
    await api.replies.reply(vehicleId, { ...reply, commandId: request.commandId, completedAt: api.time.now });
  };
};

describe('a command', () => {
  test('is on its way at once: 202 with the place where its state is', async () => {
    const { status, headers, json } = await order({ name: 'climate.start', parameters: { targetTemperature: 21.5 } });
    expect([status, json.status]).toEqual([202, 'sent']);
    expect(headers.get('location')).toBe(`/v1/vehicles/${vehicleId}/commands/${json.commandId}`);
    expect((await read(json.commandId)).json).toEqual(json);
    expect(api.sent[0]?.request).toMatchObject({ name: 'climate.start', parameters: { targetTemperature: 21.5 } });
    expect((api.sent[0]?.request.expiresAt ?? 0) - (api.sent[0]?.request.issuedAt ?? 0)).toBe(30_000);
  });

  test('that ends a trip names its reservation, and is for whoever manages sharing', async () => {
    const end = { name: 'sharing.end', parameters: { reservationId: 'rsv-01l8q3m2gk3vq7n2mzt5ahx6cwp4r' } };
    expect((await order(end)).status).toBe(202);
    expect(api.sent[0]?.request).toMatchObject(end);
    expect((await order({ ...end, parameters: {} })).status).toBe(400);
    const others = scopeNames.filter((scope) => scope !== 'manage_sharing');
    const refused = await api.call('POST', `/v1/vehicles/${vehicleId}/commands`, { body: end, scopes: others });
    expect([refused.status, refused.json.detail]).toEqual([403, 'This needs the scope fleetloom/manage_sharing.']);
  });

  test('is answered with its outcome where the caller waits', async () => {
    replyWith({ status: 'succeeded' });
    const { status, headers, json } = await order(lock, { prefer: 'respond-async, wait=10' });
    expect([status, json.status, headers.get('preference-applied')]).toEqual([200, 'succeeded', 'wait=10']);
    expect(api.sent).toMatchObject([{ replyWithin: 10 }]);
  });

  test.each([{}, { prefer: 'wait=0' }, { prefer: 'respond-async' }])(
    'is handed over as one for whose outcome nobody waits: %j',
    async (headers) => {
      expect((await order(lock, headers)).status).toBe(202);
      expect(api.sent).toHaveLength(1);
      expect(api.sent[0]).not.toHaveProperty('replyWithin');
    },
  );

  test('that the vehicle answers on the spot is final at once, and what it says again changes nothing', async () => {
    api.road.onSend = async ({ request: { commandId } }) => ({
      ...{ commandId, status: 'failed', reason: 'door-open', completedAt: api.time.now },
    });
    const { status, json } = await order(lock);
    expect([status, json.status, json.reason]).toEqual([202, 'failed', 'door-open']);
    const again = { commandId: json.commandId, status: 'succeeded', completedAt: api.time.now } as const;
    await api.replies.reply(vehicleId, again);
    expect((await read(json.commandId)).json).toMatchObject({ status: 'failed', reason: 'door-open' });
  });

  test('whose vehicle says no carries the reason', async () => {
    replyWith({ status: 'rejected', reason: 'in-motion', detail: 'The car moves.' });
    const { json } = await order(lock, { prefer: 'wait=5' });
    expect(json).toMatchObject({ status: 'rejected', reason: 'in-motion', detail: 'The car moves.' });
  });

  test('whose vehicle stays silent is 202 when the wait is over, and expires afterwards', async () => {
    const begun = api.time.now;
    const { status, json } = await order({ ...lock, expiresInSeconds: 60 }, { prefer: 'wait=25' });
    expect([status, json.status]).toEqual([202, 'sent']);
    expect(api.time.now - begun).toBe(25_000);
    if (!isCommandId(json.commandId)) throw new Error('no command id');
    expect(await api.expiries.remind(vehicleId, json.commandId)).toBe('postponed');
    api.time.now += 45_000;
    expect(await api.expiries.remind(vehicleId, json.commandId)).toBe('expired');
    const late = { commandId: json.commandId, status: 'succeeded', completedAt: api.time.now } as const;
    expect(await api.replies.reply(vehicleId, late)).toBe('late');
    expect(await api.replies.reply(vehicleId, late)).toBe('repeated');
    expect((await read(json.commandId)).json).toMatchObject({ status: 'expired', lateReply: { status: 'succeeded' } });
  });

  test('is never answered by another vehicle', async () => {
    const { json } = await order(lock);
    const other = await anActiveVehicle(api);
    expect(await api.replies.reply(other, { commandId: json.commandId, status: 'succeeded', completedAt: 1 })).toBe(
      'unknown-command',
    );
    expect((await read(json.commandId)).json.status).toBe('sent');
  });

  test('twice with one key is sent once', async () => {
    const headers = { 'idempotency-key': 'lock-once' };
    const [first, second] = [await order(lock, headers), await order(lock, headers)];
    expect(second.json).toEqual(first.json);
    expect(api.sent).toHaveLength(1);
  });

  test('is told again to nobody who has lost the scope or the brand for it', async () => {
    const headers = { 'idempotency-key': `lost-${vehicleId}` };
    const path = `/v1/vehicles/${vehicleId}/commands`;
    const client = `partner-${vehicleId}`;
    await api.letIn(client, '*');
    expect((await api.call('POST', path, { body: lock, headers, client })).status).toBe(202);
    const without = await api.call('POST', path, { body: lock, headers, client, scopes: ['control_climate'] });
    expect([without.status, without.json.type]).toEqual([403, expect.stringMatching(/scope-missing$/)]);
    await api.letIn(client, 'peugeot');
    api.time.now += 30_001;
    const outside = await api.call('POST', path, { body: lock, headers, client });
    expect([outside.status, outside.json.type]).toEqual([404, expect.stringMatching(/vehicle-not-found$/)]);
    expect(api.sent).toHaveLength(1);
  });

  test('that broke off on its way is carried on under its own id', async () => {
    const headers = { 'idempotency-key': `retry-${vehicleId}` };
    api.road.onSend = () => Promise.reject(new Error('the connection broke'));
    expect((await order(lock, headers)).status).toBe(500);
    api.road.onSend = async () => {};
    expect((await order(lock, headers)).status).toBe(202);
    expect(new Set(api.sent.map(({ request }) => request.commandId)).size).toBe(1);
    expect((await api.call('GET', `/v1/vehicles/${vehicleId}/commands`)).json.items).toHaveLength(1);
  });

  test('that broke off stays the same command, although the vehicle has gone in between', async () => {
    const headers = { 'idempotency-key': `gone-${vehicleId}` };
    api.road.onSend = () => Promise.reject(new Error('the connection broke'));
    await order({ ...lock, expiresInSeconds: 60 }, headers);
    api.road.onSend = async () => {};
    await connection(api, vehicleId, 'disconnected');
    api.time.now += 11_000;
    const gone = await order({ ...lock, expiresInSeconds: 60 }, headers);
    expect([gone.status, gone.json.commandId]).toEqual([202, api.sent[0]?.request.commandId]);
    await connection(api, vehicleId, 'connected');
    expect((await order({ ...lock, expiresInSeconds: 60 }, headers)).json).toEqual(gone.json);
    expect(new Set(api.sent.map(({ request }) => request.commandId)).size).toBe(1);
  });

  test('that broke off and is refused when it comes again keeps its key', async () => {
    const headers = { 'idempotency-key': `scope-${vehicleId}` };
    const path = `/v1/vehicles/${vehicleId}/commands`;
    api.road.onSend = () => Promise.reject(new Error('the connection broke'));
    await order(lock, headers);
    api.road.onSend = async () => {};
    const refused = await api.call('POST', path, { body: lock, headers, scopes: ['control_climate'] });
    expect(refused.status).toBe(403);
    expect((await order(lock, headers)).status).toBe(202);
    expect(new Set(api.sent.map(({ request }) => request.commandId)).size).toBe(1);
  });

  test('whose time is over before it is published never leaves, and has expired', async () => {
    const headers = { 'idempotency-key': `late-${vehicleId}` };
    api.road.onSend = () => Promise.reject(new Error('the connection broke'));
    await order(lock, headers);
    api.road.onSend = async () => {};
    api.time.now += 31_000;
    const { json } = await order(lock, headers);
    expect([json.status, json.commandId]).toEqual(['expired', api.sent[0]?.request.commandId]);
    expect(api.sent).toHaveLength(1);
    expect((await read(json.commandId)).json).toEqual(json);
  });
});

describe('is refused', () => {
  test.each([
    [{ name: 'doors.open' }, '/name'],
    [{ name: 'doors.lock', parameters: { doors: 4 } }, '/parameters/doors'],
    [{ name: 'climate.start', parameters: { targetTemperature: 99 } }, '/parameters/targetTemperature'],
    [{ name: 'charge.start', parameters: { targetStateOfCharge: 50.5 } }, '/parameters/targetStateOfCharge'],
    [{ name: 'doors.lock', expiresInSeconds: 901 }, '/expiresInSeconds'],
    [{ name: 'doors.lock', force: true }, '/force'],
    [{}, '/name'],
  ])('%j', async (body, pointer) => {
    const { status, json } = await order(body);
    expect([status, json.errors?.[0].pointer]).toEqual([400, pointer]);
    expect(api.sent).toEqual([]);
  });

  test('without the scope of that very command', async () => {
    const scopes = scopeNames.filter((scope) => scope !== 'control_security');
    const answer = await api.call('POST', `/v1/vehicles/${vehicleId}/commands`, { body: lock, scopes });
    expect([answer.status, answer.json.detail]).toEqual([403, 'This needs the scope fleetloom/control_security.']);
  });

  test('when the vehicle has been offline for more than ten seconds, and not before', async () => {
    await connection(api, vehicleId, 'disconnected');
    api.time.now += 10_000;
    expect((await order(lock)).status).toBe(202);
    api.time.now += 1;
    const { status, json } = await order(lock);
    expect([status, json.type]).toEqual([409, '/docs#problem-vehicle-offline']);
    expect(api.sent).toHaveLength(1);
  });

  test.each(['suspend', 'retire'])('after %s', async (verb) => {
    await api.call('POST', `/v1/vehicles/${vehicleId}/${verb}`);
    const { status, json } = await order(lock);
    expect([status, json.type]).toEqual([409, expect.stringMatching(/vehicle-(suspended|retired)$/)]);
  });

  test('for another brand’s vehicle, which does not exist', async () => {
    const other = await anActiveVehicle(api, 'audi');
    const answer = await api.call('POST', `/v1/vehicles/${other}/commands`, { body: lock, client: 'reader' });
    expect(answer.status).toBe(404);
  });
});

test('the commands of a vehicle are listed, the newest first, with a cursor of their own', async () => {
  for (const name of ['doors.lock', 'doors.unlock', 'climate.stop']) {
    await order({ name });
    api.time.now += 1000;
  }
  const first = await api.call('GET', `/v1/vehicles/${vehicleId}/commands?limit=2`);
  const second = await api.call('GET', `/v1/vehicles/${vehicleId}/commands?limit=2&cursor=${first.json.nextCursor}`);
  const names = [...first.json.items, ...second.json.items].map((command) => command.name);
  expect(names).toEqual(['climate.stop', 'doors.unlock', 'doors.lock']);
  const other = await anActiveVehicle(api);
  expect((await api.call('GET', `/v1/vehicles/${other}/commands?limit=2&cursor=${first.json.nextCursor}`)).status).toBe(
    400,
  );
  expect((await read('cmd-1')).status).toBe(404);
});
