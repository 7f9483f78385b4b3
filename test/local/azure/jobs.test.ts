import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { attached, hostName, openServiceScene, type ServiceScene } from './service-scene.ts';

let scene: ServiceScene;

beforeEach(async () => {
  scene = await openServiceScene();
});
afterEach(() => scene.close());

function fleet(size: number): readonly string[] {
  const ids = Array.from({ length: size }, (_, i) => `veh-${String(i).padStart(4, '0')}`);
  for (const deviceId of ids) scene.hub.identities.create({ deviceId });
  return ids;
}

const patch = { etag: '*', properties: { desired: { ota: { release: 7 } } } };
const update = (jobId: string, where = '*', start = new Date(scene.clock.now()), seconds = 600) =>
  scene.jobs().scheduleTwinUpdate(jobId, where, patch, start, seconds);
const reached = () =>
  [...scene.hub.identities.all()].filter(({ deviceId }) => scene.hub.twins.get(deviceId).desired.version > 1).length;
const job = async (jobId: string) => (await scene.jobs().getJob(jobId)).jobStatus;

test('a job on S1 reaches ten twins a second, and those that were there when it began', async () => {
  fleet(35);
  await update('wave-1');
  scene.hub.identities.create({ deviceId: 'veh-late' });
  scene.clock.advance(950);
  expect(reached()).toBe(10);
  expect(await job('wave-1')).toMatchObject({
    status: 'running',
    deviceJobStatistics: { deviceCount: 35, succeededCount: 10, pendingCount: 25, failedCount: 0, runningCount: 0 },
  });
  scene.clock.advance(2_500);
  expect(await job('wave-1')).toMatchObject({ status: 'completed', deviceJobStatistics: { succeededCount: 35 } });
  expect(scene.hub.twins.get('veh-late').desired.value).toEqual({});
  const rows = scene
    .registry()
    .createQuery(
      "SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'wave-1' AND devices.jobs.deviceId = 'veh-0003'",
    );
  expect((await rows.next()).result).toMatchObject([
    { deviceId: 'veh-0003', jobType: 'scheduleUpdateTwin', status: 'completed' },
  ]);
});

test('S1 has one job at a time: another is refused, and one for later waits for the first', async () => {
  fleet(20);
  await update('wave-1');
  await expect(update('wave-2')).rejects.toMatchObject({ name: 'ThrottlingError' });
  await update('wave-3', "deviceId IN ['veh-0001']", new Date(scene.clock.now() + 1_000));
  expect(await job('wave-3')).toMatchObject({ status: 'scheduled' });
  scene.clock.advance(1_100);
  expect(await job('wave-3')).toMatchObject({ status: 'queued' });
  scene.clock.advance(1_000);
  expect(await job('wave-3')).toMatchObject({ status: 'completed', deviceJobStatistics: { deviceCount: 1 } });
  expect(scene.hub.twins.get('veh-0001').desired.version).toBe(3);
});

test('what has not begun is cancelled, and what runs runs to its end', async () => {
  fleet(1);
  await update('later', '*', new Date(scene.clock.now() + 60_000));
  await scene.jobs().cancelJob('later');
  await update('now');
  await expect(scene.jobs().cancelJob('now')).rejects.toMatchObject({ name: 'ArgumentError' });
  scene.clock.advance(120_000);
  expect([await job('later'), await job('now')]).toMatchObject([{ status: 'cancelled' }, { status: 'completed' }]);
  expect(reached()).toBe(1);
  const query = scene.jobs().createQuery('scheduleUpdateTwin', 'cancelled');
  expect((await query.next()).result).toMatchObject([{ jobId: 'later' }]);
});

test('a method of a job says for each device what it answered, and who was not there', async () => {
  fleet(2);
  const device = attached(scene, 'veh-0000', {
    method: (id) => void scene.hub.methods.answer('veh-0000', id, { status: 200, payload: { received: true } }),
  });
  scene.hub.methods.connect('veh-0000', device.line);
  const method = { methodName: 'updates', payload: { wake: true }, responseTimeoutInSeconds: 10 };
  await scene.jobs().scheduleDeviceMethod('wake', '*', method, new Date(scene.clock.now()), 60);
  scene.clock.advance(200);
  await vi.waitFor(async () => expect(await job('wake')).toMatchObject({ status: 'completed' }));
  expect(await job('wake')).toMatchObject({ deviceJobStatistics: { succeededCount: 1, failedCount: 1 } });
  expect(scene.hub.jobs.rows().map(({ value }) => value)).toMatchObject([
    { status: 'completed', outcome: { deviceMethodResponse: { status: 200, payload: { received: true } } } },
    { status: 'failed', error: { code: '404103' } },
  ]);
});

test('a job that its time is not enough for ends, and its rest has failed', async () => {
  fleet(30);
  await update('short', '*', undefined, 1);
  scene.clock.advance(60_000);
  expect(await job('short')).toMatchObject({
    status: 'completed',
    deviceJobStatistics: { failedCount: 19, succeededCount: 11 },
  });
  expect(reached()).toBe(11);
});

test('a job goes on where a hub that went down left it', async () => {
  fleet(20);
  await update('wave-1');
  scene.clock.advance(450);
  scene.hub.close();
  const { state, clock, faults } = scene;
  const again = new LocalIotHub({ hostName, state, clock, faults, log: () => {} });
  clock.advance(60_000);
  expect(again.jobs.get('wave-1')).toMatchObject({ status: 'completed', deviceJobStatistics: { succeededCount: 20 } });
  expect([...again.identities.all()].map(({ deviceId }) => again.twins.get(deviceId).desired.version)).toEqual(
    Array(20).fill(2),
  );
  again.close();
});

test('a method that was under way when the hub went down is not called again', async () => {
  fleet(1);
  const calls: string[] = [];
  const device = attached(scene, 'veh-0000', { method: (id) => void calls.push(id) });
  scene.hub.methods.connect('veh-0000', device.line);
  await scene.jobs().scheduleDeviceMethod('wake', '*', { methodName: 'updates' }, new Date(scene.clock.now()), 60);
  scene.clock.advance(1);
  expect(calls).toHaveLength(1);
  scene.hub.close();
  const { state, clock, faults } = scene;
  const again = new LocalIotHub({ hostName, state, clock, faults, log: () => {} });
  expect(again.jobs.get('wake')).toMatchObject({ status: 'completed', deviceJobStatistics: { failedCount: 1 } });
  expect(again.jobs.rows().map(({ value }) => value)).toMatchObject([{ error: { code: '504101' } }]);
  again.close();
});

test.each([
  ['an id that is none', { jobId: 'wave/1' }, 'jobId'],
  ['a condition that nobody understands', { queryCondition: 'tags.brand LIKE 1' }, 'LIKE'],
  ['a patch of what only the device writes', { updateTwin: { properties: { reported: { a: 1 } } } }, 'reported'],
  ['an unknown kind of job', { type: 'scheduleWish' }, 'type'],
])('%s is refused by name', (_what, more, named) => {
  const wish = { jobId: 'wave-1', type: 'scheduleUpdateTwin', updateTwin: patch, queryCondition: '*', ...more };
  expect(() => scene.hub.jobs.create(wish)).toThrow(named);
  expect(scene.hub.jobs.list(undefined, undefined)).toEqual([]);
});
