import * as z from 'zod/mini';
import { moment } from '../../sharing/setup/text.ts';
import { asset } from './asset.ts';
import { link } from './link.ts';
import { mode } from './mode.ts';
import { packageProperties } from './package.ts';
import { placeReference, point } from './place.ts';
import { traveller } from './traveller.ts';

/** `estimatedUsage`, of which an estimate is made. */
const estimatedUsage = z.object({
  /** ISO 8601 duration, minutes and hours: `PT35M`. */
  time: z.exactOptional(z.string().check(z.regex(/^PT(?=\d)(\d{1,3}H)?(\d{1,4}M)?$/))),
  distanceType: z.exactOptional(z.enum(['KM', 'MILE'])),
  distance: z.exactOptional(z.number().check(z.gte(0), z.lte(10_000))),
});

/** `searchOfferRequest`. */
export const searchOffersRequest = z.object({
  inputs: z.object({
    type: z.exactOptional(z.enum(['searchOffer', 'search_offer'])),
    specification: z.object({
      from: placeReference,
      to: z.exactOptional(placeReference),
      startTime: z.exactOptional(moment),
      endTime: z.exactOptional(moment),
    }),
    requirements: z.exactOptional(
      z.object({
        mode: z.exactOptional(mode),
        products: z.exactOptional(z.array(z.string().check(z.maxLength(200))).check(z.maxLength(50))),
        assets: z.exactOptional(z.array(z.string().check(z.maxLength(200))).check(z.maxLength(50))),
        estimatedUsage: z.exactOptional(estimatedUsage),
      }),
    ),
    travellers: z.exactOptional(z.array(traveller).check(z.maxLength(1))),
    customFields: z.exactOptional(
      z.object({
        /** Metres around `from`. */
        radius: z.exactOptional(z.int().check(z.gte(1), z.lte(5_000))),
      }),
    ),
  }),
});
export type SearchOffersRequest = z.infer<typeof searchOffersRequest>;

/** An offer prices one asset, and holds nothing. Its properties are those of a package that is `OFFERED`. */
export const offer = z.object({
  type: z.literal('Feature'),
  id: z.string(),
  geometry: z.exactOptional(point),
  properties: packageProperties,
  links: z.array(link),
});
export type Offer = z.infer<typeof offer>;

export const offerCollection = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(offer),
  properties: z.object({
    type: z.literal('offers'),
    /** ISO 8601: good until then. */
    expires: z.string(),
    definitions: z.object({ assets: z.array(asset) }),
  }),
  numberReturned: z.number(),
  links: z.array(link),
});
export type OfferCollection = z.infer<typeof offerCollection>;

/** `purchaseOfferRequest`: one offer, one traveller. */
export const purchaseOffersRequest = z.object({
  inputs: z.object({
    offer: z.string().check(z.minLength(1), z.maxLength(200)),
    travellers: z.array(traveller).check(z.minLength(1), z.maxLength(1)),
    paymentMethod: z.exactOptional(z.enum(['PREPAID', 'PAY_WHEN_FINISHED', 'SUBSCRIPTION_ONLY'])),
  }),
});
export type PurchaseOffersRequest = z.infer<typeof purchaseOffersRequest>;
