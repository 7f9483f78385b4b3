import { afterAll, beforeAll, expect, test } from 'vitest';
import { AzureHub } from '#functions/adapters/azure-iot-hub/azure-hub.ts';
import { type HubClients, hubClients } from '#functions/adapters/azure-iot-hub/hub-clients.ts';
import { homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { openServiceScene, type ServiceScene } from '../../local/azure/service-scene.ts';

const name = homeName('vw-weu');
const thumbprint = 'a'.repeat(64);

let scene: ServiceScene;
let clients: HubClients;
beforeAll(async () => {
  // Nothing here is about what a hub of one unit takes.
  scene = await openServiceScene({
    ...{ sku: 'S3', units: 10 },
    verifyBearer: async () => ['RegistryRead', 'RegistryWrite', 'ServiceConnect'],
  });
  const { hostName } = scene.hub;
  const hubs = { [hostName]: { host: '127.0.0.1', https: scene.port, amqp: 1 } };
  const credential = { getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  clients = hubClients(hostName, credential, { authority: '', hubs, ca: scene.authority.caPem });
});
afterAll(() => scene.close());

const vehicleOf = (vehicleId: VehicleId) => ({ vehicleId, brand: 'audi', market: 'DE' });

/** @param epoch of the stay that is spoken of */
function homeOf(epoch: number, through: HubClients = clients) {
  return new AzureHub(through, scene.clock).homeOf({ name, epoch });
}

const statusOf = (vehicleId: VehicleId) => scene.hub.identities.find(vehicleId)?.status;

test('an identity is not open before its tags say of which stay it is, so that no event leaves without', async () => {
  const vehicleId = aVehicleId();
  const tags = { vehicleId, brand: 'audi', market: 'DE', home: { name, epoch: 3 } };
  const seen: unknown[] = [];
  scene.hub.identities.created.add((made) => void (made.deviceId === vehicleId && seen.push(made.status)));
  scene.hub.identities.updated.add((changed) => {
    if (changed.deviceId === vehicleId) seen.push({ [changed.status]: scene.hub.twins.get(vehicleId).tags });
  });
  await homeOf(3).letIn(vehicleOf(vehicleId), thumbprint);
  expect(seen).toEqual(['disabled', { enabled: tags }]);
  expect(scene.hub.identities.get(vehicleId).authentication).toEqual({
    type: 'selfSigned',
    primaryThumbprint: thumbprint.toUpperCase(),
    secondaryThumbprint: thumbprint.toUpperCase(),
  });
});

test('what dies after it has made the identity is gone on with, and the identity stays the same', async () => {
  const vehicleId = aVehicleId();
  scene.hub.identities.create({ deviceId: vehicleId, status: 'disabled', authentication: { type: 'none' } });
  const { generationId } = scene.hub.identities.get(vehicleId);
  await homeOf(3).letIn(vehicleOf(vehicleId), thumbprint);
  expect(scene.hub.identities.get(vehicleId)).toMatchObject({ generationId, status: 'enabled' });
});

test('who was suspended after it had come is not let in by what comes late', async () => {
  const vehicleId = aVehicleId();
  await homeOf(3).letIn(vehicleOf(vehicleId), thumbprint);
  await new AzureHub(clients, scene.clock).vehiclesOf(3).access.set(vehicleId, 'INACTIVE', 7);
  await homeOf(3).letIn(vehicleOf(vehicleId), thumbprint);
  expect(statusOf(vehicleId)).toBe('disabled');
});

test('an order that waited until its vehicle was gone opens nothing', async () => {
  const vehicleId = aVehicleId();
  await homeOf(3).letIn(vehicleOf(vehicleId), thumbprint);
  await homeOf(3).shutOut(vehicleId);
  const seen: string[] = [];
  scene.hub.identities.updated.add((changed) => void (changed.deviceId === vehicleId && seen.push(changed.status)));
  await new AzureHub(clients, scene.clock).vehiclesOf(3).access.set(vehicleId, 'ACTIVE', 7);
  expect(seen).toEqual([]);
  expect(statusOf(vehicleId)).toBe('disabled');
});

/** The same clients; before their call of this number something else happens. */
function interrupted(call: number, by: () => Promise<void>): { readonly clients: HubClients; calls: () => number } {
  let calls = 0;
  const registry = new Proxy(clients.registry, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]) => {
        if (calls++ === call) await by();
        return Reflect.apply(value, target, given);
      };
    },
  });
  return { clients: { ...clients, registry }, calls: () => calls };
}

const ways = ['letIn', 'shutOut', 'forget'] as const;
const former = 'b'.repeat(64);
const done = (way: (typeof ways)[number], vehicleId: VehicleId, through?: HubClients) => {
  const home = homeOf(1, through);
  return way === 'letIn' ? home.letIn(vehicleOf(vehicleId), former) : home[way](vehicleId);
};

function expectLaterStay(vehicleId: VehicleId): void {
  expect(scene.hub.twins.get(vehicleId).tags).toMatchObject({ home: { epoch: 2 } });
  expect(scene.hub.identities.get(vehicleId)).toMatchObject({
    status: 'enabled',
    authentication: { primaryThumbprint: thumbprint.toUpperCase() },
  });
}

const pauses = [
  ['letIn', 'is not there yet'],
  ['letIn', 'is shut out'],
  ['shutOut', 'is there'],
  ['forget', 'is there'],
] as const;

test.each(pauses)(
  'a later stay begins and lasts, wherever %s stops that began when the vehicle %s',
  async (way, was) => {
    for (let call = 0; ; call += 1) {
      const vehicleId = aVehicleId();
      if (was !== 'is not there yet') await done('letIn', vehicleId);
      if (was === 'is shut out') await done('shutOut', vehicleId);
      const late = interrupted(call, () => homeOf(2).letIn(vehicleOf(vehicleId), thumbprint));
      await done(way, vehicleId, late.clients);
      if (late.calls() <= call) return expect(call).toBeGreaterThan(2);
      expectLaterStay(vehicleId);
    }
  },
);

test.each(ways)('a later stay begins and lasts, wherever it is when %s comes late from a former one', async (way) => {
  for (let call = 0; ; call += 1) {
    const vehicleId = aVehicleId();
    await done('letIn', vehicleId);
    const begun = interrupted(call, () => done(way, vehicleId));
    await homeOf(2, begun.clients).letIn(vehicleOf(vehicleId), thumbprint);
    expectLaterStay(vehicleId);
    if (begun.calls() <= call) return expect(call).toBeGreaterThan(2);
  }
});
