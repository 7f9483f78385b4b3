import * as z from 'zod/mini';
import type { Brand } from '../../registry/brand.ts';
import { ecuSchema } from '../../registry/inventory.ts';

/** S3 takes no more in one PUT. */
export const largestImage = 5 * 1024 ** 3;

const { ecuId, hardwareId, softwareVersion } = ecuSchema.shape;
/** What is flashed has been released at least once. */
const releaseCounter = z.int().check(z.positive());
const length = z.int().check(z.positive());
const sha256Text = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in lower-case hexadecimal'));
const sha512Text = z.string().check(z.regex(/^[0-9a-f]{128}$/, 'is no SHA-512 in lower-case hexadecimal'));

/** What must run beside it: another ECU's software, with this release counter or a higher one. */
const requirementSchema = z.strictObject({ ecuId, releaseCounter });

/** A VCDIFF (RFC 3284) that makes the image out of another one. */
export const deltaSchema = z.strictObject({
  /** Of the image that it starts from. */
  fromSha256: sha256Text,
  length,
  /** Of the delta itself. */
  sha256: sha256Text,
});

export const imageSchema = z.strictObject({
  ecuId,
  /** Part numbers that it runs on. */
  hardwareIds: z.array(hardwareId).check(
    z.minLength(1),
    z.maxLength(50),
    z.refine((ids) => new Set(ids).size === ids.length, 'names a hardware id twice'),
  ),
  softwareVersion,
  releaseCounter,
  length,
  sha256: sha256Text,
  sha512: sha512Text,
  requires: z.exactOptional(z.array(requirementSchema).check(z.maxLength(50))),
  deltas: z.exactOptional(z.array(deltaSchema).check(z.maxLength(5))),
});

export type EcuImage = z.infer<typeof imageSchema>;
export type Delta = z.infer<typeof deltaSchema>;

/** Something to be stored: an image, or a delta. */
export interface StoredFile {
  /** Its name as a target of the Image repository, and where it lies below the images' address. */
  readonly path: string;
  readonly length: number;
  readonly sha256: string;
  /** Where the release names it. */
  readonly pointer: string;
}

/**
 * Named by what is in it, so that two releases share what is the same and no name ever means other bytes. Brand and ECU
 * stand before it, so that targets can be delegated to a brand or to the maker of an ECU.
 */
export function imagePath(brand: Brand, { ecuId: ecu, sha256 }: Pick<EcuImage, 'ecuId' | 'sha256'>): string {
  return `${brand}/${ecu.replaceAll(/[^\w.-]/g, '_')}/${sha256}`;
}

export function deltaPath(brand: Brand, image: Pick<EcuImage, 'ecuId' | 'sha256'>, { sha256 }: Delta): string {
  return `${imagePath(brand, { ...image, sha256 })}.vcdiff`;
}

/** Every file of the images, each once. */
export function filesOf(brand: Brand, images: readonly EcuImage[]): readonly StoredFile[] {
  const files = images.flatMap((image, index) => [
    { path: imagePath(brand, image), length: image.length, sha256: image.sha256, pointer: `/images/${index}` },
    ...(image.deltas ?? []).map((delta, place) => ({
      path: deltaPath(brand, image, delta),
      ...{ length: delta.length, sha256: delta.sha256, pointer: `/images/${index}/deltas/${place}` },
    })),
  ]);
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
