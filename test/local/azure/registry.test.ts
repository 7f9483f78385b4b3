import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { attached, openServiceScene, type ServiceScene } from './service-scene.ts';

let scene: ServiceScene;
let count = 0;
let deviceId: string;

beforeAll(async () => {
  scene = await openServiceScene({ sku: 'S3' });
});
afterAll(() => scene.close());
beforeEach(() => {
  count += 1;
  deviceId = `veh-${count}`;
});

test('a new device gets keys, a generation and an etag, and is there once', async () => {
  const registry = scene.registry();
  const { responseBody: made } = await registry.create({ deviceId });
  expect(made.authentication?.symmetricKey?.primaryKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(made).toMatchObject({ deviceId, status: 'enabled', connectionState: 'Disconnected' });
  await expect(registry.create({ deviceId })).rejects.toMatchObject({ name: 'DeviceAlreadyExistsError' });
  expect((await registry.get(deviceId)).responseBody).toMatchObject(made);
  await registry.delete(deviceId);
  await expect(registry.get(deviceId)).rejects.toMatchObject({ name: 'DeviceNotFoundError' });
  const { responseBody: again } = await registry.create({ deviceId });
  expect(again.generationId).not.toBe(made.generationId);
});

test('a device that is disabled is cut off and counted', async () => {
  const registry = scene.registry();
  const { responseBody: made } = await registry.create({ deviceId });
  const { closed } = attached(scene, deviceId);
  await registry.update({ ...made, status: 'disabled', statusReason: 'stolen' });
  expect(closed).toEqual(['DeviceDisabled']);
  expect((await registry.get(deviceId)).responseBody).toMatchObject({ status: 'disabled', statusReason: 'stolen' });
  const { responseBody } = await registry.getRegistryStatistics();
  expect(responseBody).toMatchObject({ disabledDeviceCount: 1, totalDeviceCount: scene.hub.identities.size });
});

test('many devices are made, changed and removed at once, each for itself', async () => {
  const registry = scene.registry();
  const wishes = ['a', 'b'].map((name) => ({ deviceId: `${deviceId}-${name}` }));
  const [first] = wishes;
  expect((await registry.addDevices(wishes)).responseBody.isSuccessful).toBe(true);
  await expect(registry.addDevices([{ deviceId: `${deviceId}-c` }, ...wishes])).rejects.toMatchObject({
    name: 'ArgumentError',
  });
  expect(scene.hub.identities.find(`${deviceId}-c`)).toMatchObject({ deviceId: `${deviceId}-c` });
  const stale = [{ deviceId: first?.deviceId ?? '', etag: 'MDA=' }];
  await expect(registry.removeDevices(stale, false)).rejects.toMatchObject({ name: 'ArgumentError' });
  expect((await registry.removeDevices(wishes, true)).responseBody.isSuccessful).toBe(true);
  expect(scene.hub.identities.find(`${deviceId}-a`)).toBeUndefined();
});

test('what is no device is refused with the member that is wrong', async () => {
  const registry = scene.registry();
  await expect(registry.create({ deviceId: 'with space' })).rejects.toThrow(/deviceId/);
  await expect(registry.create({ deviceId: 'x'.repeat(129) })).rejects.toThrow(/deviceId/);
  const x509Thumbprint = { primaryThumbprint: 'abc' };
  await expect(registry.create({ deviceId, authentication: { type: 'selfSigned', x509Thumbprint } })).rejects.toThrow(
    /primaryThumbprint/,
  );
  expect(scene.hub.identities.find(deviceId)).toBeUndefined();
});

test('a policy opens what it is for, and nothing else', async () => {
  scene.hub.identities.create({ deviceId });
  const refused = { name: 'UnauthorizedError' };
  const read = scene.registry(scene.connectionString('registryRead'));
  expect((await read.get(deviceId)).responseBody).toMatchObject({ deviceId });
  await expect(read.delete(deviceId)).rejects.toMatchObject(refused);
  const service = scene.registry(scene.connectionString('service'));
  await expect(service.get(deviceId)).rejects.toMatchObject(refused);
  expect((await service.getTwin(deviceId)).responseBody).toMatchObject({ deviceId });
  await expect(scene.registry(scene.connectionString('device')).getTwin(deviceId)).rejects.toMatchObject(refused);
  const forged = scene
    .connectionString()
    .replace(/SharedAccessKey=.*/, `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`);
  await expect(scene.registry(forged).get(deviceId)).rejects.toMatchObject(refused);
});
