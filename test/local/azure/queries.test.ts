import { afterAll, beforeAll, expect, test } from 'vitest';
import { attached, openServiceScene, type ServiceScene } from './service-scene.ts';

let scene: ServiceScene;

beforeAll(async () => {
  scene = await openServiceScene({ sku: 'S3' });
  for (const [deviceId, brand, status, battery] of [
    ['car-a', 'audi', 'succeeded', 80],
    ['car-b', 'audi', 'failed', 20],
    ['car-c', 'seat', 'succeeded', 55],
    ["car-d'", 'seat', undefined, undefined],
  ] as const) {
    scene.hub.identities.create({ deviceId });
    scene.hub.twins.patchByService(deviceId, {
      tags: { brand },
      properties: { desired: { 'energy:limit': { on: true } } },
    });
    if (status !== undefined) scene.hub.twins.patchReported(deviceId, { ota: { status }, battery });
  }
  attached(scene, 'car-b');
});
afterAll(() => scene.close());

const rows = async (sql: string, size?: number) => {
  const query = scene.registry().createQuery(sql, size);
  const pages: unknown[][] = [];
  // Without its own continuation the SDK's promise form asks for the first page again, for ever.
  do pages.push((await query.next(query.continuationToken)).result);
  while (query.hasMoreResults);
  return pages;
};
const ids = async (where: string) => (await rows(`SELECT deviceId FROM devices WHERE ${where}`)).flat();
const cars = (...names: string[]) => names.map((name) => ({ deviceId: `car-${name}` }));

test.each([
  ["tags.brand = 'audi'", cars('a', 'b')],
  ['tags.brand != "audi"', cars('c', "d'")],
  ["tags.brand <> 'audi' AND properties.reported.battery > 50", cars('c')],
  ["properties.reported.ota.status = 'failed' OR deviceId = 'car-d\\''", cars('b', "d'")],
  ["DeviceId IN ['car-c', 'car-a', 'nobody']", cars('a', 'c')],
  ["deviceId NIN ['car-c', 'car-a']", cars('b', "d'")],
  ['IS_DEFINED(properties.reported.ota)', cars('a', 'b', 'c')],
  ['NOT is_defined(properties.reported.ota.status)', cars("d'")],
  ["connectionState = 'Connected'", cars('b')],
  ['properties.desired.[[energy:limit]].on = true', cars('a', 'b', 'c', "d'")],
  ['properties.reported.battery * 2 - 10 >= 100 AND (1 = 1)', cars('a', 'c')],
  ['properties.reported.battery % 2 = 1', cars('c')],
  // Who has no such property is found by neither.
  ['NOT properties.reported.battery < 50', cars('a', 'c')],
  ["properties.reported.ota != 'x'", []],
  ['tags.brand > 5', []],
])('WHERE %s finds just these', async (where, found) => {
  expect(await ids(where)).toEqual(found);
});

test('a page ends where it is told to, and the next one goes on from there', async () => {
  const query = scene.registry().createQuery('SELECT deviceId FROM devices', 2);
  expect((await query.next()).result).toEqual(cars('a', 'b'));
  expect(query.hasMoreResults).toBe(true);
  expect((await query.next(query.continuationToken)).result).toEqual(cars('c', "d'"));
  expect(query.hasMoreResults).toBe(false);
  expect(await rows('SELECT TOP 3 deviceId FROM devices', 2)).toEqual([cars('a', 'b'), cars('c')]);
  await query.next();
  const foreign = scene.registry().createQuery('SELECT * FROM devices', 2);
  await expect(foreign.next(query.continuationToken)).rejects.toMatchObject({ name: 'ArgumentError' });
});

test('what is counted is counted in its group, and nothing is counted as none', async () => {
  const counted =
    'SELECT properties.reported.ota.status AS s, COUNT() AS n FROM devices GROUP BY properties.reported.ota.status';
  expect((await rows(counted)).flat()).toEqual([{ s: 'failed', n: 1 }, { s: 'succeeded', n: 2 }, { n: 1 }]);
  const sums =
    'SELECT SUM(properties.reported.battery) AS sum, AVG(properties.reported.battery) AS avg, MIN(properties.reported.battery) AS least, MAX(properties.reported.battery) AS most FROM devices';
  expect((await rows(`${sums} WHERE tags.brand = 'audi'`)).flat()).toEqual([
    { sum: 100, avg: 50, least: 20, most: 80 },
  ]);
  expect((await rows("SELECT COUNT() AS n FROM devices WHERE deviceId = 'nobody'")).flat()).toEqual([{ n: 0 }]);
});

test('a whole twin comes as a twin', async () => {
  const query = scene.registry().createQuery("SELECT * FROM devices WHERE deviceId = 'car-a'");
  const { result } = await query.nextAsTwin();
  expect(result[0]).toMatchObject({
    deviceId: 'car-a',
    tags: { brand: 'audi' },
    properties: { reported: { battery: 80 } },
  });
});

test.each([
  ["SELECT * FROM devices WHERE STARTSWITH(deviceId, 'car')", 'no function STARTSWITH'],
  ["SELECT * FROM devices WHERE tags.brand LIKE 'a%'", "'LIKE'"],
  ['SELECT * FROM devices ORDER BY deviceId', "'ORDER'"],
  ['SELECT * FROM devices JOIN devices.jobs', "'JOIN'"],
  ['SELECT * FROM devices.modules', 'devices.modules'],
  ['SELECT COUNT() AS n FROM devices.jobs', 'SELECT \\* alone'],
  ['SELECT tags.brand, COUNT() AS n FROM devices', 'tags.brand'],
  ["SELECT * FROM devices WHERE tags.group = 'x'", "'group'"],
  ["SELECT * FROM devices WHERE tags.brand = 'audi", "'"],
  ['SELECT * FROM devices WHERE', 'the end'],
  [`SELECT * FROM devices WHERE ${'('.repeat(200)}1 = 1${')'.repeat(200)}`, 'deeply'],
])('%s is refused, and the answer says where', async (sql, named) => {
  const refused = { name: 'ArgumentError', responseBody: expect.stringMatching(named) };
  await expect(scene.registry().createQuery(sql).next()).rejects.toMatchObject(refused);
});
