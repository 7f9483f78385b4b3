import fc from 'fast-check';
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
  await new AzureHub(clients, scene.clock).vehiclesOf(3).access.set(vehicleId, 'ACTIVE', 7);
  expect(statusOf(vehicleId)).toBe('disabled');
});

/** The same clients, each of whose calls waits for its turn. */
function inTurns(scheduler: fc.Scheduler): HubClients {
  const { registry } = clients;
  const waiting = new Proxy(registry, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        scheduler.schedule(Promise.resolve(), String(key)).then(() => Reflect.apply(value, target, given));
    },
  });
  return { ...clients, registry: waiting };
}

const late = ['letIn', 'shutOut', 'forget'] as const;

test('whatever is still being done for a former stay, and wherever it stands, the later one begins and lasts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.subarray([...late], { minLength: 1 }), async (scheduler, former) => {
      const vehicleId = aVehicleId();
      await homeOf(1).letIn(vehicleOf(vehicleId), 'b'.repeat(64));
      const [before, now] = [homeOf(1, inTurns(scheduler)), homeOf(2, inTurns(scheduler))];
      const done = Promise.allSettled(
        former.map((each) =>
          each === 'letIn' ? before.letIn(vehicleOf(vehicleId), 'b'.repeat(64)) : before[each](vehicleId),
        ),
      );
      const begun = now.letIn(vehicleOf(vehicleId), thumbprint);
      await scheduler.waitFor(Promise.all([done, begun]));
      expect(scene.hub.twins.get(vehicleId).tags).toMatchObject({ home: { epoch: 2 } });
      expect(scene.hub.identities.get(vehicleId)).toMatchObject({
        status: 'enabled',
        authentication: { primaryThumbprint: thumbprint.toUpperCase() },
      });
    }),
    { numRuns: 15 },
  );
});
