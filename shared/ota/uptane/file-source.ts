import { RefusedUpdate } from './attack.ts';
import { canonicalBytes } from './canonical.ts';
import type { Digests, HashAlgorithm, Hashes } from './key.ts';
import type { ReadFile, ReadFileMeta } from './metadata-reader.ts';

/** Where a repository's metadata is read: a network, a directory, or what the Director answered. */
export interface FileSource {
  /**
   * @param name `timestamp.json`, `7.root.json` …
   * @param limit bytes, beyond which nothing is read
   * @returns undefined where there is no such file
   * @throws RefusedUpdate `endless-data`, `slow-retrieval`; its own errors where the network fails
   */
  read(name: string, limit: number): Promise<Uint8Array | undefined>;
}

/** Bytes that metadata may have where nothing announces its length. */
export const sizeLimits = { root: 262_144, timestamp: 16_384, snapshot: 1_048_576, targets: 8_388_608 } as const;

/** @throws RefusedUpdate `drop-request` where it is missing */
export async function demanded(source: FileSource, name: string, limit: number): Promise<string> {
  const text = await offered(source, name, limit);
  if (text === undefined) throw new RefusedUpdate('drop-request', `${name} is withheld`);
  return text;
}

export async function offered(source: FileSource, name: string, limit: number): Promise<string | undefined> {
  const bytes = await source.read(name, limit);
  if (bytes === undefined) return undefined;
  if (bytes.length > limit) throw new RefusedUpdate('endless-data', `${name} has more than ${limit} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RefusedUpdate('malformed', `${name} is not UTF-8`);
  }
}

/** What may be read of a file that another one announces. @throws RefusedUpdate `endless-data` */
export function announcedLimit(name: string, meta: ReadFileMeta, cap: number): number {
  if ((meta.length ?? 0) > cap)
    throw new RefusedUpdate('endless-data', `${name} is announced with ${meta.length} bytes`);
  return meta.length ?? cap;
}

/** @throws RefusedUpdate `mix-and-match` where the file is not the one that is listed */
export function requireListed(
  name: string,
  file: Pick<ReadFile<{ readonly version: number }>, 'text' | 'bytes' | 'content'>,
  meta: ReadFileMeta,
  { cryptography, published }: { readonly cryptography: Digests; readonly published?: boolean },
): void {
  const refuse = (what: string) => new RefusedUpdate('mix-and-match', `${name} is not the one that is listed: ${what}`);
  const { version } = file.content;
  if (version !== meta.version) throw refuse(`version ${version}, not ${meta.version}`);
  const forms = published === true ? [file.bytes, canonicalBytes(JSON.parse(file.text))] : [file.bytes];
  if (meta.length !== undefined && forms.every((bytes) => bytes.length !== meta.length)) {
    throw refuse(`${file.bytes.length} bytes, not ${meta.length}`);
  }
  const { hashes } = meta;
  if (hashes !== undefined && !forms.some((bytes) => hashesMatch(bytes, hashes, cryptography))) {
    throw refuse('another hash');
  }
}

const algorithms: readonly HashAlgorithm[] = ['sha256', 'sha512'];

/** Every hash that can be computed is. */
function hashesMatch(bytes: Uint8Array, hashes: Hashes, digests: Digests): boolean {
  const known = algorithms.filter((algorithm) => Object.hasOwn(hashes, algorithm));
  return known.length > 0 && known.every((algorithm) => digests.digest(algorithm, bytes) === hashes[algorithm]);
}

/** One repository's files as they lie in memory; `7.targets.json` is also found as `targets.json`. */
export function filesAtHand(files: ReadonlyMap<string, string>): FileSource {
  const encoder = new TextEncoder();
  return {
    async read(name) {
      const text = files.get(name) ?? files.get(name.replace(/^\d+\.(?!root\.json$)/, ''));
      return text === undefined ? undefined : encoder.encode(text);
    },
  };
}
