import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mergeTwin } from '#local/azure/hub/twin-merge.ts';
import type { Json, JsonObject } from '#local/iot/shadows/json.ts';
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

/** The SDK's type leaves the version out. */
const twinOf = async () => {
  const { responseBody } = await scene.registry().getTwin(deviceId);
  return { ...responseBody, version: Number(Reflect.get(responseBody, 'version')) };
};
const patch = async (said: object, etag = '*') =>
  (await scene.registry().updateTwin(deviceId, said, etag)).responseBody;
const refused = { name: 'ArgumentError' };

test('a new twin is empty, and each accepted patch counts once where it belongs', async () => {
  expect(await twinOf()).toMatchObject({ etag: 'AAAAAAAAAAE=', version: 2, properties: { desired: { $version: 1 } } });
  await patch({ tags: { brand: 'audi' } });
  const { desired, closed } = attached(scene, deviceId);
  await patch({ properties: { desired: { climate: { on: true, degrees: 21 } } } });
  await patch({ properties: { desired: { climate: { degrees: null } } } });
  scene.hub.twins.patchReported(deviceId, { climate: { on: true } });
  const { etag, version, tags, properties } = await twinOf();
  expect({ etag, version, tags }).toEqual({ etag: 'AAAAAAAAAAQ=', version: 6, tags: { brand: 'audi' } });
  expect(properties.desired).toMatchObject({ climate: { on: true }, $version: 3 });
  expect(properties.desired['climate']).not.toHaveProperty('degrees');
  expect(properties.reported).toMatchObject({ climate: { on: true }, $version: 2 });
  // A removed key leaves its trace at its parent.
  expect(properties.desired['$metadata'].climate).toMatchObject({
    $lastUpdatedVersion: 3,
    on: { $lastUpdatedVersion: 2 },
  });
  expect(properties.desired['$metadata'].climate).not.toHaveProperty('degrees');
  expect(properties.reported['$metadata'].climate.on).toHaveProperty('$lastUpdated');
  expect(properties.reported['$metadata'].climate.on).not.toHaveProperty('$lastUpdatedVersion');
  expect(desired).toEqual([
    { patch: { climate: { on: true, degrees: 21 } }, version: 2 },
    { patch: { climate: { degrees: null } }, version: 3 },
  ]);
  expect(closed).toEqual([]);
});

test('a patch that was made of an older twin changes nothing', async () => {
  const { etag } = await twinOf();
  await patch({ tags: { a: 1 } }, etag);
  await expect(patch({ tags: { a: 2 } }, etag)).rejects.toMatchObject({ name: 'InvalidEtagError' });
  // What the device reports is no service's write: the etag stays good.
  const { etag: fresh } = await twinOf();
  scene.hub.twins.patchReported(deviceId, { b: 1 });
  expect((await patch({ tags: { a: 3 } }, fresh)).tags).toEqual({ a: 3 });
});

test.each<[string, string, object]>([
  ['a key with a dot', "'a.b'", { properties: { desired: { 'a.b': 1 } } }],
  ['a key with a dollar sign', "'\\$a'", { tags: { $a: 1 } }],
  ['a key with a space', "'a b'", { properties: { desired: { x: [{ 'a b': 1 }] } } }],
  ['a key with a control character', 'control', { properties: { desired: { 'a\u0085': 1 } } }],
  ['a key over 1 KB', '1024', { properties: { desired: { ['é'.repeat(513)]: 1 } } }],
  ['a text over 4 KB', '4096', { properties: { desired: { a: 'é'.repeat(2049) } } }],
  ['a number beyond the whole ones', 'whole', { tags: { a: 4_503_599_627_370_496 } }],
  ['depth 11', 'depth', { properties: { desired: nested(11) } }],
  ['tags over 8 KB', '8192', { tags: { a: 'x'.repeat(4096), b: 'x'.repeat(4095) } }],
  ['what only the device writes', 'reported', { properties: { reported: { a: 1 } } }],
  ['a section that is no object', 'desired', { properties: { desired: 3 } }],
])('%s is refused by name, and nothing is half written', async (_what, named, said) => {
  const before = await twinOf();
  await expect(patch(said)).rejects.toMatchObject({ ...refused, responseBody: expect.stringMatching(named) });
  expect(await twinOf()).toMatchObject({ version: before.version, etag: before.etag });
});

test('what is just within the limits is taken', async () => {
  const within = {
    tags: { a: 'x'.repeat(4096), b: 'x'.repeat(4094) },
    properties: {
      desired: { ...nested(10), ['k'.repeat(1024)]: -4_503_599_627_370_496, 'energy:limit_1-a': ['é'.repeat(2048)] },
    },
  };
  await expect(patch(within)).resolves.toMatchObject({ tags: within.tags });
  await expect(patch({ tags: {}, properties: { desired: {}, reported: {} } })).resolves.toMatchObject({
    tags: within.tags,
  });
  const full = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, 'x'.repeat(4094)]));
  expect(scene.hub.twins.patchReported(deviceId, full)).toBe(2);
  expect(() => scene.hub.twins.patchReported(deviceId, { one: true })).toThrow(/32768/);
  expect(scene.hub.twins.patchReported(deviceId, { k0: null, one: true })).toBe(3);
});

test.each<[string, Json, number]>([
  ['a number weighs eight bytes', 7, 8],
  ['a truth value weighs four', false, 4],
  ['a text weighs its bytes', 'é', 2],
  ['a list weighs what is in it', [1, ['a'], { b: true }], 14],
  ['an object weighs its keys, too', { ab: { é: 1 } }, 12],
])('%s', (_what, value, bytes) => {
  const withText = (length: number) => ({ tags: { a: 'x'.repeat(4_096), b: 'x'.repeat(length), v: value } });
  const fits = 8_192 - 4_096 - 3 - bytes;
  expect(() => scene.hub.twins.patchByService(deviceId, withText(fits + 1))).toThrow(/8192/);
  expect(scene.hub.twins.patchByService(deviceId, withText(fits)).version).toBe(3);
});

test('what the life of a device and its twin told is in the feed, with the epoch of its home', async () => {
  await patch({ tags: { home: { name: 'vw-weu', epoch: 3 } } });
  const { line } = attached(scene, deviceId);
  await patch({ properties: { desired: { a: 1 } } });
  scene.hub.lines.detach(deviceId, line);
  await scene.registry().delete(deviceId);
  const records = Array.from({ length: scene.hub.feed.partitions }, (_, i) => scene.hub.feed.read(i, 0)).flat();
  const own = records.filter((record) => record.deviceId === deviceId);
  expect(own.map(({ properties }) => [properties['opType'], properties['homeEpoch']])).toEqual([
    ['createDeviceIdentity', '$twin.tags.home.epoch'],
    ['updateTwin', '3'],
    ['deviceConnected', '3'],
    ['updateTwin', '3'],
    ['deviceDisconnected', '3'],
    ['deleteDeviceIdentity', '$twin.tags.home.epoch'],
  ]);
  const [, , connected, changed, disconnected] = own.map(({ body }): JsonObject => JSON.parse(body.toString()));
  expect(changed).toMatchObject({ version: 4, properties: { desired: { a: 1, $version: 2 } } });
  expect(String(connected?.['sequenceNumber']) < String(disconnected?.['sequenceNumber'])).toBe(true);
  expect(own.map(({ sequence }) => sequence)).toEqual([...own.map(({ sequence }) => sequence)].sort((a, b) => a - b));
});

const key = fc.constantFrom('a', 'b', 'c', '__proto__');
const scalar = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom('x', 'y'),
  fc.boolean(),
  fc.constant([1, { a: 2 }]),
);
const { patchTree } = fc.letrec<{ patchTree: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.constant(null), tie('patchTree')),
  patchTree: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

test('patches merge as if each leaf were written, or deleted, one after the other', () => {
  fc.assert(
    fc.property(fc.array(patchTree, { maxLength: 4 }), (patches) => {
      const merged = patches.reduce(mergeTwin, {});
      const leaves = patches.reduce(written, new Map<string, string>());
      expect(leavesOf(merged)).toEqual(leaves);
    }),
  );
});

/** The oracle: a flat list of paths. An object that is written over a scalar takes its place; `{}` is a leaf of its own. */
function written(leaves: ReadonlyMap<string, string>, said: JsonObject): Map<string, string> {
  const next = new Map(leaves);
  const within = (path: string) => [...next.keys()].filter((each) => each.startsWith(`${path}/`));
  const put = (path: string, value: Json): void => {
    if (value === null) {
      for (const each of [path, ...within(path)]) next.delete(each);
      return;
    }
    const plain = typeof value !== 'object' || Array.isArray(value);
    if (plain) {
      for (const each of within(path)) next.delete(each);
      next.set(path, JSON.stringify(value));
      return;
    }
    if (next.get(path) !== '{}') next.set(path, '{}');
    for (const [name, inner] of Object.entries(value)) put(`${path}/${name}`, inner);
  };
  for (const [name, value] of Object.entries(said)) put(name, value);
  return next;
}

function leavesOf(object: JsonObject, prefix = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    const path = `${prefix}${name}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) leaves.set(path, JSON.stringify(value));
    else {
      leaves.set(path, '{}');
      for (const [inner, text] of leavesOf(Object.fromEntries(Object.entries(value)), `${path}/`))
        leaves.set(inner, text);
    }
  }
  return leaves;
}

/** So many objects within each other, a number in the innermost one. */
function nested(depth: number): JsonObject {
  return Array.from({ length: depth }).reduce<JsonObject>((inner) => ({ d: inner }), { leaf: 1 });
}
