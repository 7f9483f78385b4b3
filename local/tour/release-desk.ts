import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Api } from '#cli/api.ts';
import { createKeyFile, type OfflineKey, readKeyFile } from '#cli/key-file.ts';
import { OfflineRepository } from '#cli/repository.ts';
import type { FactoryRoots } from '#device-sdk/ota/verification/trusted-metadata.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { type EcuImage, imagePath } from '#shared/ota/releases/ecu-image.ts';
import type { ReleaseContent } from '#shared/ota/releases/release.ts';
import { isBrand } from '#shared/registry/brand.ts';
import { eventually } from './telling.ts';

const catalogue = z.object({
  items: z.array(z.object({ hardwareId: z.string(), newest: z.object({ releaseCounter: z.number() }).optional() })),
});
const released = z.object({ releaseId: z.string(), status: z.string() });
type Released = z.infer<typeof released>;
const missing = z.object({
  items: z.array(z.object({ sha256: z.string(), url: z.string(), headers: z.record(z.string(), z.string()) })),
});

const year = 365 * 24 * 3_600_000;

/** A release manager's desk: what stands there signs releases, and never leaves it. */
export class ReleaseDesk {
  readonly #api: Api;
  readonly #repository: OfflineRepository;
  readonly #directory: string;

  constructor({ api, identity }: CloudFile, directory: string) {
    const client = identity.clients.find(({ name }) => name === 'operator');
    const { clientId = '', clientSecret = '' } = client ?? {};
    this.#api = new Api({ name: 'the tour', apiUrl: api.baseUrl, tokenUrl: identity.tokenUrl, clientId, clientSecret });
    this.#repository = new OfflineRepository(this.#api);
    this.#directory = directory;
  }

  /** The first Roots of both repositories, signed here unless they were before: a factory puts them into its vehicles. */
  async roots(): Promise<FactoryRoots> {
    const [root, targets] = [[this.#key('root')], [this.#key('targets')]];
    const keys = { root, targets, threshold: 1, days: 365, now: Date.now() };
    const text = async (name: 'director' | 'image') => {
      const known = await this.#repository.text(name, 'root', 'published');
      if (known !== undefined) return known;
      await this.#repository.create(name, keys);
      return (await this.#repository.text(name, 'root', 'published')) ?? '';
    };
    return { director: await text('director'), images: await text('image') };
  }

  /** The counter that the next software for these control units has: counters never fall. */
  async nextCounter(brand: string, hardwareIds: readonly string[]): Promise<number> {
    const { items } = await this.#api.get(`/v1/hardware?brand=${brand}&limit=100`, catalogue);
    const its = items.filter(({ hardwareId }) => hardwareIds.includes(hardwareId));
    return Math.max(1, ...its.map(({ newest }) => newest?.releaseCounter ?? 1)) + 1;
  }

  /** Describes it, brings the bytes, vouches for them. @param files by ECU */
  async release(brand: string, content: ReleaseContent, files: ReadonlyMap<string, Buffer>): Promise<Released> {
    const { releaseId } = await this.#api.post('/v1/releases', { brand, ...content }, released);
    const path = `/v1/releases/${releaseId}`;
    const byHash = new Map([...files.values()].map((bytes) => [hashes(bytes).sha256, bytes]));
    const { items } = await this.#api.post(`${path}/uploads`, undefined, missing);
    for (const { url, headers, sha256 } of items) await upload(url, headers, byHash.get(sha256) ?? Buffer.alloc(0));
    await this.#api.post(`${path}/complete-upload`, undefined, released);
    const targets = Object.fromEntries(content.images.map((image) => targetOf(brand, image, releaseId)));
    await this.#repository.sign('targets', targets, [this.#key('targets')], Date.now() + year);
    return await this.#api.post(`${path}/confirm-signatures`, undefined, released);
  }

  #key(name: string): OfflineKey {
    mkdirSync(this.#directory, { recursive: true });
    const file = join(this.#directory, `${name}.pem`);
    if (!existsSync(file)) createKeyFile(file, 'ed25519');
    return readKeyFile(file);
  }
}

/** As a release names some bytes. */
export function hashes(bytes: Buffer): Pick<EcuImage, 'length' | 'sha256'> & { readonly sha512: string } {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return { length: bytes.length, sha256: hash('sha256'), sha512: hash('sha512') };
}

/** PUTs the bytes until they are there: the same again is the same. */
async function upload(url: string, headers: Readonly<Record<string, string>>, bytes: Buffer): Promise<void> {
  const put = () => fetch(url, { method: 'PUT', body: bytes, headers });
  await eventually(
    'an image that is stored',
    () => put().then(({ status }) => status, String),
    (status) => status === 200,
  );
}

function targetOf(brand: string, image: EcuImage, releaseId: string) {
  if (!isBrand(brand)) throw new RangeError(brand);
  const { length, sha256, sha512, hardwareIds, releaseCounter, softwareVersion } = image;
  const custom = { hardwareIds, releaseCounter, softwareVersion, releaseId };
  return [imagePath(brand, image), { length, hashes: { sha256, sha512 }, custom }] as const;
}
