import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AzureHub } from '#functions/adapters/azure-iot-hub/azure-hub.ts';
import { hubClients } from '#functions/adapters/azure-iot-hub/hub-clients.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { and, compare, eq, exists, isIn, not } from '#shared/vehicle-cloud/fleet-query.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { attached, openServiceScene, type ServiceScene } from '../../local/azure/service-scene.ts';

let scene: ServiceScene;
let hub: AzureHub;
beforeAll(async () => {
  scene = await openServiceScene({
    verifyBearer: async (token) => (token === 'good' ? ['RegistryRead', 'RegistryWrite', 'ServiceConnect'] : undefined),
  });
  const { hostName } = scene.hub;
  const local = { authority: '', hubs: { [hostName]: { host: '127.0.0.1', https: scene.port, amqp: 1 } } };
  const credential = {
    getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  hub = new AzureHub(hubClients(hostName, credential, { ...local, ca: scene.authority.caPem }), scene.clock);
});
afterAll(() => scene.close());

function newVehicle(tags: object = {}): VehicleId {
  const vehicleId = aVehicleId();
  scene.hub.identities.create({ deviceId: vehicleId, authentication: { type: 'certificateAuthority' } });
  scene.hub.twins.patchByService(vehicleId, { tags });
  return vehicleId;
}

const desiredOf = (vehicleId: VehicleId) => scene.hub.twins.get(vehicleId).desired.value;

test('a twin is a member of the one twin, and the members beside it stay as they are', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  expect(await twins.load(vehicleId, 'comfort')).toBeUndefined();
  await twins.patchDesired(vehicleId, 'comfort', { seat: { heat: 2 }, blower: 3 });
  await twins.patchDesired(vehicleId, 'charging', { limit: 80 });
  await twins.patchDesired(vehicleId, 'comfort', { seat: { heat: null, cool: 1 } });
  scene.hub.twins.patchReported(vehicleId, { comfort: { blower: 3 } });
  const at = scene.clock.now();
  expect(await twins.load(vehicleId, 'comfort')).toMatchObject({
    desired: { seat: { cool: 1 }, blower: 3 },
    reported: { blower: 3 },
    desiredAt: { seat: { cool: at }, blower: at },
    reportedAt: { blower: at },
  });
  expect(await twins.load(vehicleId, 'charging')).toMatchObject({ desired: { limit: 80 }, reported: {} });
});

test('what stands beside the twins in the one twin is none of them', async () => {
  const vehicleId = newVehicle();
  const { twins, rollouts } = hub.vehiclesOf(0);
  await twins.patchDesired(vehicleId, 'comfort', { blower: 3 });
  await rollouts.join(vehicleId, 'cmp-bbbbbbbbbbbbbbbbbbbb' as Parameters<typeof rollouts.join>[1], 1, 1);
  scene.hub.twins.patchReported(vehicleId, { rollouts: { 'cmp-bbbbbbbbbbbbbbbbbbbb': { status: 'succeeded' } } });
  expect(Object.keys(desiredOf(vehicleId)).sort()).toEqual(['comfort', 'rollouts', 'stamps']);
  for (const name of ['stamps', 'rollouts']) expect(await twins.load(vehicleId, name), name).toBeUndefined();
});

test('a patch for a revision that is no more changes nothing, and what others write beside it is no hindrance', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  await twins.patchDesired(vehicleId, 'comfort', { blower: 1 });
  const seen = await twins.load(vehicleId, 'comfort');
  // The etag moves; this member does not.
  await twins.patchDesired(vehicleId, 'charging', { limit: 80 });
  scene.hub.twins.patchReported(vehicleId, { comfort: { blower: 1 } });
  expect(await twins.patchDesired(vehicleId, 'comfort', { blower: 2 }, seen?.revision)).toBe(true);
  expect(await twins.patchDesired(vehicleId, 'comfort', { blower: 3 }, seen?.revision)).toBe(false);
  expect((await twins.load(vehicleId, 'comfort'))?.desired).toEqual({ blower: 2 });
});

test('ten who change the same twin at once, each what they saw, all get their turn', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(names.map((name) => twins.patchDesired(vehicleId, `twin-${name}`, { name })));
  for (const name of names) {
    expect((await twins.load(vehicleId, `twin-${name}`))?.desired, name).toEqual({ name });
  }
});

test('what the platform shows late or twice changes nothing', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  await twins.show(vehicleId, 'ota', [{ offer: null }, { offer: { id: 2 } }], 2);
  await twins.show(vehicleId, 'ota', [{ offer: { id: 1 } }], 1);
  await twins.show(vehicleId, 'ota', [{ offer: { id: 9 } }], 2);
  expect(desiredOf(vehicleId)).toMatchObject({ ota: { offer: { id: 2 } } });
});

test('a release and its end, in whichever order they arrive, end as the newer one says', async () => {
  const [first, second] = [newVehicle(), newVehicle()];
  const { rollouts } = hub.vehiclesOf(0);
  const campaignId = 'cmp-aaaaaaaaaaaaaaaaaaaa' as Parameters<typeof rollouts.join>[1];
  await rollouts.join(first, campaignId, 1_800_000_000_000, 4);
  expect(desiredOf(first)).toMatchObject({ rollouts: { [campaignId]: { releasedAt: 1_800_000_000_000 } } });
  await rollouts.leave(first, campaignId, 5);
  await rollouts.leave(second, campaignId, 5);
  await rollouts.join(second, campaignId, 1_800_000_000_000, 4);
  for (const vehicleId of [first, second]) expect(desiredOf(vehicleId)['rollouts'] ?? {}).toEqual({});
});

test('a vehicle’s life is full of campaigns, and its tags are not', async () => {
  const { rollouts } = hub.vehiclesOf(0);
  const ids = Array.from({ length: 150 }, (_, place) => `cmp-${String(place).padStart(9, '0')}aaaaaaaaaaa`);
  const [standing = '', last = ''] = [ids[3], ids.at(-1)];
  const vehicleId = newVehicle({ orders: Object.fromEntries(ids.map((id) => [`rollout-${id}`, 5])) });
  scene.hub.twins.patchByService(vehicleId, {
    ...{ tags: { orders: { access: 2 } } },
    properties: { desired: { rollouts: { [standing]: { releasedAt: 1 } } } },
  });
  const next = 'cmp-000000999aaaaaaaaaaa' as Parameters<typeof rollouts.join>[1];
  await rollouts.join(vehicleId, next, 1_800_000_000_000, 1);
  await rollouts.join(vehicleId, last as typeof next, 1_800_000_000_000, 4);
  const { orders } = scene.hub.twins.get(vehicleId).tags as { orders: object };
  const kept = [...ids.slice(-16), standing, next].map((id) => `rollout-${id}`);
  expect(Object.keys(orders).sort()).toEqual(['access', ...kept].sort());
  expect(Object.keys(desiredOf(vehicleId)['rollouts'] ?? {}).sort()).toEqual([standing, next].sort());
});

test('a vehicle that has moved on is unknown to whoever knows its former epoch, and neither read nor changed', async () => {
  const vehicleId = newVehicle({ home: { name: 'vw-weu', epoch: 3 } });
  const [former, present] = [hub.vehiclesOf(2), hub.vehiclesOf(3)];
  expect(await former.twins.load(vehicleId, 'comfort')).toBeUndefined();
  await expect(former.twins.patchDesired(vehicleId, 'comfort', { blower: 1 })).rejects.toMatchObject({
    code: 'vehicle-not-provisioned',
  });
  expect(await present.twins.patchDesired(vehicleId, 'comfort', { blower: 2 })).toBe(true);
});

test('a message reaches a vehicle that is there, and its reply comes back at once', async () => {
  const vehicleId = newVehicle();
  const heard: unknown[] = [];
  const { line } = attached(scene, vehicleId, {
    method: (requestId, name, payload) => {
      heard.push({ name, payload });
      scene.hub.methods.answer(vehicleId, requestId, { status: 200, payload: { reply: { status: 'succeeded' } } });
    },
  });
  scene.hub.methods.connect(vehicleId, line);
  const { messages } = hub.vehiclesOf(0);
  expect(await messages.send(vehicleId, command('unlock'), scene.clock.now())).toEqual({
    reply: { status: 'succeeded' },
  });
  expect(heard).toEqual([{ name: 'commands', payload: { name: 'unlock' } }]);
});

test('a live message for a vehicle that is away is dropped without a word', async () => {
  const { messages } = hub.vehiclesOf(0);
  const message = { ...command('answer'), channel: 'sharing', mode: 'live' } as const;
  expect(await messages.send(newVehicle(), message, scene.clock.now())).toEqual({});
});

test('a vehicle that is shut out may not connect; a late order does not let it in again', async () => {
  const vehicleId = newVehicle();
  const { access } = hub.vehiclesOf(0);
  await access.set(vehicleId, 'INACTIVE', 7);
  await access.set(vehicleId, 'ACTIVE', 6);
  expect(scene.hub.identities.get(vehicleId)).toMatchObject({
    ...{ status: 'disabled', authentication: { type: 'certificateAuthority' } },
  });
  await access.set(vehicleId, 'ACTIVE', 8);
  expect(scene.hub.identities.get(vehicleId).status).toBe('enabled');
});

test.each([
  ['429', { error: 'ThrottlingException', status: 429 }, { kind: 'unavailable', code: 'hub-throttled' }],
  ['503', { error: 'ServiceUnavailable', status: 503 }, { kind: 'unavailable', code: 'hub-not-answering' }],
  ['401', { error: 'IotHubUnauthorizedAccess', status: 401 }, { kind: 'unavailable', code: 'hub-not-answering' }],
])('an answer of %s is told in our own words, with the time to wait', async (_, fault, expected) => {
  const vehicleId = newVehicle();
  const planned = scene.faults.plan({ kind: 'fail', hop: 'hub', label: `*/${vehicleId}`, ...fault });
  try {
    await expect(hub.vehiclesOf(0).twins.load(vehicleId, 'comfort')).rejects.toMatchObject({
      ...expected,
      retryAfter: expect.any(Number),
    });
  } finally {
    scene.faults.end(planned);
  }
});

test('no failure carries the token with which the hub was asked', async () => {
  const vehicleId = newVehicle();
  const planned = scene.faults.plan({
    kind: 'fail',
    hop: 'hub',
    label: `*/${vehicleId}`,
    error: 'Whatever',
    status: 500,
  });
  const failure = await hub
    .vehiclesOf(0)
    .twins.load(vehicleId, 'comfort')
    .catch((error: unknown) => error);
  scene.faults.end(planned);
  expect(failure).toMatchObject({ code: 'hub-not-answering' });
  expect(inspect(failure, { depth: 20 })).not.toMatch(/Bearer|good/);
});

test('names that the hub cannot hold, and settings that are too large, are told before anything is changed', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  await expect(twins.patchDesired(vehicleId, 'comfort', { 'a.b': 1 })).rejects.toMatchObject({
    code: 'twin-not-acceptable',
    message: expect.stringContaining('/desired/a.b'),
  });
  await expect(twins.patchDesired(vehicleId, 'comfort', { text: 'x'.repeat(5000) })).rejects.toMatchObject({
    code: 'twin-not-acceptable',
  });
  expect(await twins.load(vehicleId, 'comfort')).toBeUndefined();
});

test('however much partners have had set, there is room for what the platform says', async () => {
  const vehicleId = newVehicle();
  const { twins } = hub.vehiclesOf(0);
  const text = 'x'.repeat(3900);
  for (const name of ['a', 'b']) await twins.patchDesired(vehicleId, name, { one: text, two: text });
  await expect(twins.patchDesired(vehicleId, 'c', { one: text, two: text })).rejects.toMatchObject({
    code: 'twin-too-large',
    resolution: expect.stringContaining('20 KB'),
  });
  await twins.show(vehicleId, 'ota', [{ offer: { text, more: text.slice(0, 3500) } }], 1);
  expect(await twins.patchDesired(vehicleId, 'b', { two: null })).toBe(true);
});

test('a fleet is asked in the small language of all device clouds', async () => {
  const [one, two] = [newVehicle({ brand: 'audi', market: 'DE' }), newVehicle({ brand: 'audi', market: 'FR' })];
  await hub.vehiclesOf(0).twins.patchDesired(one, 'charging-plan', { limit: 80, owner: "O'Neil", from: 'home' });
  const ofVehicle = (name: 'brand' | 'market' | 'vehicleId') => ({ of: 'vehicle', name }) as const;
  const limit = { of: 'desired', twin: 'charging-plan', path: ['limit'] } as const;
  const owner = { of: 'desired', twin: 'charging-plan', path: ['owner'] } as const;
  const found = async (query: Parameters<typeof hub.query>[0]) => (await hub.query(query, { limit: 100 })).items;
  expect(await found(and(eq(ofVehicle('brand'), 'audi'), eq(ofVehicle('market'), 'FR')))).toEqual([two]);
  expect(await found(and(exists(limit), compare(limit, '>=', 80)))).toEqual([one]);
  expect(await found(eq(owner, "O'Neil"))).toEqual([one]);
  expect(await found(eq({ ...limit, path: ['from'] }, 'home'))).toEqual([one]);
  expect(await found(and(isIn(ofVehicle('vehicleId'), [one, two]), not(exists(limit))))).toEqual([two]);
  expect(await found(isIn(ofVehicle('vehicleId'), []))).toEqual([]);
});

test('what a hub keeps of a vehicle can be erased, twice without harm', async () => {
  const vehicleId = newVehicle();
  await hub.vehiclesOf(0).twins.patchDesired(vehicleId, 'comfort', { blower: 1 });
  const found = await hub.erasure.find(vehicleId, 'twins', undefined);
  expect(found.keys).toEqual(['comfort']);
  await hub.erasure.erase(vehicleId, 'twins', found.keys);
  expect((await hub.erasure.find(vehicleId, 'identity', undefined)).keys).toEqual([vehicleId]);
  for (const _ of [1, 2]) await hub.erasure.erase(vehicleId, 'identity', [vehicleId]);
  expect((await hub.erasure.find(vehicleId, 'identity', undefined)).keys).toEqual([]);
});

function command(name: string) {
  return {
    ...({ channel: 'commands', mode: 'queued', messageId: `id-${name}` } as const),
    payload: { name },
    expiresAt: scene.clock.now() + 60_000,
  };
}
