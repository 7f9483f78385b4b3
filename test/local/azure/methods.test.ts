import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
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
  scene.hub.identities.create({ deviceId });
});

const call = (more: object = {}) => ({
  methodName: 'commands',
  payload: { id: 'c-1' },
  responseTimeoutInSeconds: 5,
  ...more,
});
const errorCode = (said: string) => ({ responseBody: expect.stringContaining(said) });

/** A device that takes methods and answers them with what it was given. */
function answering(more: { readonly answers?: boolean } = {}) {
  const calls: { name: string; payload: unknown }[] = [];
  const device = attached(scene, deviceId, {
    method(requestId, name, payload) {
      calls.push({ name, payload });
      if (more.answers !== false)
        scene.hub.methods.answer(deviceId, requestId, { status: 202, payload: { received: true } });
    },
  });
  scene.hub.methods.connect(deviceId, device.line);
  return { ...device, calls };
}

test('a method reaches the device, and its answer whoever invoked it', async () => {
  const { calls } = answering();
  const { result } = await scene.client().invokeDeviceMethod(deviceId, call());
  expect(result).toEqual({ status: 202, payload: { received: true } });
  expect(calls).toEqual([{ name: 'commands', payload: { id: 'c-1' } }]);
});

test('a device that is not there is told at once as 404103, in the text within the body', async () => {
  await expect(scene.client().invokeDeviceMethod(deviceId, call())).rejects.toMatchObject(
    errorCode('\\"errorCode\\":404103'),
  );
  // Connected is not enough: it has to have asked for methods.
  attached(scene, deviceId);
  await expect(scene.client().invokeDeviceMethod(deviceId, call())).rejects.toMatchObject(errorCode('404103'));
  const unknown = scene.client().invokeDeviceMethod('nobody', call());
  await expect(unknown).rejects.toMatchObject({ name: 'DeviceNotFoundError' });
});

test('a device that comes in time is waited for, and one that does not is not', async () => {
  const invoked = scene.client().invokeDeviceMethod(deviceId, call({ connectTimeoutInSeconds: 20 }));
  await vi.waitUntil(() => scene.clock.timers > 0);
  const { line } = answering();
  await expect(invoked).resolves.toMatchObject({ result: { status: 202 } });
  scene.hub.lines.detach(deviceId, line);
  const again = scene.client().invokeDeviceMethod(deviceId, call({ connectTimeoutInSeconds: 20 }));
  again.catch(() => undefined);
  await vi.waitUntil(() => scene.clock.timers > 0);
  scene.clock.advance(20_000);
  await expect(again).rejects.toMatchObject(errorCode('404103'));
});

test('nobody answers for another device', async () => {
  const seen: string[] = [];
  const device = attached(scene, deviceId, { method: (requestId) => void seen.push(requestId) });
  scene.hub.methods.connect(deviceId, device.line);
  const invoked = scene.client().invokeDeviceMethod(deviceId, call());
  await vi.waitUntil(() => seen.length === 1);
  scene.hub.identities.create({ deviceId: `${deviceId}-other` });
  const [requestId = ''] = seen;
  expect(scene.hub.methods.answer(`${deviceId}-other`, requestId, { status: 500, payload: null })).toBe(false);
  expect(scene.hub.methods.answer(deviceId, requestId, { status: 200, payload: null })).toBe(true);
  await expect(invoked).resolves.toMatchObject({ result: { status: 200 } });
});

test('a device that does not answer in time is 504101, and its late answer is nobody’s', async () => {
  const { line, calls } = answering({ answers: false });
  const invoked = scene.client().invokeDeviceMethod(deviceId, call());
  invoked.catch(() => undefined);
  await vi.waitUntil(() => calls.length > 0);
  scene.clock.advance(5_000);
  await expect(invoked).rejects.toMatchObject({ name: 'GatewayTimeoutError', ...errorCode('504101') });
  expect(scene.hub.methods.answer(deviceId, line.connectionId, { status: 200, payload: null })).toBe(false);
});

test.each([
  ['a name of two words', { methodName: 'two words' }],
  ['a time-out below five seconds', { responseTimeoutInSeconds: 4 }],
  ['a time-out above 300 seconds', { connectTimeoutInSeconds: 301 }],
  ['a payload above 128 KB', { payload: 'x'.repeat(128 * 1024 - 1) }],
])('%s is refused, and the device hears nothing', async (_what, more) => {
  const { calls } = answering();
  await expect(scene.client().invokeDeviceMethod(deviceId, call(more))).rejects.toMatchObject({
    name: 'ArgumentError',
  });
  expect(calls).toEqual([]);
});

test('a payload of 128 KB goes through', async () => {
  const { calls } = answering();
  await scene.client().invokeDeviceMethod(deviceId, call({ payload: 'x'.repeat(128 * 1024 - 2) }));
  expect(calls).toHaveLength(1);
});
