import * as z from 'zod/mini';
import { moment } from '../../sharing/setup/text.ts';
import { link } from './link.ts';
import { mode } from './mode.ts';
import { placeReference, point } from './place.ts';

export const legStatus = z.enum([
  ...(['NOT_STARTED', 'PREPARING', 'READY_TO_USE', 'IN_USE', 'PAUSED', 'ENDING', 'ENDED'] as const),
  ...(['ISSUE_REPORTED', 'CANCELLED', 'ABENDED'] as const),
]);
export type LegStatus = z.infer<typeof legStatus>;

/** `travelSpecification`: where and when. */
export const travelSpecification = z.object({
  type: z.exactOptional(z.literal('travelSpecification')),
  from: z.exactOptional(z.string()),
  to: z.exactOptional(z.string()),
  /** ISO 8601: of the start, once there was one. */
  startTime: z.exactOptional(z.string()),
  endTime: z.exactOptional(z.string()),
});

/** `legProperties`: the use of one asset. Its id is the package's where that has one leg alone. */
export const legProperties = z.object({
  type: z.literal('leg'),
  id: z.string(),
  specification: travelSpecification,
  sequenceNumber: z.exactOptional(z.int()),
  mode: z.exactOptional(mode),
  status: z.exactOptional(legStatus),
  travellers: z.exactOptional(z.array(z.string())),
  /** Vehicle types. */
  products: z.exactOptional(z.array(z.string())),
  assets: z.exactOptional(z.array(z.string())),
  operatorId: z.exactOptional(z.string()),
  operatorName: z.exactOptional(z.string()),
  labels: z.exactOptional(z.array(z.string())),
  /** What TOMP leaves to agreement. */
  customFields: z.exactOptional(
    z.object({
      /** How far it went, once it has ended. */
      meters: z.exactOptional(z.number().check(z.gte(0), z.lte(2_000_000))),
    }),
  ),
});
export type LegProperties = z.infer<typeof legProperties>;

/** An item of `/collections/legs/items`: a GeoJSON feature. */
export const leg = z.object({
  type: z.literal('Feature'),
  id: z.string(),
  geometry: z.exactOptional(point),
  properties: legProperties,
  links: z.array(link),
});
export type Leg = z.infer<typeof leg>;

export const legCollection = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(leg),
  numberReturned: z.exactOptional(z.number()),
  links: z.array(link),
});

/** Of the operations that TOMP 2.0 knows (`start`, `pause`, `resume`, `end`, `extend`, `postpone`) those that are served. */
export const legOperations = ['start', 'pause', 'resume', 'end'] as const;
export type LegOperation = (typeof legOperations)[number];

export function isLegOperation(text: string): text is LegOperation {
  return legOperations.some((one) => one === text);
}

/** `legRequest`. */
export const legRequest = z.object({
  inputs: z.object({
    package: z.exactOptional(z.string().check(z.maxLength(200))),
    leg: z.string().check(z.maxLength(200)),
    /** When it was asked for on the phone: not in the future, and not before the purchase. */
    timestamp: z.exactOptional(moment),
    assetLocation: z.exactOptional(placeReference),
    userLocation: z.exactOptional(placeReference),
    customFields: z.exactOptional(
      z.object({
        /** Of the phone that is to open the asset: P-256, SPKI, base64url. `start` alone needs it, where assets take keys. */
        phoneKey: z.exactOptional(z.string().check(z.maxLength(400))),
      }),
    ),
  }),
});
export type LegRequest = z.infer<typeof legRequest>;
