import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AgreedImage } from '#shared/ota/uptane/agreement.ts';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import { hex } from '#shared/ota/uptane/canonical.ts';
import type { KnownEcu } from '#shared/ota/uptane/director-rules.ts';
import type { FileSource } from '#shared/ota/uptane/file-source.ts';
import { fullVerification, type TrustedPair } from '#shared/ota/uptane/full-verification.ts';
import { readRoot } from '#shared/ota/uptane/metadata-reader.ts';
import { firstRoot } from '#shared/ota/uptane/root-walk.ts';
import type { TrustedRepository } from '#shared/ota/uptane/trusted-repository.ts';
import { cryptography } from './cryptography.ts';
import { checkImage } from './image-check.ts';

export interface DirectoryOptions {
  /** When it is looked at, ms since the Unix epoch; now. */
  readonly at?: number;
  /** The vehicle's control units; without them nothing says whether the Director means this vehicle. */
  readonly ecus?: readonly KnownEcu[];
  /** What an earlier step of the same vector ended with; else the first Root found is trusted. */
  readonly trusted?: TrustedPair;
}

export interface VerifiedRepositories {
  readonly images: readonly AgreedImage[];
  /** For the next step. */
  readonly trusted: TrustedPair;
}

/**
 * Verifies repositories of anybody as they lie on a disk, in the layouts of the published Uptane test vectors:
 *
 *     <directory>/director/           [repo/] 1.root.json … root.json, targets.json [, snapshot.json, timestamp.json]
 *     <directory>/image_repo/         [repo/] the same four roles, delegations/<role>.json, the images
 *
 * `image_repo` may also be called `image-repo`, `repo`, `image` or `images`. Every copy of an image that the Director
 * wants is checked: below the Image repository, its `targets/`, the Director, or the directory itself.
 *
 * @throws RefusedUpdate with the attack that a vehicle would name
 * @example const { images } = await verifyRepositories('/vectors/001', { at: Date.UTC(2026, 0, 1) });
 */
export async function verifyRepositories(
  directory: string,
  { at = Date.now(), ecus, trusted }: DirectoryOptions = {},
): Promise<VerifiedRepositories> {
  const director = found(directory, ['director', 'director_repo', 'director-repo'], 'Director');
  const images = found(
    directory,
    ['image_repo', 'image-repo', 'imagerepo', 'repo', 'image', 'images'],
    'Image repository',
  );
  const common = { now: at, cryptography, published: true };
  const result = await fullVerification(trusted ?? { director: atFirst(director), images: atFirst(images) }, {
    director: { ...common, source: filesIn(director) },
    images: { ...common, source: filesIn(images) },
    ecus,
  });
  requireLatestRoot(director, result.trusted.director);
  requireLatestRoot(images, result.trusted.images);
  for (const image of result.images) await checkCopies(image, [directory, director, images]);
  return { images: result.images, trusted: result.trusted };
}

function found(directory: string, names: readonly string[], what: string): string {
  const places = names.flatMap((name) => [join(directory, name), join(directory, name, 'repo')]);
  const place = places.find((it) => firstRootName(it) !== undefined);
  if (place === undefined) throw new RefusedUpdate('drop-request', `${directory} has no ${what}`);
  return place;
}

function firstRootName(place: string): string | undefined {
  if (!existsSync(place) || !statSync(place).isDirectory()) return undefined;
  const versions = readdirSync(place).flatMap((name) =>
    /^\d+\.root\.json$/.test(name) ? [Number.parseInt(name, 10)] : [],
  );
  if (versions.length > 0) return `${Math.min(...versions)}.root.json`;
  return existsSync(join(place, 'root.json')) ? 'root.json' : undefined;
}

function atFirst(place: string): TrustedRepository {
  const text = readFileSync(join(place, firstRootName(place) ?? 'root.json'), 'utf8');
  return { root: firstRoot(text, cryptography), delegated: new Map() };
}

function filesIn(place: string): FileSource {
  return {
    async read(name, limit) {
      const plain = name.replace(/^\d+\.(?!root\.json$)/, '');
      const candidates = [name, join('delegations', name), plain, join('delegations', plain)];
      const path = candidates.map((it) => join(place, it)).find((it) => existsSync(it)) ?? lastRoot(place, name);
      if (path === undefined) return undefined;
      if (statSync(path).size > limit) throw new RefusedUpdate('endless-data', `${path} has more than ${limit} bytes`);
      return readFileSync(path);
    },
  };
}

/** Some publish the newest Root as `root.json` alone. */
function lastRoot(place: string, name: string): string | undefined {
  const path = join(place, 'root.json');
  if (!/^\d+\.root\.json$/.test(name) || !existsSync(path)) return undefined;
  return `${readRoot(readFileSync(path, 'utf8')).content.version}.root.json` === name ? path : undefined;
}

function requireLatestRoot(place: string, { root }: TrustedRepository): void {
  const path = join(place, 'root.json');
  if (!existsSync(path)) return;
  const latest = readRoot(readFileSync(path, 'utf8'));
  if (latest.content.version === root.content.version && hex(latest.signedBytes) === hex(root.signedBytes)) return;
  throw new RefusedUpdate('mix-and-match', `${path} is not the last Root of the chain`);
}

async function checkCopies(image: AgreedImage, places: readonly string[]): Promise<void> {
  const copies = places
    .flatMap((place) => [join(place, image.path), join(place, 'targets', image.path)])
    .filter((path) => existsSync(path) && statSync(path).isFile());
  if (copies.length === 0) throw new RefusedUpdate('drop-request', `${image.path} is nowhere to be found`);
  for (const copy of copies) await checkImage(createReadStream(copy), { ...image, path: copy });
}
