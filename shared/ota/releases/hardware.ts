import * as z from 'zod/mini';
import type { Brand } from '../../registry/brand.ts';
import { ecuSchema } from '../../registry/inventory.ts';
import { largestImage } from './ecu-image.ts';

export const hardwareSchema = z.strictObject({
  /** Part number, as vehicles report it. */
  hardwareId: ecuSchema.shape.hardwareId,
  /** Where in a vehicle it sits. */
  ecuId: ecuSchema.shape.ecuId,
  /** What one of its slots holds. */
  slotBytes: z.int().check(z.positive(), z.lte(largestImage)),
});

/** A control unit that software can be released for. */
export interface Hardware extends z.infer<typeof hardwareSchema> {
  readonly brand: Brand;
  /** The newest software that was approved for it: counters never fall, and none is given to other bytes. */
  readonly newest?: { readonly releaseCounter: number; readonly sha256: string };
}

/** Whether this software may follow what was approved before: a higher counter, or the very same image again. */
export function mayFollow({ newest }: Hardware, image: { releaseCounter: number; sha256: string }): boolean {
  if (newest === undefined || image.releaseCounter > newest.releaseCounter) return true;
  return image.releaseCounter === newest.releaseCounter && image.sha256 === newest.sha256;
}
