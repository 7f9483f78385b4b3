import * as z from 'zod/mini';
import { Failure, type FieldError } from '../../kernel/failure.ts';
import type { Release } from '../releases/release.ts';
import type { ReadTarget, ReadTargets } from '../uptane/metadata-reader.ts';

/** Of other members, and of other tools' spellings, nothing is wanted here. */
const custom = z.object({ releaseId: z.string() });

/** The releases that Targets may name; undefined for an id that none has. */
export type KnownReleases = (releaseId: string) => Promise<Pick<Release, 'state'> | undefined>;

/**
 * What is published stays so: nobody vouches for files that are not there, or for what nobody may get. What is published
 * already may go on being said, and ids that no release of this platform has are other tools' matter.
 *
 * @throws Failure `release-not-signable`
 */
export async function requireSignableReleases(
  next: ReadTargets,
  published: ReadTargets | undefined,
  releases: KnownReleases,
): Promise<void> {
  const named = new Set<string>();
  for (const [path, target] of next.targets) {
    const releaseId = releaseOf(target);
    if (releaseId !== undefined && releaseOf(published?.targets.get(path)) !== releaseId) named.add(releaseId);
  }
  const found = await Promise.all([...named].map(async (id) => ({ id, status: (await releases(id))?.state.status })));
  const errors = found.flatMap(({ id, status }): FieldError[] =>
    status === 'draft' || status === 'withdrawn'
      ? [{ pointer: '/text/signed/targets', detail: `${id} is ${status === 'draft' ? 'a draft' : 'withdrawn'}` }]
      : [],
  );
  if (errors.length === 0) return;
  throw new Failure(
    'conflict',
    'release-not-signable',
    'These Targets vouch for a release that is not uploaded, or is withdrawn.',
    {
      errors: errors.slice(0, 100),
      resolution: 'Complete the upload of a draft first; leave out what is withdrawn.',
    },
  );
}

function releaseOf(target: ReadTarget | undefined): string | undefined {
  return custom.safeParse(target?.custom).data?.releaseId;
}
