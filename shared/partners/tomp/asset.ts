import * as z from 'zod/mini';
import { mode } from './mode.ts';

/** `typeOfTravelDocument`, as far as vehicles are opened: `REMOTE` by `start-leg`, `OTHER` by a digital key. */
export const accessMethod = z.enum(['REMOTE', 'OTHER', 'DEEP_LINK', 'KEY', 'QRCODE', 'BARCODE', 'AZTECCODE']);

/** `asset`: one vehicle. */
export const asset = z.object({
  type: z.exactOptional(z.literal('asset')),
  id: z.string(),
  /** What stands on it: a plate, a number on a frame. */
  visualId: z.exactOptional(z.string()),
  /** Its type. */
  product: z.exactOptional(z.string()),
  mode: z.exactOptional(mode),
  subMode: z.exactOptional(z.string()),
  appSupport: z.exactOptional(
    z.object({
      displayName: z.exactOptional(z.string()),
      accessMethods: z.exactOptional(z.array(accessMethod)),
    }),
  ),
  customFields: z.exactOptional(
    z.object({
      /** Percent. */
      currentCharge: z.exactOptional(z.number()),
      rangeMeters: z.exactOptional(z.number()),
      /** Metres from the place that was asked for. */
      distance: z.exactOptional(z.number()),
    }),
  ),
});
export type Asset = z.infer<typeof asset>;
