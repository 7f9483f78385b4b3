import { describe, expect, test } from 'vitest';
import type { Delta, DirectorCustom } from '#shared/ota/uptane/custom.ts';
import { newSigner } from '../../../support/uptane-repositories.ts';
import {
  attackIn,
  aWorld,
  directorContent,
  ecus,
  imageTargets,
  paths,
  verified,
  type World,
} from '../../../support/uptane-world.ts';

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
