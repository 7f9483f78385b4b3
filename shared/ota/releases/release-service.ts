import { actsFor, type Caller, requireBrand } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import { type EcuImage, filesOf, imagePath } from './ecu-image.ts';
import {
  approvedBy,
  draftedRelease,
  type Release,
  type ReleaseContent,
  type ReleaseId,
  signed,
  withdrawn,
} from './release.ts';
import type { HardwareRepository, ReleaseRepository, ReleaseSummary } from './release-repository.ts';
import type { KnownHardware } from './release-rules.ts';
import { counterRule, requireConsistent } from './release-rules.ts';

/** What the Image repository vouches for at present. */
export interface SignedImages {
  /** The paths that are no target of it, or of which it says something else. */
  unsigned(brand: Brand, images: readonly EcuImage[]): Promise<readonly string[]>;
}

export interface ReleasePorts {
  readonly releases: ReleaseRepository;
  readonly hardware: HardwareRepository;
  readonly signedImages: SignedImages;
  readonly clock: Clock;
}

/** What release managers do with releases, but for their files. */
export class ReleaseService {
  readonly #ports: ReleasePorts;

  constructor(ports: ReleasePorts) {
    this.#ports = ports;
  }

  async create(caller: Caller, brand: Brand, content: ReleaseContent, operation: Operation): Promise<Release> {
    requireBrand(caller, brand);
    const release = draftedRelease(content, brand, caller.clientId, operation);
    requireConsistent(release, await this.#hardwareOf(release));
    // A second run of the same operation finds its own release there.
    await this.#ports.releases.add(release);
    return release;
  }

  /** The release, if the caller acts for its brand: for everybody else it does not exist. */
  async require(caller: Caller, releaseId: ReleaseId): Promise<Release> {
    const release = await this.#ports.releases.load(releaseId);
    if (release !== undefined && actsFor(caller, release.brand)) return release;
    throw new Failure('not-found', 'release-not-found', 'There is no such release.');
  }

  list(caller: Caller, brand: Brand | undefined, page: PageRequest): Promise<Page<ReleaseSummary>> {
    if (brand !== undefined) requireBrand(caller, brand);
    return this.#ports.releases.list(brand === undefined ? caller.brands : [brand], page);
  }

  /** Once the Image repository vouches for every file. */
  async sign(caller: Caller, releaseId: ReleaseId): Promise<Release> {
    const { brand, images } = await this.require(caller, releaseId);
    const unsigned = await this.#ports.signedImages.unsigned(brand, images);
    if (unsigned.length > 0) throw notSigned({ brand, images }, unsigned);
    return this.#change(caller, releaseId, signed);
  }

  /** The last approval also claims the release counters: of two releases with the same ones, one is approved. */
  async approve(caller: Caller, releaseId: ReleaseId): Promise<Release> {
    const seen = await this.require(caller, releaseId);
    const next = approvedBy(seen, caller.clientId, this.#ports.clock.now());
    if (next.state.status === 'approved' && seen.state.status !== 'approved') await this.#claimCounters(seen);
    return this.#change(caller, releaseId, approvedBy);
  }

  withdraw(caller: Caller, releaseId: ReleaseId): Promise<Release> {
    return this.#change(caller, releaseId, withdrawn);
  }

  async #change(
    caller: Caller,
    releaseId: ReleaseId,
    change: (release: Release, by: string, at: Instant) => Release,
  ): Promise<Release> {
    const { releases, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(caller, releaseId);
      const next = change(seen, caller.clientId, clock.now());
      return next === seen || (await releases.save(next, seen.version)) ? next : undefined;
    });
  }

  async #claimCounters(release: Release): Promise<void> {
    counterRule(release, await this.#hardwareOf(release));
    for (const image of release.images) {
      const claim = (hardwareId: string) => this.#ports.hardware.raise(release.brand, hardwareId, image);
      const claimed = await Promise.all(image.hardwareIds.map(claim));
      // Another release was approved since: looked at again, it says which and where.
      if (claimed.includes(false)) counterRule(release, await this.#hardwareOf(release));
    }
  }

  #hardwareOf({ brand, images }: Pick<Release, 'brand' | 'images'>): Promise<KnownHardware> {
    const ids = new Set(images.flatMap(({ hardwareIds }) => hardwareIds));
    return this.#ports.hardware.loadMany(brand, [...ids]);
  }
}

function notSigned({ brand, images }: Pick<Release, 'brand' | 'images'>, unsigned: readonly string[]): Failure {
  const paths = new Set(unsigned);
  const errors = images.flatMap((image, index) =>
    filesOf(brand, [image]).some(({ path }) => paths.has(path)) || paths.has(imagePath(brand, image))
      ? [
          {
            pointer: `/images/${index}`,
            detail: `the Image repository has no target ${imagePath(brand, image)} like it`,
          },
        ]
      : [],
  );
  return new Failure('conflict', 'images-not-signed', 'The Image repository does not vouch for every image.', {
    errors,
    resolution: 'Sign Targets that name them with the offline keys, and publish them first.',
  });
}
