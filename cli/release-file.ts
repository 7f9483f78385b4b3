import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { wrongUse } from './outcome.ts';

const delta = z.strictObject({ file: z.string(), from: z.string() });
const image = z.looseObject({ file: z.string(), ecuId: z.string(), deltas: z.array(delta).optional() });
const releaseFile = z.looseObject({ brand: z.string(), images: z.array(image).min(1) });

/** A file of the release on this machine. */
export interface LocalFile {
  readonly file: string;
  readonly length: number;
  readonly sha256: string;
}

export interface ReadRelease {
  /** As the API takes it: each `file` has become what is in it. */
  readonly order: object;
  /** By SHA-256. */
  readonly files: ReadonlyMap<string, LocalFile>;
}

/** Reads what docs/releases.md describes; images and deltas stand beside it. */
export async function readReleaseFile(path: string): Promise<ReadRelease> {
  const { images, ...rest } = parsed(path);
  const files = new Map<string, LocalFile>();
  const hashed = async (name: string) => {
    const it = await hashedFile(resolve(dirname(path), name));
    files.set(it.sha256, it);
    return it;
  };
  const order = [];
  for (const { file, deltas, ...its } of images) {
    const { length, sha256, sha512 } = await hashed(file);
    const made = [];
    for (const { file: deltaFile, from } of deltas ?? []) {
      const of = await hashed(deltaFile);
      const base = /^[0-9a-f]{64}$/.test(from) ? from : (await hashedFile(resolve(dirname(path), from))).sha256;
      made.push({ fromSha256: base, length: of.length, sha256: of.sha256 });
    }
    order.push({ ...its, length, sha256, sha512, ...(made.length > 0 && { deltas: made }) });
  }
  return { order: { ...rest, images: order }, files };
}

function parsed(path: string): z.infer<typeof releaseFile> {
  if (!existsSync(path) || !statSync(path).isFile()) throw wrongUse(`There is no file ${path}.`);
  try {
    return releaseFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : error;
    throw wrongUse(`${path} is no release: ${reason}\ndocs/releases.md has an example.`);
  }
}

async function hashedFile(file: string): Promise<LocalFile & { readonly sha512: string }> {
  if (!existsSync(file) || !statSync(file).isFile()) throw wrongUse(`There is no file ${file}.`);
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  let length = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    sha256.update(chunk);
    sha512.update(chunk);
    length += chunk.length;
  }
  if (length === 0) throw wrongUse(`${file} is empty.`);
  return { file, length, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}
