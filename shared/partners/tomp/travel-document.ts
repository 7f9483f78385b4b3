import * as z from 'zod/mini';
import { accessMethod } from './asset.ts';
import { link } from './link.ts';

/**
 * `travelDocument`: what opens the asset. `OTHER` is a digital key for one phone: a COSE_Sign1, base64url, that opens
 * nothing without that phone's own key (docs/decisions/digital-key.md).
 */
const travelDocument = z.object({
  id: z.exactOptional(z.string()),
  type: z.literal('travelDocument'),
  /** ISO 8601: from, until. */
  validity: z.tuple([z.string(), z.string()]),
  package: z.exactOptional(z.string()),
  leg: z.exactOptional(z.string()),
  asset: z.exactOptional(z.string()),
  traveller: z.exactOptional(z.string()),
  travelDocumentType: accessMethod,
  customFields: z.exactOptional(z.object({ token: z.exactOptional(z.string()) })),
});

export const travelDocuments = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({ type: z.literal('Feature'), id: z.string(), properties: travelDocument, links: z.array(link) }),
  ),
  links: z.exactOptional(z.array(link)),
});
export type TravelDocuments = z.infer<typeof travelDocuments>;
