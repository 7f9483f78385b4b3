import { type AgreedImage, agreed } from './agreement.ts';
import { assignments, type KnownEcu } from './director-rules.ts';
import { ImageSearch } from './image-search.ts';
import type { ReadTarget } from './metadata-reader.ts';
import { type FreshDirector, refreshed, refreshedDirector, type Verification } from './repository-refresh.ts';
import { walkRoots } from './root-walk.ts';
import type { TrustedRepository } from './trusted-repository.ts';

/** Both repositories, as far as they are trusted. */
export interface TrustedPair {
  readonly director: TrustedRepository;
  readonly images: TrustedRepository;
}

export interface FullVerification {
  readonly director: Verification;
  readonly images: Verification;
  /** Undefined where repositories are looked at without their vehicle. */
  readonly ecus: readonly KnownEcu[] | undefined;
  /**
   * Told what has become trusted, before the whole is through: each root, and an Image repository that is in order.
   * Director metadata that the Image repository does not bear out never becomes trusted, so that stolen Director keys
   * leave nothing behind.
   */
  readonly reached?: (trusted: TrustedPair) => void;
}

export interface FullyVerified {
  readonly images: readonly AgreedImage[];
  readonly director: FreshDirector;
  readonly trusted: TrustedPair;
}

/**
 * Full verification (Uptane Standard 2.1.0, 5.4.4.3): what may be installed, out of what both repositories say.
 *
 * @throws RefusedUpdate with the name of the attack; whatever a source throws
 */
export async function fullVerification(trusted: TrustedPair, verification: FullVerification): Promise<FullyVerified> {
  let known = trusted;
  const reached = (changed: Partial<TrustedPair>) => {
    known = { ...known, ...changed };
    verification.reached?.(known);
  };
  const atDirector = await walked(trusted.director, verification.director, (director) => reached({ director }));
  const director = await refreshedDirector(atDirector, verification.director);
  const wanted = assignments(director.targets.content, atDirector.targets?.content, verification.ecus);

  const atImages = await walked(trusted.images, verification.images, (images) => reached({ images }));
  const fresh = await refreshed(atImages, verification.images);
  reached({ images: fresh });
  const search = new ImageSearch({ ...fresh, delegated: atImages.delegated }, verification.images);
  const images: AgreedImage[] = [];
  for (const assignment of wanted) {
    const found = await search.find(assignmentKey(assignment));
    const before = previousOf(atImages, found.file, assignment.path);
    images.push(agreed(assignment, found.target, before, verification.images.published));
  }
  return { images, director, trusted: { director, images: { ...fresh, delegated: search.delegated } } };
}

function walked(
  trusted: TrustedRepository,
  { source, cryptography }: Verification,
  reached: (it: TrustedRepository) => void,
) {
  return walkRoots(trusted, source, cryptography, reached);
}

function assignmentKey({ path, hardwareId }: { readonly path: string; readonly hardwareId?: string | undefined }) {
  return { path, hardwareId };
}

function previousOf({ targets, delegated }: TrustedRepository, name: string, path: string): ReadTarget | undefined {
  const file = name === 'targets' ? targets : delegated.get(name);
  return file?.content.targets.get(path);
}
