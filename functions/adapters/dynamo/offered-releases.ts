import type { OfferedRelease, ReleaseSource } from '#shared/ota/campaigns/offered-release.ts';
import { isReleaseId, type Release } from '#shared/ota/releases/release.ts';
import type { ReleaseRepository } from '#shared/ota/releases/release-repository.ts';

/** What a campaign has to know of a release never changes, but whether it may be offered: that is asked anew. */
const keptFor = 30_000;

/** Releases as campaigns see them; each is loaded once in a while. */
export class OfferedReleases implements ReleaseSource {
  readonly #releases: Pick<ReleaseRepository, 'load'>;
  readonly #known = new Map<
    string,
    { readonly until: number; readonly release: Promise<OfferedRelease | undefined> }
  >();

  constructor(releases: Pick<ReleaseRepository, 'load'>) {
    this.#releases = releases;
  }

  load(releaseId: string): Promise<OfferedRelease | undefined> {
    const known = this.#known.get(releaseId);
    const now = performance.now();
    if (known !== undefined && known.until > now) return known.release;
    const release = this.#load(releaseId);
    this.#known.set(releaseId, { until: now + keptFor, release });
    release.catch(() => this.#known.delete(releaseId));
    return release;
  }

  async #load(releaseId: string): Promise<OfferedRelease | undefined> {
    if (!isReleaseId(releaseId)) return undefined;
    const release = await this.#releases.load(releaseId);
    return release === undefined ? undefined : offeredOf(release);
  }
}

function offeredOf({ releaseId, brand, softwareVersion, texts, minutes, preconditions, images, state }: Release) {
  return {
    ...{ releaseId, brand, softwareVersion, texts, minutes, preconditions },
    bytes: images.reduce((sum, { length }) => sum + length, 0),
    images: images.map(({ ecuId, hardwareIds, releaseCounter, requires }) => ({
      ...{ ecuId, hardwareIds, releaseCounter },
      ...(requires !== undefined && { requires }),
    })),
    approved: state.status === 'approved',
  };
}
