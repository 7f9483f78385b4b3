import { describe, expect, test } from 'vitest';
import { replaced, valueAt } from '../../../support/json-places.ts';
import { newKeys, newSigner, now } from '../../../support/uptane-repositories.ts';
import {
  attackIn,
  aWorld,
  directorContent,
  factoryTrust,
  imageTargets,
  paths,
  verified,
} from '../../../support/uptane-world.ts';

const day = 86_400_000;

test('what both repositories say is what may be installed, for each control unit', async () => {
  const { images } = await verified(await aWorld());

  expect(images).toMatchObject([
    { ecuId: 'gateway', path: paths.gateway, releaseCounter: 4, softwareVersion: '4.0', releaseId: 'rel-1' },
    { ecuId: 'engine', path: paths.engine, releaseCounter: 9, hardwareId: 'ECM-7' },
  ]);
  expect(images[0]?.hashes).toEqual(imageTargets[paths.gateway]?.hashes);
});

test('the same answer a second time is as good as the first', async () => {
  const world = await aWorld();
  const { trusted } = await verified(world);

  expect((await verified(world, { trusted })).images).toHaveLength(2);
});

describe('scenario 3: each attack of a repository in the middle is refused by its name', () => {
  test.each(['director', 'images'] as const)(
    'rollback: the %s repository goes back to older metadata',
    async (which) => {
      const newer = await aWorld({ [which]: { version: 7 } });
      const older = await aWorld({ keys: newer.keys, [which]: { version: 6 } });
      const { trusted } = await verified(newer);

      expect(await attackIn(verified(older, { trusted }))).toBe('rollback');
    },
  );

  test.each(['director', 'images'] as const)('freeze: the %s repository is as old as its expiry', async (which) => {
    const world = await aWorld({ [which]: { expiresAt: now + day } });

    expect(await attackIn(verified(world, { now: now + day - 1 }))).toBe('accepted');
    expect(await attackIn(verified(world, { now: now + day }))).toBe('freeze');
  });

  test('mix-and-match: Targets of one day under the Snapshot of another', async () => {
    const monday = await aWorld({ images: { version: 1 } });
    const tuesday = await aWorld({ keys: monday.keys, images: { version: 2 } });
    tuesday.files.images.set('2.targets.json', monday.files.images.get('1.targets.json') ?? '');

    expect(await attackIn(verified(tuesday))).toBe('mix-and-match');
  });

  test('rollback: an older Timestamp of the same Snapshot', async () => {
    const earlier = await aWorld({ director: { timestampVersion: 8 } });
    const later = await aWorld({ keys: earlier.keys, director: { timestampVersion: 9, issuedAt: now + 60_000 } });
    const { trusted } = await verified(later);

    expect(await attackIn(verified(earlier, { trusted }))).toBe('rollback');
  });

  test('rollback: an older Snapshot under a newer Timestamp, though it lists the same', async () => {
    const later = await aWorld({ images: { snapshotVersion: 5, timestampVersion: 5 } });
    const back = await aWorld({ keys: later.keys, images: { snapshotVersion: 4, timestampVersion: 6 } });
    const { trusted } = await verified(later);

    expect(await attackIn(verified(back, { trusted }))).toBe('rollback');
  });

  test('rollback: older Targets after new Timestamp and Snapshot keys, whose count began anew', async () => {
    const later = await aWorld({ images: { version: 5 } });
    const { timestamp, snapshot } = newKeys();
    const keys = { ...later.keys, images: { ...later.keys.images, timestamp, snapshot } };
    const life = { rootVersion: 2, formerRoot: [] };
    const { trusted } = await verified(later);

    const back = await aWorld({ keys, images: { ...life, version: 4 } });
    expect(await attackIn(verified(back, { trusted }))).toBe('rollback');
    const same = await aWorld({ keys, images: { ...life, version: 5, snapshotVersion: 1, timestampVersion: 1 } });
    expect(await attackIn(verified(same, { trusted }))).toBe('accepted');
  });

  test('mix-and-match: other Targets of the same version and length than Snapshot lists', async () => {
    const world = await aWorld();
    const [path = '', target] = Object.entries(imageTargets)[0] ?? [];
    if (target === undefined) throw new Error('the world has an image');
    const targets = { ...imageTargets, [path]: { ...target, hashes: { ...target.hashes, sha512: '0'.repeat(128) } } };
    const twin = await aWorld({ keys: world.keys, images: { images: { targets } } });
    world.files.images.set('1.targets.json', twin.files.images.get('1.targets.json') ?? '');

    expect(await attackIn(verified(world))).toBe('mix-and-match');
  });

  test('mix-and-match: one version with two contents', async () => {
    const world = await aWorld();
    const twin = await aWorld({ keys: world.keys, director: { issuedAt: now + 1 } });
    const { trusted } = await verified(world);

    expect(await attackIn(verified(twin, { trusted }))).toBe('mix-and-match');
  });

  test('fast-forward: a version that leaps where no honest one could follow', async () => {
    const world = await aWorld();
    const { trusted } = await verified(world);
    const far = await aWorld({ keys: world.keys, director: { version: 2 ** 25 } });

    expect(await attackIn(verified(far, { trusted }))).toBe('fast-forward');
    expect(await attackIn(verified(await aWorld({ images: { version: 2 ** 40 } })))).toBe('fast-forward');
  });

  test('endless data: more metadata than its role may have', async () => {
    const world = await aWorld();
    world.files.images.set('timestamp.json', `${world.files.images.get('timestamp.json')}${' '.repeat(20_000)}`);

    expect(await attackIn(verified(world))).toBe('endless-data');
  });

  test('endless data: metadata that announces more than anybody may have', async () => {
    const bend = (role: string, payload: unknown) =>
      role === 'snapshot' ? JSON.parse(JSON.stringify(payload).replace(/"length":\d+/, '"length":99999999')) : payload;

    expect(await attackIn(verified(await aWorld({ images: { bend } })))).toBe('endless-data');
  });

  test('drop-request: what is announced is withheld', async () => {
    const world = await aWorld();
    world.files.images.delete('1.snapshot.json');

    expect(await attackIn(verified(world))).toBe('drop-request');
  });

  test('arbitrary software: metadata that too few have signed, or one key twice', async () => {
    const { keys } = await aWorld();
    const [first] = keys.images.targets;
    const once = await aWorld({ keys, images: { signers: { targets: first === undefined ? [] : [first] } } });
    const twice = await aWorld({ keys, images: { signers: { targets: first === undefined ? [] : [first, first] } } });
    const strangers = await aWorld({ keys, images: { signers: { targets: [newSigner(), newSigner()] } } });

    expect(await attackIn(verified(once))).toBe('arbitrary-software');
    expect(await attackIn(verified(twice))).toBe('arbitrary-software');
    expect(await attackIn(verified(strangers))).toBe('arbitrary-software');
  });

  test('arbitrary software: one signature given twice, or one key under two names', async () => {
    const { keys } = await aWorld();
    const [timestamp] = keys.images.timestamp;
    const [first] = keys.images.targets;
    if (timestamp === undefined || first === undefined) throw new Error('every role has a key');
    const twice = await aWorld({ keys, images: { signers: { timestamp: [timestamp, timestamp] } } });
    expect(await attackIn(verified(twice))).toBe('arbitrary-software');

    const alias = { ...first, keyid: 'alias' };
    const bend = (role: string, payload: unknown) => {
      if (role !== 'root') return payload;
      const renamed = replaced(payload, ['roles', 'targets', 'keyids'], [first.keyid, 'alias']);
      return replaced(renamed, ['keys'], { ...Object(valueAt(renamed, ['keys'])), alias: first.publicKey });
    };
    const doubled = await aWorld({ keys, images: { bend, signers: { targets: [first, alias] } } });
    expect(await attackIn(verified(doubled))).toBe('arbitrary-software');
  });

  test.each([
    [1, 'rollback'],
    [3, 'fast-forward'],
  ])('a next Root that says it is version %i is a %s', async (said, attack) => {
    const world = await aWorld();
    const bend = (role: string, payload: unknown) => (role === 'root' ? replaced(payload, ['version'], said) : payload);
    const next = await aWorld({ keys: world.keys, director: { rootVersion: 2, bend } });

    expect(await attackIn(verified(next, { trusted: factoryTrust(world) }))).toBe(attack);
  });

  test.each(['director', 'images'] as const)(
    'arbitrary software: a next Root of the %s repository that too few of the keys before it have signed',
    async (which) => {
      const world = await aWorld();
      const keys = { ...world.keys, [which]: newKeys() };
      const [first] = world.keys[which].root;
      for (const formerRoot of first === undefined ? [] : [[], [first]]) {
        const taken = await aWorld({ keys, [which]: { rootVersion: 2, formerRoot } });
        expect(await attackIn(verified(taken, { trusted: factoryTrust(world) }))).toBe('arbitrary-software');
      }
      const given = await aWorld({ keys, [which]: { rootVersion: 2, formerRoot: world.keys[which].root } });
      expect((await verified(given, { trusted: factoryTrust(world) })).images).toHaveLength(2);
    },
  );

  test('rollback: a delegated role disappears from the Snapshot', async () => {
    const before = await aWorld({ images: { delegated: { supplier: '{}' } } });
    const after = await aWorld({ keys: before.keys, images: { version: 2 } });
    const { trusted } = await verified(before);

    expect(await attackIn(verified(after, { trusted }))).toBe('rollback');
  });
});

test('stolen Director keys leave nothing behind that keeps the honest Director out', async () => {
  const world = await aWorld();
  const target = directorContent.targets[paths.engine];
  const evil = target === undefined ? {} : { [paths.engine]: { ...target, hashes: { sha256: '0'.repeat(64) } } };
  const stolen = await aWorld({
    keys: world.keys,
    director: { version: 500, director: { ...directorContent, targets: evil } },
  });
  let trusted = factoryTrust(world);

  expect(await attackIn(verified(stolen, { trusted, reached: (reached) => (trusted = reached) }))).toBe(
    'arbitrary-software',
  );
  expect((await verified(world, { trusted })).images).toHaveLength(2);
});
