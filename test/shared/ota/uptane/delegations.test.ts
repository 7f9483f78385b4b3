import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DelegatedRole } from '#shared/ota/uptane/metadata.ts';
import { covers } from '#shared/ota/uptane/path-pattern.ts';
import {
  delegatedFile,
  delegatedKeys,
  delegatedRole,
  newKeys,
  newSigner,
  now,
  type TestSigner,
} from '../../../support/uptane-repositories.ts';
import {
  attackIn,
  aWorld,
  imageTargets,
  paths,
  verified,
  type World,
  type WorldPlan,
} from '../../../support/uptane-world.ts';

const keys = { director: newKeys(), images: newKeys() };
const [supplier, other] = [newSigner(), newSigner()];
const engine = imageTargets[paths.engine];
const gateway = imageTargets[paths.gateway];
if (engine === undefined || gateway === undefined) throw new Error('the world has two images');
const engineOnly = { [paths.engine]: engine };
const gatewayOnly = { [paths.gateway]: gateway };

/** The Image repository's own Targets name the gateway's image; the engine's is somebody else's business. */
async function delegating(
  roles: readonly (Partial<DelegatedRole> & { readonly by: TestSigner })[],
  delegated: Readonly<Record<string, string>>,
  version = 1,
  plan: WorldPlan = {},
): Promise<World> {
  const written = roles.map(({ by, ...role }) => ({
    ...{ name: 'supplier', paths: ['engine/*'], terminating: false },
    ...delegatedRole([by]),
    ...role,
  }));
  const delegations = { keys: delegatedKeys(roles.map(({ by }) => by)), roles: written };
  const images = { images: { targets: gatewayOnly, delegations }, delegated, version, ...plan.images };
  return aWorld({ keys, ...plan, images });
}

let file: string;
beforeAll(async () => {
  file = await delegatedFile({ targets: engineOnly }, [supplier]);
});

describe('delegations of the Image repository', () => {
  test('lead to an image by its path', async () => {
    const { images } = await verified(await delegating([{ by: supplier }], { supplier: file }));

    expect(images.map(({ path }) => path)).toEqual([paths.gateway, paths.engine]);
  });

  test('over several steps, and in circles no further than once', async () => {
    const back = { name: 'first', paths: ['*/*'], terminating: false, ...delegatedRole([supplier]) };
    const on = { ...back, name: 'second', ...delegatedRole([other]) };
    const both = delegatedKeys([supplier, other]);
    const first = await delegatedFile({ targets: {}, delegations: { keys: both, roles: [on] } }, [supplier]);
    const second = await delegatedFile({ targets: engineOnly, delegations: { keys: both, roles: [back] } }, [other]);
    const empty = await delegatedFile({ targets: {}, delegations: { keys: both, roles: [back] } }, [other]);
    const entry = [{ by: supplier, name: 'first' }];

    expect((await verified(await delegating(entry, { first, second }))).images).toHaveLength(2);
    expect(await attackIn(verified(await delegating(entry, { first, second: empty })))).toBe('arbitrary-software');
  });

  test.each<[string, Partial<DelegatedRole>]>([
    ['another path', { paths: ['gateway/*'] }],
    ['a path of other depth', { paths: ['*'] }],
    ['other hardware', { hardwareIds: ['ECM-8'] }],
  ])('lead nowhere with %s', async (_name, role) => {
    expect(await attackIn(verified(await delegating([{ by: supplier, ...role }], { supplier: file })))).toBe(
      'arbitrary-software',
    );
  });

  test('with the right hardware lead on', async () => {
    const world = await delegating([{ by: supplier, hardwareIds: ['ECM-7'] }], { supplier: file });

    expect((await verified(world)).images).toHaveLength(2);
  });

  test('are searched in their order, up to a terminating one', async () => {
    const nothing = await delegatedFile({ targets: {} }, [other]);
    const second = { by: supplier, name: 'supplier' };
    const files = { empty: nothing, supplier: file };

    expect((await verified(await delegating([{ by: other, name: 'empty' }, second], files))).images).toHaveLength(2);
    const terminating = await delegating([{ by: other, name: 'empty', terminating: true }, second], files);
    expect(await attackIn(verified(terminating))).toBe('arbitrary-software');
  });

  test('are believed only as far as they are signed, listed and unexpired', async () => {
    const foreign = await delegatedFile({ targets: engineOnly }, [other]);
    const old = await delegatedFile({ targets: engineOnly }, [supplier], { version: 1, expiresAt: now });
    const entry = [{ by: supplier }];

    expect(await attackIn(verified(await delegating(entry, { supplier: foreign })))).toBe('arbitrary-software');
    expect(await attackIn(verified(await delegating(entry, { supplier: old })))).toBe('freeze');
    expect(await attackIn(verified(await delegating(entry, { elsewhere: file })))).toBe('mix-and-match');
    const withheld = await delegating(entry, { supplier: file });
    withheld.files.images.delete('1.supplier.json');
    expect(await attackIn(verified(withheld))).toBe('drop-request');
  });

  test('never go back to an older file, nor past the Director’s release counter', async () => {
    const newer = await delegatedFile({ targets: engineOnly }, [supplier], { version: 2, expiresAt: now + 86_400_000 });
    const custom = { ...engine.custom, releaseCounter: 12 };
    const ahead = await delegatedFile({ targets: { [paths.engine]: { ...engine, custom } } }, [supplier]);
    const { trusted } = await verified(await delegating([{ by: supplier }], { supplier: newer }, 2));

    const back = await delegating([{ by: supplier }], { supplier: file }, 3);
    const { timestamp, snapshot } = newKeys();
    const rotated = { timestamp, snapshot };
    expect(await attackIn(verified(back, { trusted }))).toBe('rollback');
    const renewed = { ...keys, images: { ...keys.images, ...rotated } };
    const anew = { rootVersion: 2, version: 3 };
    const afterwards = await delegating([{ by: supplier }], { supplier: file }, 3, { keys: renewed, images: anew });
    expect(await attackIn(verified(afterwards, { trusted }))).toBe('rollback');
    expect(await attackIn(verified(await delegating([{ by: supplier }], { supplier: ahead })))).toBe('mix-and-match');
  });

  test('to several roles hold only where all of them say the same (TAP 3)', async () => {
    const bend = (role: string, payload: unknown) => {
      if (role !== 'targets' || typeof payload !== 'object') return payload;
      const roles = { supplier: delegatedRole([supplier]), quality: { ...delegatedRole([other]), filename: 'q.json' } };
      const delegations = [{ paths: ['engine/*'], roles: ['supplier', 'quality'], terminating: true }];
      return { ...payload, keys: delegatedKeys([supplier, other]), roles, delegations };
    };
    const agreeing = await delegatedFile({ targets: engineOnly }, [other]);
    const contradicting = await delegatedFile({ targets: { [paths.engine]: { ...engine, length: 9 } } }, [other]);
    const silent = await delegatedFile({ targets: {} }, [other]);
    const world = (quality: string) =>
      aWorld({ keys, images: { bend, images: { targets: gatewayOnly }, delegated: { supplier: file, q: quality } } });

    expect((await verified(await world(agreeing))).images).toHaveLength(2);
    expect(await attackIn(verified(await world(contradicting)))).toBe('mix-and-match');
    expect(await attackIn(verified(await world(silent)))).toBe('mix-and-match');
  });
});

test('a pattern means what a shell would make of it within one segment', () => {
  const letters = fc.constantFrom('a', 'b', '*', '?', '/');
  const text = fc.array(letters, { maxLength: 8 }).map((them) => them.join(''));
  fc.assert(
    fc.property(text, text, (pattern, raw) => {
      const name = raw.replaceAll(/[*?]/g, 'c');
      const regex = new RegExp(`^${pattern.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
      expect(covers(pattern, name)).toBe(regex.test(name));
    }),
    { numRuns: 1000 },
  );
});

test('a pattern made to take for ever does not', () => {
  expect(covers(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
});
