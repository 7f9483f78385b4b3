import type { Brand } from '../../registry/brand.ts';
import { deltaPath, type EcuImage, imagePath } from '../releases/ecu-image.ts';
import type { SignedImages } from '../releases/release-service.ts';
import { readImageCustom } from '../uptane/custom-reader.ts';
import type { ReadTarget } from '../uptane/metadata-reader.ts';
import type { KeptTexts, RepositoryRecords } from './metadata-ports.ts';
import { PublishedMetadata } from './published-metadata.ts';

/** Whether the Image repository says of an image just what its release says. */
export class VouchedImages implements SignedImages {
  readonly #records: RepositoryRecords;
  readonly #files: KeptTexts;

  constructor(records: RepositoryRecords, files: KeptTexts) {
    this.#records = records;
    this.#files = files;
  }

  async unsigned(brand: Brand, images: readonly EcuImage[]): Promise<readonly string[]> {
    const state = await this.#records.load('image');
    if (state === undefined) return images.map((image) => imagePath(brand, image));
    const published = new PublishedMetadata(state, this.#files);
    const missing: string[] = [];
    for (const image of images) {
      const path = imagePath(brand, image);
      for (const hardwareId of image.hardwareIds) {
        if (saysTheSame(await published.find(path, hardwareId), hardwareId, brand, image)) continue;
        missing.push(path);
        break;
      }
    }
    return missing;
  }
}

function saysTheSame(target: ReadTarget | undefined, hardwareId: string, brand: Brand, image: EcuImage): boolean {
  if (target === undefined) return false;
  const { length, hashes, custom } = target;
  const { hardwareIds = [], releaseCounter, softwareVersion, deltas } = readImageCustom(custom);
  return (
    length === image.length &&
    hashes['sha256'] === image.sha256 &&
    hashes['sha512'] === image.sha512 &&
    hardwareIds.includes(hardwareId) &&
    releaseCounter === image.releaseCounter &&
    softwareVersion === image.softwareVersion &&
    (image.deltas ?? []).every((delta) =>
      deltas.some(
        (its) =>
          its.path === deltaPath(brand, image, delta) &&
          its.sha256 === delta.sha256 &&
          its.fromSha256 === delta.fromSha256,
      ),
    )
  );
}
