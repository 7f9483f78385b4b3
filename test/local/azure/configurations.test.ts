import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { patchBetween } from '#local/azure/hub/configurations/overlay.ts';
import { mergeTwin } from '#local/azure/hub/twin-merge.ts';
import { attached, openServiceScene, type ServiceScene } from './service-scene.ts';

let scene: ServiceScene;
let count = 0;
let deviceId: string;

beforeAll(async () => {
  scene = await openServiceScene({ sku: 'S3' });
});
afterAll(() => scene.close());
beforeEach(() => {
  for (const { id } of scene.hub.configurations.list()) scene.hub.configurations.delete(id, undefined);
  scene.clock.advance(0);
  count += 1;
  deviceId = `veh-${count}`;
  scene.hub.identities.create({ deviceId });
});

const wish = (id: string, limit: object, more: object = {}) => ({
  id,
  content: { deviceContent: { 'properties.desired.energy-limit': limit } },
  targetCondition: `tags.wave = ${count}`,
  priority: 10,
  ...more,
});
const put = (said: object) => {
  scene.hub.configurations.put(said, undefined);
  scene.clock.advance(0);
};
const tag = (tags: object) => {
  scene.hub.twins.patchByService(deviceId, { tags });
  scene.clock.advance(0);
};
const desired = () => scene.hub.twins.get(deviceId).desired.value;

test('who fulfils the condition gets the settings, also later, and who no longer does loses them', () => {
  put(wish('limits', { on: true, kw: 11 }));
  expect(desired()).toEqual({});
  scene.hub.twins.patchByService(deviceId, { properties: { desired: { 'energy-limit': { own: 1 } } } });
  const { desired: heard } = attached(scene, deviceId);
  tag({ wave: count });
  expect(desired()).toEqual({ 'energy-limit': { own: 1, on: true, kw: 11 } });
  expect(heard).toEqual([{ patch: { 'energy-limit': { on: true, kw: 11 } }, version: 3 }]);
  tag({ wave: null });
  expect(desired()).toEqual({ 'energy-limit': { own: 1 } });
});

test('the greater priority wins, and when it is gone the other one stands again', () => {
  tag({ wave: count });
  put(wish('base', { kw: 11, mode: 'eco' }));
  put(wish('winter', { kw: 7 }, { priority: 20 }));
  expect(desired()).toEqual({ 'energy-limit': { kw: 7 } });
  scene.hub.configurations.delete('winter', undefined);
  scene.clock.advance(0);
  expect(desired()).toEqual({ 'energy-limit': { kw: 11, mode: 'eco' } });
});

test('a configuration is made, read, counted, changed and removed as the SDK does it', async () => {
  tag({ wave: count });
  const registry = scene.registry();
  const queries = { pending: "SELECT deviceId FROM devices WHERE properties.reported.energy.status = 'pending'" };
  const said = { ...wish('limits', { on: true }), schemaVersion: '1.0', metrics: { queries } };
  await registry.addConfiguration(said);
  scene.clock.advance(0);
  scene.hub.twins.patchReported(deviceId, { energy: { status: 'pending' } });
  const { responseBody: found } = await registry.getConfiguration('limits');
  expect(found).toMatchObject({
    systemMetrics: { results: { targetedCount: 1, appliedCount: 1 } },
    metrics: { results: { pending: 1 } },
  });
  await registry.updateConfiguration({ ...found, priority: 30 });
  await expect(registry.updateConfiguration(found)).rejects.toMatchObject({ name: 'InvalidEtagError' });
  await expect(registry.addConfiguration(said)).rejects.toMatchObject({ name: 'DeviceAlreadyExistsError' });
  expect((await registry.getConfigurations()).responseBody).toMatchObject([{ id: 'limits', priority: 30 }]);
  await registry.removeConfiguration('limits');
  scene.clock.advance(0);
  expect(desired()).toEqual({ 'energy-limit': {} });
});

test.each([
  ['an id with a capital', { id: 'Limits' }, 'id'],
  ['settings elsewhere than in desired', { content: { deviceContent: { 'tags.a': 1 } } }, 'deviceContent.tags.a'],
  ['settings of modules', { content: { modulesContent: {} } }, 'deviceContent'],
  ['a condition that nobody understands', { targetCondition: 'tags.a LIKE 1' }, 'LIKE'],
  [
    'six metrics',
    { metrics: { queries: Object.fromEntries('abcdef'.split('').map((name) => [name, 'SELECT * FROM devices'])) } },
    'five',
  ],
])('%s is refused by name', (_what, more, named) => {
  expect(() => scene.hub.configurations.put({ ...wish('limits', {}), ...more }, undefined)).toThrow(named);
  expect(scene.hub.configurations.list()).toEqual([]);
});

const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant([1]));
const settings = fc.dictionary(
  fc.constantFrom('a', 'b'),
  fc.oneof(leaf, fc.dictionary(fc.constantFrom('c', 'd'), leaf, { noNullPrototype: true })),
  {
    noNullPrototype: true,
  },
);
const overlay = fc.dictionary(fc.constantFrom('x', 'y', 'z'), settings, { noNullPrototype: true });

test('from whatever was applied the patch leads to what is wanted, and leaves what others wrote', () => {
  fc.assert(
    fc.property(overlay, overlay, (before, after) => {
      const others = { own: { kept: 1 } };
      const patch = patchBetween(before, after);
      const result = mergeTwin({ ...before, ...others }, patch ?? {});
      const emptied = Object.fromEntries(Object.keys(before).map((path) => [path, {}]));
      expect(result).toEqual({ ...emptied, ...after, ...others });
    }),
  );
});
