import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { FullyVerified, TrustedPair } from '#shared/ota/uptane/full-verification.ts';
import type { TopRole } from '#shared/ota/uptane/metadata.ts';
import { type KeySet, newKeys, type RepositoryPlan } from '../../../support/uptane-repositories.ts';
import { bent } from '../../../support/uptane-temptations.ts';
import {
  aWorld,
  directorContent,
  ecus,
  factoryTrust,
  imageTargets,
  verified,
  type World,
} from '../../../support/uptane-world.ts';

/** Repositories are bent at places that nobody picked; what holds is said once and for all of them. */
let world: World;
let honest: FullyVerified;
beforeAll(async () => {
  world = await aWorld();
  honest = await verified(world);
});

async function outcomeOf(attacked: World): Promise<FullyVerified | undefined> {
  return (await attempted(attacked)).outcome;
}

/** What the vehicle would install, and whom it trusts afterwards. */
async function attempted(attacked: World): Promise<{ outcome?: FullyVerified; trusted: TrustedPair }> {
  // The vehicle was made in the honest world: it knows the honest first Roots.
  let trusted = factoryTrust(world);
  try {
    const outcome = await verified(attacked, { trusted, reached: (reached) => (trusted = reached) });
    return { outcome, trusted: outcome.trusted };
  } catch (error) {
    if (error instanceof RefusedUpdate) return { trusted };
    throw error;
  }
}

type Which = 'director' | 'images';
const which = fc.constantFrom<Which>('director', 'images');

describe('whatever changes without the keys', () => {
  test('a member of any file: it is refused, or has no effect', async () => {
    const attacks = which.chain((repository) =>
      fc.constantFrom(...world.files[repository].keys()).chain((file) => {
        const text = world.files[repository].get(file) ?? '';
        return bent(JSON.parse(text)).map((it) => ({ ...it, repository, file }));
      }),
    );
    await fc.assert(
      fc.asyncProperty(attacks, async ({ repository, file, value }) => {
        const files = new Map(world.files[repository]).set(file, JSON.stringify(value));
        const { outcome, trusted } = await attempted({ ...world, files: { ...world.files, [repository]: files } });
        if (outcome !== undefined) expect(outcome.images).toEqual(honest.images);
        // Nothing is left behind that would keep the honest repositories out.
        expect((await verified(world, { trusted })).images).toEqual(honest.images);
      }),
      { numRuns: 250 },
    );
  });

  test('any bytes of any file: they are refused, or have no effect', async () => {
    const attacks = which.chain((repository) =>
      fc.record({
        repository: fc.constant(repository),
        file: fc.constantFrom(...world.files[repository].keys()),
        at: fc.nat(),
        by: fc.string({ maxLength: 3 }),
        over: fc.nat({ max: 3 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(attacks, async ({ repository, file, at, by, over }) => {
        const text = world.files[repository].get(file) ?? '';
        const from = at % text.length;
        const changed = text.slice(0, from) + by + text.slice(from + over);
        const files = new Map(world.files[repository]).set(file, changed);
        const outcome = await outcomeOf({ ...world, files: { ...world.files, [repository]: files } });
        if (outcome !== undefined) expect(outcome.images).toEqual(honest.images);
      }),
      { numRuns: 150 },
    );
  });
});

test('whatever stolen online keys have signed, new keys bring the honest repositories back', async () => {
  const keys = { director: newKeys(), images: newKeys() };
  const healed = (repository: Which) => ({
    ...{ rootVersion: 2, version: 3, formerRoot: world.keys[repository].root },
  });
  const after = await aWorld({ keys, director: healed('director'), images: healed('images') });
  const thefts = which.chain((repository) =>
    bentPayload(repository, ['targets', 'snapshot', 'timestamp']).map((it) => ({ ...it, repository })),
  );
  await fc.assert(
    fc.asyncProperty(thefts, async ({ repository, role, value }) => {
      const { trusted } = await attempted(await resigned(repository, role, () => value));
      expect((await verified(after, { trusted })).images).toHaveLength(2);
    }),
    { numRuns: 100 },
  );
});

/** A world in which somebody has signed a bent payload of one role with stolen keys, and listed it properly. */
async function resigned(
  repository: Which,
  role: TopRole,
  change: (payload: unknown) => unknown,
  signers: RepositoryPlan['signers'] = {},
): Promise<World> {
  const bend = (name: TopRole, payload: unknown) => (name === role ? change(payload) : payload);
  return aWorld({ keys: world.keys, [repository]: { bend, signers, rootVersion: role === 'root' ? 2 : 1 } });
}

/** Of Root the next one: the first is in the vehicle already. */
function payloadOf(repository: Which, role: TopRole): unknown {
  const entry = [...world.files[repository]].find(([name]) => name.endsWith(`${role}.json`));
  const { signed } = JSON.parse(entry?.[1] ?? '{}');
  return role === 'root' ? { ...signed, version: 2 } : signed;
}

const everyRole: readonly TopRole[] = ['root', 'targets', 'snapshot', 'timestamp'];

function bentPayload(repository: Which, roles: readonly TopRole[]) {
  return fc.constantFrom(...roles).chain((role) => bent(payloadOf(repository, role)).map((it) => ({ ...it, role })));
}

describe('scenario 4: stolen keys install nothing', () => {
  test('every key of the Director: nothing but what the Image repository has signed, for the hardware it is for', async () => {
    await fc.assert(
      fc.asyncProperty(bentPayload('director', everyRole), async ({ role, value }) => {
        const outcome = await outcomeOf(await resigned('director', role, () => value));
        for (const image of outcome?.images ?? []) {
          const signed = imageTargets[image.path];
          expect(image.length).toBe(signed?.length);
          expect(image.hashes).toMatchObject({ ...signed?.hashes });
          expect(image.releaseCounter).toBe(signed?.custom.releaseCounter);
          expect(signed?.custom.hardwareIds).toContain(image.hardwareId);
          const ecu = ecus.find(({ ecuId }) => ecuId === image.ecuId);
          expect(ecu?.hardwareId).toBe(image.hardwareId);
          expect(image.releaseCounter).toBeGreaterThanOrEqual(ecu?.releaseCounter ?? Number.POSITIVE_INFINITY);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('every key of the Image repository: nothing but what the Director has asked for', async () => {
    await fc.assert(
      fc.asyncProperty(bentPayload('images', everyRole), async ({ role, value }) => {
        const outcome = await outcomeOf(await resigned('images', role, () => value));
        for (const image of outcome?.images ?? []) {
          const wanted = directorContent.targets[image.path];
          expect(image.length).toBe(wanted?.length);
          expect(image.hashes).toMatchObject({ ...wanted?.hashes });
          expect(Object.keys(wanted?.custom.ecuIdentifiers ?? {})).toContain(image.ecuId);
        }
      }),
      { numRuns: 250 },
    );
  });

  test.each(['director', 'images'] as const)(
    'Timestamp and Snapshot keys of the %s repository: nothing at all is different',
    async (repository) => {
      await fc.assert(
        fc.asyncProperty(bentPayload(repository, ['snapshot', 'timestamp']), async ({ role, value }) => {
          const outcome = await outcomeOf(await resigned(repository, role, () => value));
          if (outcome !== undefined) expect(outcome.images).toEqual(honest.images);
        }),
        { numRuns: 100 },
      );
    },
  );

  test('the keys of all other roles of a repository sign nothing for this one', async () => {
    const thefts = which.chain((repository) => bentPayload(repository, everyRole).map((it) => ({ ...it, repository })));
    await fc.assert(
      fc.asyncProperty(thefts, async ({ repository, role, value }) => {
        const keys: KeySet = world.keys[repository];
        const others = everyRole.filter((it) => it !== role).flatMap((it) => keys[it]);
        const outcome = await outcomeOf(await resigned(repository, role, () => value, { [role]: others }));
        expect(outcome).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('fewer keys than the threshold, of any role that has one: nothing at all is different', async () => {
    const thefts = which.chain((repository) =>
      bentPayload(repository, ['root', 'targets']).map((it) => ({ ...it, repository })),
    );
    await fc.assert(
      fc.asyncProperty(thefts, async ({ repository, role, value }) => {
        const keys: KeySet = world.keys[repository];
        const outcome = await outcomeOf(await resigned(repository, role, () => value, { [role]: keys[role].slice(1) }));
        if (outcome !== undefined) expect(outcome.images).toEqual(honest.images);
      }),
      { numRuns: 100 },
    );
  });
});
