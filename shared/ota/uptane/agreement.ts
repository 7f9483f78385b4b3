import { RefusedUpdate } from './attack.ts';
import type { Delta } from './custom.ts';
import { type ReadImageCustom, readImageCustom } from './custom-reader.ts';
import { type Assignment, requirePlainPath } from './director-rules.ts';
import type { Hashes } from './key.ts';
import type { ReadTarget } from './metadata-reader.ts';

/** An image that both repositories say the same of. */
export interface AgreedImage {
  readonly path: string;
  readonly length: number;
  /** Each that either of them names. */
  readonly hashes: Hashes;
  readonly ecuId?: string | undefined;
  readonly hardwareId?: string | undefined;
  readonly releaseCounter: number;
  readonly softwareVersion?: string | undefined;
  readonly releaseId?: string | undefined;
  readonly delta?: Delta | undefined;
}

/**
 * Standard, 5.4.4.3 step 11.3: whoever has the keys of one repository alone installs nothing.
 *
 * @param previous what the Image repository said of this image before
 * @param published custom metadata that stands in one repository only is no contradiction
 * @throws RefusedUpdate `arbitrary-software`, `wrong-hardware`, `mix-and-match`, `rollback`
 */
export function agreed(
  said: Assignment,
  target: ReadTarget,
  previous: ReadTarget | undefined,
  published = false,
): AgreedImage {
  const own = readImageCustom(target.custom);
  const [assignment, image] = published ? completed(said, own) : [said, own];
  const { path, ecuId, hardwareId } = assignment;
  if (assignment.target.length !== target.length) {
    throw new RefusedUpdate('arbitrary-software', `Director and Image repository differ in the length of ${path}`);
  }
  const hashes = agreedHashes(path, assignment.target.hashes, target.hashes);
  requireHardware(assignment, image);
  const releaseCounter = agreedCounter(assignment, image);
  const known = previous === undefined ? undefined : readImageCustom(previous.custom).releaseCounter;
  if (known !== undefined && releaseCounter < known) {
    throw new RefusedUpdate('rollback', `${path} falls from release counter ${known} to ${releaseCounter}`);
  }
  return {
    ...{ path, length: target.length, hashes, ecuId, hardwareId, releaseCounter, releaseId: image.releaseId },
    softwareVersion: agreedVersion(assignment, image),
    delta: agreedDelta(assignment, image),
  };
}

function agreedHashes(path: string, director: Hashes, image: Hashes): Hashes {
  const common = Object.keys(director).filter((algorithm) => Object.hasOwn(image, algorithm));
  const checkable = common.includes('sha256') || common.includes('sha512');
  if (!checkable || common.some((algorithm) => director[algorithm] !== image[algorithm])) {
    throw new RefusedUpdate('arbitrary-software', `Director and Image repository differ in the hashes of ${path}`);
  }
  return { ...director, ...image };
}

function requireHardware({ path, hardwareId }: Assignment, { hardwareIds }: ReadImageCustom): void {
  if (hardwareIds === undefined || hardwareId === undefined) {
    if (hardwareIds === undefined && hardwareId === undefined) return;
    throw new RefusedUpdate('wrong-hardware', `only one of the repositories says what hardware ${path} is for`);
  }
  if (hardwareIds.includes(hardwareId)) return;
  throw new RefusedUpdate('wrong-hardware', `${path} is for ${hardwareIds.join(', ')}, not for ${hardwareId}`);
}

/** What one side leaves out, the other side's word stands for. */
function completed(said: Assignment, image: ReadImageCustom): readonly [Assignment, ReadImageCustom] {
  const { hardwareId } = said;
  const releaseCounter = said.releaseCounter ?? image.releaseCounter;
  const softwareVersion = said.softwareVersion ?? image.softwareVersion;
  const hardwareIds = hardwareId === undefined ? undefined : (image.hardwareIds ?? [hardwareId]);
  return [
    { ...said, releaseCounter, softwareVersion },
    {
      ...image,
      hardwareIds,
      releaseCounter: image.releaseCounter ?? releaseCounter,
      softwareVersion: image.softwareVersion ?? softwareVersion,
    },
  ];
}

function agreedCounter({ path, releaseCounter }: Assignment, image: ReadImageCustom): number {
  if (releaseCounter !== image.releaseCounter) {
    const detail = `release counter of ${path}: ${releaseCounter} by the Director, ${image.releaseCounter} by the images`;
    throw new RefusedUpdate('mix-and-match', detail);
  }
  return releaseCounter ?? 0;
}

function agreedVersion({ path, softwareVersion }: Assignment, image: ReadImageCustom): string | undefined {
  if (softwareVersion === image.softwareVersion) return softwareVersion;
  throw new RefusedUpdate('mix-and-match', `Director and Image repository differ in the version of ${path}`);
}

function agreedDelta({ path, delta }: Assignment, { deltas }: ReadImageCustom): Delta | undefined {
  if (delta === undefined) return undefined;
  requirePlainPath(delta.path);
  const known = deltas.find(
    (it) =>
      it.path === delta.path &&
      it.length === delta.length &&
      it.sha256 === delta.sha256 &&
      it.fromSha256 === delta.fromSha256,
  );
  if (known !== undefined) return known;
  throw new RefusedUpdate(
    'arbitrary-software',
    `${delta.path} is not a delta that the Image repository has for ${path}`,
  );
}
