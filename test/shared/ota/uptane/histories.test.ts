import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { TrustedPair } from '#shared/ota/uptane/full-verification.ts';
import { type Files, type KeySet, newKeys, now } from '../../../support/uptane-repositories.ts';
import {
  aWorld,
  directorContent,
  factoryTrust,
  imageTargets,
  paths,
  verified,
  type World,
} from '../../../support/uptane-world.ts';

const day = 86_400_000;
const days = 6;

/** Honest repositories as they were on each day: a file's plain name leads to what it said then. */
type Day = { readonly world: World; readonly now: number };

function counted(counter: number) {
  const image = imageTargets[paths.gateway];
  const wanted = directorContent.targets[paths.gateway];
  if (image === undefined || wanted === undefined) throw new Error('the world has a gateway');
  return {
    images: { targets: { [paths.gateway]: { ...image, custom: { ...image.custom, releaseCounter: counter } } } },
    director: {
      ...directorContent,
      targets: { [paths.gateway]: { ...wanted, custom: { ...wanted.custom, releaseCounter: counter } } },
    },
  };
}

let history: Day[] = [];
beforeAll(async () => {
  const keys = { director: newKeys(), images: newKeys() };
  history = await Promise.all(
    Array.from({ length: days }, async (_nothing, index) => {
      const life = { version: index + 1, expiresAt: now + (index + 3) * day, issuedAt: now + index * day };
      const { images, director } = counted(4 + index);
      const world = await aWorld({ keys, director: { ...life, director }, images: { ...life, images } });
      return { world, now: now + index * day };
    }),
  );
});

function fileOf(files: Files, plain: string): string {
  return [...files].find(([name]) => name.endsWith(plain))?.[1] ?? '';
}

const names = ['timestamp.json', 'snapshot.json', 'targets.json'] as const;
/** For each file, the day that it is taken of. */
const choice = fc.record({
  'timestamp.json': fc.nat({ max: days - 1 }),
  'snapshot.json': fc.nat({ max: days - 1 }),
  'targets.json': fc.nat({ max: days - 1 }),
});
const serving = fc.record({
  director: choice,
  images: choice,
  /** Mixtures are refused so surely that honest days have to be put in by hand. */
  honest: fc.option(fc.nat({ max: days - 1 }), { freq: 2 }),
  at: fc.nat({ max: days + 3 }),
});

/** Under whichever number the vehicle asks, it gets what the man in the middle likes. */
function mixed(which: 'director' | 'images', chosen: Readonly<Record<(typeof names)[number], number>>): Files {
  return new Map(names.map((name) => [name, fileOf(history[chosen[name]]?.world.files[which] ?? new Map(), name)]));
}

test('scenario 3: whatever mixture of honest days is served, the vehicle sees one whole day, and never an earlier one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(serving, { minLength: 1, maxLength: 8 }), async (servings) => {
      const [first] = history;
      if (first === undefined) throw new Error('there is a first day');
      let trusted: TrustedPair = factoryTrust(first.world);
      let latest = { director: 0, images: 0 };
      for (const { director, images, honest, at } of servings) {
        const same = honest ?? 0;
        const day0 = { 'timestamp.json': same, 'snapshot.json': same, 'targets.json': same };
        const files = {
          director: mixed('director', honest === null ? director : day0),
          images: mixed('images', honest === null ? images : day0),
        };
        const clock = now + at * day;
        try {
          const result = await verified(
            { ...first.world, files },
            { trusted, now: clock, reached: (reached) => (trusted = reached) },
          );
          trusted = result.trusted;
          const seen = { director: versions(result.trusted.director), images: versions(result.trusted.images) };
          expect(new Set(seen.director).size).toBe(1);
          expect(new Set(seen.images).size).toBe(1);
          const [one = 0] = seen.director;
          const [two = 0] = seen.images;
          expect(one).toBe(two);
          expect(one).toBeGreaterThanOrEqual(latest.director);
          expect(two).toBeGreaterThanOrEqual(latest.images);
          // Day n, from nought, expires with the end of its third day.
          expect(clock).toBeLessThan(now + (one + 2) * day);
          expect(result.images).toMatchObject([{ releaseCounter: 3 + one }]);
          latest = { director: one, images: two };
        } catch (error) {
          if (!(error instanceof RefusedUpdate)) throw error;
        }
      }
    }),
    { numRuns: 60 },
  );
});

function versions({ timestamp, snapshot, targets }: TrustedPair['director']): (number | undefined)[] {
  return [timestamp, snapshot, targets].map((file) => file?.content.version);
}

describe('scenario 18: keys rotated while the car was off for years', () => {
  interface Year {
    readonly keys: KeySet;
    readonly files: Files;
  }

  /** Each year some roles get new keys; every Root is signed by the ones before. */
  async function chain(rotations: readonly (readonly (keyof KeySet)[])[]): Promise<{ world: World; years: Year[] }> {
    const world = await aWorld();
    const years: Year[] = [{ keys: world.keys.director, files: world.files.director }];
    for (const [index, roles] of rotations.entries()) {
      const before = years[index]?.keys ?? world.keys.director;
      const fresh = newKeys();
      const keys: KeySet = { ...before, ...Object.fromEntries(roles.map((role) => [role, fresh[role]])) };
      const plan = { rootVersion: index + 2, version: index + 2 };
      const formerRoot = roles.includes('root') ? before.root : [];
      const next = await aWorld({ keys: { ...world.keys, director: keys }, director: { ...plan, formerRoot } });
      years.push({ keys, files: next.files.director });
    }
    return { world, years };
  }

  const role = fc.constantFrom<keyof KeySet>('root', 'targets', 'snapshot', 'timestamp');
  const rotations = fc.array(fc.uniqueArray(role, { minLength: 1 }), { minLength: 1, maxLength: 5 });

  function serve({ world, years }: { world: World; years: readonly Year[] }, without?: number): World {
    const director = new Map(years.at(-1)?.files ?? []);
    for (const [index, { files }] of years.entries()) {
      const name = `${index + 1}.root.json`;
      if (index + 1 !== without) director.set(name, files.get(name) ?? '');
      else director.delete(name);
    }
    return { ...world, files: { ...world.files, director } };
  }

  test('whichever roles got new keys in whichever year, the car catches up from whichever year it slept in', async () => {
    await fc.assert(
      fc.asyncProperty(rotations, fc.nat(), async (plan, slept) => {
        const { world, years } = await chain(plan);
        const asleep = slept % years.length;
        const { trusted } = await verified(serve({ world, years: years.slice(0, asleep + 1) }), {
          trusted: factoryTrust(world),
        });

        const result = await verified(serve({ world, years }), { trusted });

        expect(result.trusted.director.root.content.version).toBe(years.length);
        expect(result.images).toHaveLength(2);
      }),
      { numRuns: 25 },
    );
  });

  test('a Root missing in between is as if the later ones were not there', async () => {
    await fc.assert(
      fc.asyncProperty(rotations, fc.nat(), async (plan, index) => {
        const { world, years } = await chain(plan);
        const missing = 2 + (index % (years.length - 1));
        let reached = factoryTrust(world);
        const attempt = verified(serve({ world, years }, missing), {
          trusted: reached,
          reached: (trusted) => (reached = trusted),
        });
        const version = await attempt.then(
          ({ trusted }) => trusted.director.root.content.version,
          () => reached.director.root.content.version,
        );

        expect(version).toBe(missing - 1);
      }),
      { numRuns: 15 },
    );
  });

  test('keys of former years sign nothing that the car believes', async () => {
    await fc.assert(
      fc.asyncProperty(rotations, role, async (plan, stolen) => {
        const { world, years } = await chain([...plan, [stolen]]);
        const current = years.at(-1);
        const former = years.at(-2);
        if (current === undefined || former === undefined) throw new Error('there are two years');
        const { trusted } = await verified(serve({ world, years }), { trusted: factoryTrust(world) });
        const next = years.length + 1;
        const forged = await aWorld({
          keys: { ...world.keys, director: current.keys },
          director: { version: next, rootVersion: next, signers: { [stolen]: former.keys[stolen] } },
        });

        await expect(
          verified({ ...world, files: { ...world.files, director: forged.files.director } }, { trusted }),
        ).rejects.toThrow('arbitrary-software');
      }),
      { numRuns: 20 },
    );
  });
});
