import * as z from 'zod/mini';

/**
 * What can be done next, as TOMP 2.0 says it (TOMP-WG/TOMP-API, `link`): each answer carries what its state admits, and
 * nothing else. `href` may be relative to the server that gave it.
 */
export const link = z.object({
  rel: z.string(),
  href: z.string(),
  method: z.exactOptional(z.enum(['GET', 'POST', 'PATCH', 'DELETE'])),
  type: z.exactOptional(z.string()),
  description: z.exactOptional(z.string()),
  /** To be sent as it is. */
  body: z.exactOptional(z.record(z.string(), z.unknown())),
  /** It has to be followed, or the package expires. */
  mandatory: z.exactOptional(z.boolean()),
  /** ISO 8601 */
  expires: z.exactOptional(z.string()),
});
export type Link = z.infer<typeof link>;

/** Processes by their names in TOMP 2.0: each is `POST /processes/{name}/execution`. */
export const tompProcesses = [
  'search-offers',
  'purchase-offers',
  'extend-expiry-time',
  'confirm-purchase',
  'rollback-purchase',
  'release-package',
  'cancel-package',
  'assign-asset',
  'start-leg',
  'pause-leg',
  'resume-leg',
  'end-leg',
  'confirm-payment',
] as const;
export type TompProcess = (typeof tompProcesses)[number];

/** Collections by their names in TOMP 2.0: each is `GET /collections/{name}/items`. */
export const tompCollections = ['offers', 'packages', 'legs', 'travel-documents', 'payments'] as const;
export type TompCollection = (typeof tompCollections)[number];

export function processPath(process: TompProcess): string {
  return `/processes/${process}/execution`;
}

export function collectionPath(collection: TompCollection): string {
  return `/collections/${collection}/items`;
}
