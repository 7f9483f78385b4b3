import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { deltaPath, type EcuImage, imagePath } from '#shared/ota/releases/ecu-image.ts';
import type { ImageCustom } from '#shared/ota/uptane/custom.ts';
import type { Target } from '#shared/ota/uptane/metadata.ts';
import { signed } from '#shared/ota/uptane/signing.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { aBrand } from '../contract/samples.ts';
import { aDirectorRootPayload, anOfflineKey, aRootPayload, signedTargets } from './offline-keys.ts';
import { aReleaseOf } from './sample-release.ts';

const created = z.object({ releaseId: z.string() });
const missing = z.object({
  items: z.array(z.object({ sha256: z.string(), url: z.string(), headers: z.record(z.string(), z.string()) })),
});
const repository = z.looseObject({
  onlineKey: z.object({ key: z.custom<Parameters<typeof aRootPayload>[0]['online']>() }),
});
const file = z.object({ text: z.string() });

/** Release managers at work: offline keys, repositories, and releases from their files to their approval. */
export class ReleaseDesk {
  readonly #cloud: CloudFile;
  readonly #brand: Brand;
  readonly #operator: ApiClient;
  readonly #root = anOfflineKey();
  readonly #targets = anOfflineKey();
  /** Signs for the software of one control unit instead of the brand. */
  readonly #supplier = anOfflineKey();
  #published: Record<string, Target<ImageCustom>> = {};
  #version = 0;

  constructor(cloud: CloudFile, brand = aBrand()) {
    this.#cloud = cloud;
    this.#brand = brand;
    this.#operator = new ApiClient(cloud, 'operator');
  }

  /** The first roots of both repositories: what a factory puts into a vehicle. */
  async open() {
    const key = async (name: string) => repository.parse(await this.#get(`/v1/repositories/${name}`)).onlineKey.key;
    const own = [this.#root];
    const director = await signed(aDirectorRootPayload(own, await key('director')), own);
    const plan = { root: own, targets: [this.#targets], online: await key('image') };
    const images = await signed(aRootPayload(plan), own);
    await this.#post('/v1/repositories/director/metadata/root', { text: director });
    await this.#post('/v1/repositories/image/metadata/root', { text: images });
    return { director, images };
  }

  /**
   * A release of these files, approved by two.
   *
   * @param contents images and deltas by a name
   * @param supplied the control unit whose supplier signs for it, by delegation
   */
  async approved(
    images: readonly EcuImage[],
    contents: Readonly<Record<string, Buffer>>,
    supplied?: string,
  ): Promise<string> {
    for (const { ecuId, hardwareIds } of images) {
      for (const hardwareId of hardwareIds) {
        await this.#post('/v1/hardware', { brand: this.#brand, hardwareId, ecuId, slotBytes: 1_000_000 });
      }
    }
    const order = { brand: this.#brand, ...aReleaseOf(images) };
    const { releaseId } = created.parse(await this.#post('/v1/releases', order));
    const path = `/v1/releases/${releaseId}`;
    const files = new Map(Object.values(contents).map((bytes) => [sha256(bytes), bytes]));
    for (const { sha256: hash, url, headers } of missing.parse(await this.#post(`${path}/uploads`)).items) {
      const answer = await fetch(url, { method: 'PUT', body: files.get(hash) ?? '', headers });
      if (!answer.ok) throw new Error(`The upload was answered with ${answer.status}`);
    }
    await this.#post(`${path}/complete-upload`);
    const targets = images.map(
      (image) => [image.ecuId, imagePath(this.#brand, image), this.#targetOf(image, releaseId)] as const,
    );
    for (const [ecuId, path, target] of targets) if (ecuId !== supplied) this.#published[path] = target;
    this.#version += 1;
    const delegations = [{ name: 'supplier', paths: [`${this.#brand}/${supplied}/*`], keys: [this.#supplier] }];
    const plan = { version: this.#version, targets: this.#published, ...(supplied !== undefined && { delegations }) };
    const text = await signedTargets(plan, this.#targets);
    await this.#post('/v1/repositories/image/metadata/targets', { text });
    if (supplied !== undefined) {
      const own = targets.flatMap(([ecuId, path, target]) => (ecuId === supplied ? [[path, target] as const] : []));
      const delegated = await signedTargets({ version: 1, targets: Object.fromEntries(own) }, this.#supplier);
      await this.#post('/v1/repositories/image/metadata/supplier', { text: delegated });
    }
    await this.#post(`${path}/confirm-signatures`);
    for (const approver of ['quality', 'safety']) {
      await this.#post(`${path}/approve`, undefined, new ApiClient(this.#cloud, approver));
    }
    return releaseId;
  }

  async metadata(name: string, role: string): Promise<string> {
    return file.parse(await this.#get(`/v1/repositories/${name}/metadata/${role}`)).text;
  }

  #targetOf(image: EcuImage, releaseId: string): Target<ImageCustom> {
    const { length, sha256: hash, sha512, hardwareIds, releaseCounter, softwareVersion } = image;
    const deltas = image.deltas?.map((delta) => ({ ...delta, path: deltaPath(this.#brand, image, delta) }));
    const custom = {
      ...{ hardwareIds, releaseCounter, softwareVersion, releaseId },
      ...(deltas !== undefined && { deltas }),
    };
    return { length, hashes: { sha256: hash, sha512 }, custom };
  }

  async #get(path: string): Promise<unknown> {
    return (await this.#operator.get(path)).body;
  }

  async #post(path: string, body?: unknown, client = this.#operator): Promise<unknown> {
    const answer = await client.post(path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${path} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
