import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rateOf } from '#local/azure/hub/throttle.ts';
import { attached, openServiceScene, type ServiceScene } from './service-scene.ts';

const deviceId = 'veh-1';
let scene: ServiceScene;

beforeEach(async () => {
  scene = await openServiceScene();
  scene.hub.identities.create({ deviceId });
});
afterEach(() => scene.close());

const patch = () => scene.registry().updateTwin(deviceId, { tags: { a: 1 } }, '*');
const query = () => scene.registry().createQuery('SELECT deviceId FROM devices').next();
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.name,
  );

test('what is more often than the tier allows is 429 and says when, and time brings it back', async () => {
  for (let n = 0; n < 20; n += 1) await query();
  const refused = await query().catch((error: unknown) => error);
  expect(refused).toMatchObject({ name: 'ThrottlingError', response: { headers: { 'retry-after': '3' } } });
  scene.clock.advance(3_000);
  expect(await outcome(query())).toBe('done');
  expect(await outcome(query())).toBe('ThrottlingError');
  // Each kind for itself.
  expect(await outcome(patch())).toBe('done');
});

test('fifty writes of twins a second, and the fifty-first waits', async () => {
  const outcomes = await Promise.all(Array.from({ length: 51 }, () => outcome(patch())));
  expect(outcomes.filter((each) => each === 'ThrottlingError')).toHaveLength(1);
  expect(scene.hub.twins.get(deviceId).version).toBe(52);
});

test.each([
  ['registry', 'S1', 1, 100 / 60],
  ['registry', 'S2', 3, 300 / 60],
  ['registry', 'S3', 2, 10_000 / 60],
  ['connects', 'S1', 1, 100],
  ['connects', 'S1', 10, 120],
  ['telemetry', 'S2', 2, 240],
  ['telemetry', 'S3', 1, 6_000],
  ['devicebound', 'S1', 1, 100 / 60],
  ['twinReads', 'S1', 20, 100],
  ['twinReads', 'S2', 20, 200],
  ['twinReads', 'S3', 10, 5_000],
  ['twinUpdates', 'S1', 20, 50],
  ['twinUpdates', 'S2', 20, 100],
  ['twinUpdates', 'S3', 10, 2_500],
  ['methods', 'S1', 2, 320 * 1024],
  ['methods', 'S3', 1, 24 * 1024 * 1024],
  ['queries', 'S2', 2, 40 / 60],
  ['jobDevices', 'S1', 200, 10],
  ['jobDevices', 'S2', 200, 200],
] as const)('%s on %s with %i units', (load, sku, units, perSecond) => {
  const { amount, seconds } = rateOf(load, sku, units);
  expect(amount / seconds).toBeCloseTo(perSecond);
});

test('what devices send waits in line, half a minute at most', () => {
  const { throttle } = scene.hub;
  const waits = Array.from({ length: 3_100 }, () => throttle.shape('telemetry'));
  expect([waits[99], waits[100], waits[3_099]]).toEqual([0, 10, 30_000]);
  expect(() => throttle.shape('telemetry')).toThrow(/telemetry/);
  scene.clock.advance(10);
  expect(throttle.shape('telemetry')).toBe(30_000);
});

test('each message of 4 KB is counted to its device, and the day begins anew at midnight', async () => {
  const device = attached(scene, deviceId, {
    method: (id) => void scene.hub.methods.answer(deviceId, id, { status: 200, payload: 'x'.repeat(5_000) }),
  });
  const call = { methodName: 'commands', payload: 'x', responseTimeoutInSeconds: 5 };
  await scene
    .client()
    .invokeDeviceMethod(deviceId, call)
    .catch(() => undefined);
  scene.hub.methods.connect(deviceId, device.line);
  await scene.client().invokeDeviceMethod(deviceId, call);
  await scene.registry().getTwin(deviceId);
  await scene
    .registry()
    .updateTwin(deviceId, { properties: { desired: { a: ['x'.repeat(4096), 'x'.repeat(4096)] } } }, '*');
  scene.hub.feed.append({ source: 'Telemetry', deviceId, body: Buffer.alloc(3700), properties: {} });
  // Names and values beside the text count, too.
  scene.hub.feed.append({ source: 'Telemetry', deviceId, body: Buffer.alloc(4096), properties: {} });
  scene.hub.devicebound.enqueue({ deviceId, body: Buffer.alloc(10), properties: {} });
  await query();
  const counted = {
    telemetry: 3,
    devicebound: 1,
    methodRequest: 2,
    methodResponse: 3,
    twinRead: 1,
    twinUpdate: 3,
    desiredNotification: 3,
  };
  expect(scene.hub.metering.messages(deviceId)).toEqual(counted);
  expect(scene.hub.metering.messages()).toEqual({ ...counted, query: 1 });
  expect(scene.hub.metering.used).toBe(17);
  scene.clock.advance(86_400_000);
  expect(scene.hub.metering.messages()).toEqual({});
});

test('beyond the quota of the day nothing that is billed goes, and the registry does', async () => {
  scene.hub.metering.count('telemetry', deviceId, 4096 * 399_999);
  expect(await outcome(scene.registry().getTwin(deviceId))).toBe('done');
  await expect(scene.registry().getTwin(deviceId)).rejects.toMatchObject({
    responseBody: expect.stringContaining('IotHubQuotaExceeded'),
  });
  await expect(patch()).rejects.toMatchObject({ responseBody: expect.stringContaining('400000') });
  expect(await outcome(query())).toBe('TooManyDevicesError');
  expect(await outcome(scene.registry().get(deviceId))).toBe('done');
  scene.clock.advance(86_400_000);
  expect(await outcome(patch())).toBe('done');
});

test('a hub that is told to throttle, fail, drop or wait does just that, where it is told to', async () => {
  const version = () => scene.hub.twins.get(deviceId).version;
  const planned = async (wish: Parameters<typeof scene.faults.plan>[0]) => {
    scene.faults.plan(wish);
    const found = await outcome(patch());
    scene.faults.endAll();
    return [found, version()];
  };
  const at = { hop: 'hub', label: `patchTwin/${deviceId}` } as const;
  expect(await planned({ kind: 'fail', ...at, error: 'ThrottlingException' })).toEqual(['ThrottlingError', 2]);
  expect(await planned({ kind: 'fail', ...at, error: 'ServiceUnavailable' })).toEqual(['ServiceUnavailableError', 2]);
  expect(await planned({ kind: 'fail', ...at, error: 'GatewayTimeout' })).toEqual(['GatewayTimeoutError', 2]);
  expect(await planned({ kind: 'fail', ...at, error: 'SomethingElse', status: 500 })).toEqual([
    'InternalServerError',
    2,
  ]);
  expect(await planned({ kind: 'throttle', ...at, rate: 1, after: 0 })).toEqual(['done', 3]);
  expect(await planned({ kind: 'drop', ...at })).toEqual(['Error', 3]);
  expect(await planned({ kind: 'cut', ...at, when: 'before' })).toEqual(['Error', 3]);
  expect(await planned({ kind: 'cut', ...at, when: 'after' })).toEqual(['Error', 4]);
  expect(await planned({ kind: 'duplicate', ...at })).toEqual(['done', 6]);
  expect(await planned({ kind: 'drop', hop: 'hub', label: 'getTwin/*' })).toEqual(['done', 7]);
  scene.faults.plan({ kind: 'delay', ...at, milliseconds: 10_000 });
  const late = outcome(patch());
  await vi.waitUntil(() => scene.clock.timers > 0);
  expect(version()).toBe(7);
  scene.clock.advance(10_000);
  expect([await late, version()]).toEqual(['done', 8]);
});
