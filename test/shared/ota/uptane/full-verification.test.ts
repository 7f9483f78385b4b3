import { describe, expect, test } from 'vitest';
import type { Delta, DirectorCustom } from '#shared/ota/uptane/custom.ts';
import { newKeys, newSigner, now } from '../../../support/uptane-repositories.ts';
import {
  attackIn,
  aWorld,
  directorContent,
  ecus,
  factoryTrust,
  imageTargets,
  paths,
  verified,
  type World,
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

describe('what the Director may say', () => {
  const said = (path: string, change: Partial<DirectorCustom>) => {
    const target = directorContent.targets[path];
    if (target === undefined) throw new Error(`no ${path}`);
    return { ...directorContent.targets, [path]: { ...target, custom: { ...target.custom, ...change } } };
  };
  const withTargets = (targets: typeof directorContent.targets) =>
    aWorld({ director: { director: { ...directorContent, targets } } });

  test('no control unit twice', async () => {
    const world = await withTargets(said(paths.engine, { ecuIdentifiers: { gateway: { hardwareId: 'GW-2' } } }));

    expect(await attackIn(verified(world))).toBe('wrong-ecu');
  });

  test('none that the car has not', async () => {
    const world = await withTargets(said(paths.engine, { ecuIdentifiers: { turbine: { hardwareId: 'ECM-7' } } }));

    expect(await attackIn(verified(world))).toBe('wrong-ecu');
  });

  test('nothing for other hardware than is on board', async () => {
    const [gateway] = ecus;
    const swapped = [
      ...(gateway === undefined ? [] : [gateway]),
      { ecuId: 'engine', hardwareId: 'ECM-8', releaseCounter: 1 },
    ];

    expect(await attackIn(verified(await aWorld(), { ecus: swapped }))).toBe('wrong-hardware');
  });

  test('nothing that the Image repository has for other hardware', async () => {
    const world = await withTargets(said(paths.engine, { ecuIdentifiers: { engine: { hardwareId: 'ECM-8' } } }));
    const [gateway] = ecus;
    const other = [
      ...(gateway === undefined ? [] : [gateway]),
      { ecuId: 'engine', hardwareId: 'ECM-8', releaseCounter: 1 },
    ];

    expect(await attackIn(verified(world, { ecus: other }))).toBe('wrong-hardware');
  });

  test('no release counter below what is installed, nor another than the Image repository has', async () => {
    const installed = ecus.map((ecu) => ({ ...ecu, releaseCounter: ecu.releaseCounter + 2 }));

    expect(await attackIn(verified(await aWorld(), { ecus: installed }))).toBe('rollback');
    expect(await attackIn(verified(await withTargets(said(paths.engine, { releaseCounter: 10 }))))).toBe(
      'mix-and-match',
    );
  });

  test('no release counter below the one that either repository named before, installed or not', async () => {
    const wanted = directorContent.targets[paths.engine];
    const image = imageTargets[paths.engine];
    if (wanted === undefined || image === undefined) throw new Error('the world has an engine');
    const lower = { ...wanted, custom: { ...wanted.custom, releaseCounter: 8 } };
    const lowerImage = { ...image, custom: { ...image.custom, releaseCounter: 8 } };
    const offering = (keys: World['keys'], path: string) =>
      aWorld({
        keys,
        director: { version: 2, director: { ...directorContent, targets: { [path]: lower } } },
        images: { version: 2, images: { targets: { ...imageTargets, [path]: lowerImage } } },
      });

    const asked = await aWorld();
    const { trusted } = await verified(asked);
    expect(await attackIn(verified(await offering(asked.keys, 'engine/8.bin'), { trusted }))).toBe('rollback');

    const unasked = await aWorld({ director: { director: { ...directorContent, targets: {} } } });
    const known = (await verified(unasked)).trusted;
    expect(await attackIn(verified(await offering(unasked.keys, paths.engine), { trusted: known }))).toBe('rollback');
    const other = await offering(unasked.keys, 'engine/8.bin');
    expect((await verified(other, { trusted: known })).images).toHaveLength(1);
  });

  test('no delta but one that the Image repository has for the image, in every particular', async () => {
    const target = imageTargets[paths.engine];
    if (target === undefined) throw new Error('the world has an engine');
    const delta: Delta = { path: 'engine/8-9.vcdiff', length: 4, fromSha256: 'a'.repeat(64), sha256: 'b'.repeat(64) };
    const images = {
      images: {
        targets: { ...imageTargets, [paths.engine]: { ...target, custom: { ...target.custom, deltas: [delta] } } },
      },
    };
    const asked = (by: Partial<Delta>) => {
      const targets = said(paths.engine, {
        ecuIdentifiers: { engine: { hardwareId: 'ECM-7', delta: { ...delta, ...by } } },
      });
      return aWorld({ images, director: { director: { ...directorContent, targets } } });
    };

    expect((await verified(await asked({}))).images[1]?.delta).toEqual(delta);
    for (const by of [{ path: 'x' }, { length: 5 }, { fromSha256: 'c'.repeat(64) }, { sha256: 'c'.repeat(64) }]) {
      expect(await attackIn(verified(await asked(by)))).toBe('arbitrary-software');
    }
  });

  test('no delegations', async () => {
    const signer = newSigner();
    const role = { name: 'anybody', keyids: [signer.keyid], threshold: 1, paths: ['*'], terminating: false };
    const delegations = { keys: { [signer.keyid]: signer.publicKey }, roles: [role] };
    const bend = (name: string, payload: unknown) =>
      name === 'targets' && typeof payload === 'object' ? { ...payload, delegations } : payload;

    expect(await attackIn(verified(await aWorld({ director: { bend } })))).toBe('arbitrary-software');
  });

  test.each([
    '../../boot.bin',
    '/etc/passwd',
    'a//b',
    'a/%2e%2e/b',
    'a?b',
    'https://example.com/x'.replace('https:', 'x\\'),
  ])('no file by the name of %s', async (path) => {
    const target = directorContent.targets[paths.engine];
    const world = await withTargets(target === undefined ? {} : { [path]: target });

    expect(await attackIn(verified(world))).toBe('malformed');
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
