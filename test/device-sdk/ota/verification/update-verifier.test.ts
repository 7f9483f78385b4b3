import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RetrievalFailed } from '#device-sdk/ota/verification/granted-files.ts';
import { type DirectorMetadata, type Situation, UpdateVerifier } from '#device-sdk/ota/verification/update-verifier.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { filesAtHand } from '#shared/ota/uptane/file-source.ts';
import { newKeys, now } from '../../../support/uptane-repositories.ts';
import { attackIn, aWorld, directorContent, ecus, paths, type World } from '../../../support/uptane-world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'uptane-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function answerOf({ files: { director } }: World, roots: readonly string[] = []): DirectorMetadata {
  const file = (suffix: string) => [...director].find(([name]) => name.endsWith(suffix))?.[1] ?? '';
  const grant = { baseUrl: 'https://downloads.example/', query: '', expiresAt: now + 3_600_000 };
  return {
    kind: 'metadata',
    requestId: 'req-1',
    director: {
      roots,
      timestamp: file('timestamp.json'),
      snapshot: file('snapshot.json'),
      targets: file('targets.json'),
    },
    repository: grant,
    images: grant,
  };
}

function rootOf(files: ReadonlyMap<string, string>): string {
  return [...files].find(([name]) => name.endsWith('.root.json'))?.[1] ?? '';
}

/** A vehicle that was made in this world: as often as it is started, on one disk. */
function vehicleOf(factory: World, serving: World = factory): UpdateVerifier {
  const root = (files: ReadonlyMap<string, string>) => files.get('1.root.json') ?? '';
  return new UpdateVerifier({
    storage: openStorage(directory),
    roots: { director: root(factory.files.director), images: root(factory.files.images) },
    repository: () => filesAtHand(serving.files.images),
  });
}

function at(time: number, change: Partial<Situation> = {}): Situation {
  return { purpose: 'download', campaignId: 'cmp-1', time: { earliest: time - 1000, latest: time }, ecus, ...change };
}

test('a verified update says what the installer needs, and nothing that the Image repository has not signed', async () => {
  const world = await aWorld();

  expect(await vehicleOf(world).verify(answerOf(world), at(now))).toMatchObject({
    campaignId: 'cmp-1',
    releaseId: 'rel-1',
    softwareVersion: '2030.1',
    timestampIssuedAt: now,
    preconditions: [{ kind: 'parked' }],
    images: [
      {
        ecuId: 'gateway',
        hardwareId: 'GW-2',
        path: paths.gateway,
        length: 9,
        releaseCounter: 4,
        softwareVersion: '4.0',
      },
      {
        ecuId: 'engine',
        hardwareId: 'ECM-7',
        path: paths.engine,
        length: 8,
        releaseCounter: 9,
        softwareVersion: '9.0',
      },
    ],
  });
});

test('what was trusted survives a restart: older metadata is a rollback then, too', async () => {
  const newer = await aWorld({ director: { version: 5 } });
  const older = await aWorld({ keys: newer.keys, director: { version: 4 } });
  await vehicleOf(newer).verify(answerOf(newer), at(now));

  expect(await attackIn(vehicleOf(newer, older).verify(answerOf(older), at(now)))).toBe('rollback');
});

test('an Image repository that was in order is remembered, also where the Director is not believed', async () => {
  const newer = await aWorld({ director: { director: { ...directorContent, targets: {} } }, images: { version: 5 } });
  const older = await aWorld({ keys: newer.keys, director: { version: 2 }, images: { version: 4 } });
  const wrong = { purpose: 'download', campaignId: 'another' } as const;

  expect(await attackIn(vehicleOf(newer).verify(answerOf(newer), at(now, wrong)))).toBe('mix-and-match');
  expect(await attackIn(vehicleOf(newer, older).verify(answerOf(older), at(now)))).toBe('rollback');
});

test('an install begins with a Timestamp of the last ten minutes only, a download with any that holds', async () => {
  const world = await aWorld();
  const vehicle = vehicleOf(world);
  const minutes = (count: number) => now + count * 60_000;

  expect(await attackIn(vehicle.verify(answerOf(world), at(minutes(10), { purpose: 'install' })))).toBe('accepted');
  expect(await attackIn(vehicle.verify(answerOf(world), at(minutes(10) + 1, { purpose: 'install' })))).toBe('freeze');
  expect(await attackIn(vehicle.verify(answerOf(world), at(minutes(600))))).toBe('accepted');
});

test('the answer of another campaign installs nothing', async () => {
  const world = await aWorld();

  expect(await attackIn(vehicleOf(world).verify(answerOf(world), at(now, { campaignId: 'cmp-2' })))).toBe(
    'mix-and-match',
  );
});

test('images of another release than the one that was approved are not mixed in', async () => {
  const custom = { campaignId: 'cmp-1', releaseId: 'rel-2', softwareVersion: '1', preconditions: [] };
  const world = await aWorld({ director: { director: { ...directorContent, custom } } });

  expect(await attackIn(vehicleOf(world).verify(answerOf(world), at(now)))).toBe('mix-and-match');
});

test('a refused attack is remembered over a restart, until it has been told', async () => {
  const world = await aWorld();
  await attackIn(vehicleOf(world).verify(answerOf(world), at(now, { time: undefined })));

  const { attacks } = vehicleOf(world);
  expect(attacks.last()).toBe('freeze');
  attacks.told();
  expect(vehicleOf(world).attacks.last()).toBeUndefined();
});

test('a network that fails is no attack, and the next attempt goes on as if nothing had been', async () => {
  const world = await aWorld();
  const failing = new UpdateVerifier({
    storage: openStorage(directory),
    roots: { director: rootOf(world.files.director), images: rootOf(world.files.images) },
    repository: () => ({ read: () => Promise.reject(new RetrievalFailed('a tunnel')) }),
  });

  await expect(failing.verify(answerOf(world), at(now))).rejects.toThrow(RetrievalFailed);

  expect(failing.attacks.last()).toBeUndefined();
  expect((await vehicleOf(world).verify(answerOf(world), at(now))).images).toHaveLength(2);
});

test('a workshop brings back a vehicle whose chain was cut, with a newer Root of the factory', async () => {
  const old = await aWorld();
  await vehicleOf(old).verify(answerOf(old), at(now));
  const keys = { director: newKeys(), images: newKeys() };
  const life = { rootVersion: 5, formerRoot: [] };
  const renewed = await aWorld({ keys, director: life, images: life });

  const update = await new UpdateVerifier({
    storage: openStorage(directory),
    roots: { director: rootOf(renewed.files.director), images: rootOf(renewed.files.images) },
    repository: () => filesAtHand(renewed.files.images),
  }).verify(answerOf(renewed), at(now));

  expect(update.images).toHaveLength(2);
});

test('metadata that the disk has lost is built up again from the factory’s Root', async () => {
  const world = await aWorld();
  await vehicleOf(world).verify(answerOf(world), at(now));
  for (const torn of ['{"root":"torn', '{"root":"torn"}']) {
    for (const file of readdirSync(directory)) writeFileSync(join(directory, file), torn);

    expect((await vehicleOf(world).verify(answerOf(world), at(now))).images).toHaveLength(2);
  }
});

describe('scenario 18: keys rotated while the car was off for years, expired root, wrong clock', () => {
  const year = 365 * 86_400_000;

  /** Each year every key is replaced, and the Root of the year before expires. */
  async function years(count: number): Promise<{ first: World; last: World; roots: string[] }> {
    const first = await aWorld({ director: { rootExpiresAt: now + year }, images: { rootExpiresAt: now + year } });
    const roots: string[] = [];
    let last = first;
    for (let version = 2; version <= count; version += 1) {
      const keys = { director: newKeys(), images: newKeys() };
      const life = { rootVersion: version, rootExpiresAt: now + version * year, expiresAt: now + version * year };
      const next = await aWorld({
        keys,
        director: { ...life, formerRoot: last.keys.director.root, issuedAt: now + (version - 1) * year },
        images: { ...life, formerRoot: last.keys.images.root },
      });
      roots.push(next.files.director.get(`${version}.root.json`) ?? '');
      for (const [name, text] of last.files.images) if (name.endsWith('root.json')) next.files.images.set(name, text);
      last = next;
    }
    return { first, last, roots };
  }

  test('twelve years of rotated keys are caught up with in one step', async () => {
    const { first, last, roots } = await years(12);
    const vehicle = vehicleOf(first, last);

    const update = await vehicle.verify(answerOf(last, roots), at(now + 11 * year, { purpose: 'install' }));

    expect(update.images).toHaveLength(2);
    expect(vehicle.directorRootVersion()).toBe(12);
    expect(vehicleOf(first, last).directorRootVersion()).toBe(12);
  });

  test('a root that is missing on the way leaves the car where it was, and the next answer helps it on', async () => {
    const { first, last, roots } = await years(4);
    const vehicle = vehicleOf(first, last);
    const time = at(now + 3 * year);

    expect(await attackIn(vehicle.verify(answerOf(last, [...roots.slice(0, 1), ...roots.slice(2)]), time))).toBe(
      'freeze',
    );
    expect(vehicle.directorRootVersion()).toBe(2);
    expect(await attackIn(vehicle.verify(answerOf(last, roots), time))).toBe('accepted');
  });

  test('an expired Root is a freeze, however good everything else is', async () => {
    const world = await aWorld({ director: { rootExpiresAt: now + year, expiresAt: now + 5 * year } });

    expect(await attackIn(vehicleOf(world).verify(answerOf(world), at(now + year)))).toBe('freeze');
  });

  test('rotated keys forget the versions that a thief of the old ones has pushed up', async () => {
    const first = await aWorld();
    const pushed = await aWorld({ keys: first.keys, director: { version: 9_000_000 }, images: { version: 9_000_000 } });
    const keys = { director: newKeys(), images: newKeys() };
    const healed = await aWorld({
      keys,
      director: { rootVersion: 2, version: 3, formerRoot: first.keys.director.root },
      images: { rootVersion: 2, version: 3, formerRoot: first.keys.images.root },
    });
    await vehicleOf(first, pushed).verify(answerOf(pushed), at(now));
    const roots = [healed.files.director.get('2.root.json') ?? ''];

    expect(await attackIn(vehicleOf(first, healed).verify(answerOf(healed), at(now)))).toBe('arbitrary-software');
    expect((await vehicleOf(first, healed).verify(answerOf(healed, roots), at(now))).images).toHaveLength(2);
  });

  test('without secure time nothing is verified, and time that runs back is no time', async () => {
    const world = await aWorld();
    const vehicle = vehicleOf(world);

    expect(await attackIn(vehicle.verify(answerOf(world), at(now, { time: undefined })))).toBe('freeze');
    expect(await attackIn(vehicle.verify(answerOf(world), at(now)))).toBe('accepted');
    expect(await attackIn(vehicle.verify(answerOf(world), at(now - year)))).toBe('freeze');
    const backdated = await aWorld({ keys: world.keys, director: { version: 2, issuedAt: now - year } });
    expect(await attackIn(vehicle.verify(answerOf(backdated), at(now - year)))).toBe('freeze');
  });

  test('a Timestamp from the future does not stay fresh for ever', async () => {
    const world = await aWorld({ director: { issuedAt: now + 3_600_000 } });

    expect(await attackIn(vehicleOf(world).verify(answerOf(world), at(now, { purpose: 'install' })))).toBe('freeze');
  });
});
