import * as z from 'zod/mini';
import { asset } from './asset.ts';
import { legProperties, travelSpecification } from './leg.ts';
import { link } from './link.ts';
import { mode } from './mode.ts';
import { amountOfMoney, fareStructure } from './money.ts';
import { point } from './place.ts';
import { traveller } from './traveller.ts';

/** `packageStatus`, in the order in which a life goes; the last five end it otherwise. */
export const packageStatus = z.enum([
  ...(['OFFERED', 'PENDING', 'CONFIRMED', 'STARTED', 'ENDED', 'SETTLED'] as const),
  ...(['EXPIRED', 'RELEASED', 'ROLLBACK', 'CANCELLED'] as const),
]);
export type PackageStatus = z.infer<typeof packageStatus>;

const legSummary = z.object({ mode, name: z.string() });

/** `summary`: what a person is shown. */
const summary = z.object({
  id: z.exactOptional(z.string()),
  specification: z.exactOptional(travelSpecification),
  price: z.exactOptional(amountOfMoney),
  estimatedPrice: z.exactOptional(z.boolean()),
  products: z.exactOptional(z.array(z.string())),
  legs: z.exactOptional(z.array(legSummary)),
  paymentMethod: z.exactOptional(
    z.object({
      paymentType: z.exactOptional(z.enum(['PREPAID', 'PAY_WHEN_FINISHED', 'SUBSCRIPTION_ONLY'])),
      deposit: z.exactOptional(amountOfMoney),
    }),
  ),
});

/** What TOMP leaves to agreement. */
const packageFields = z.object({
  /** ISO 8601: until then it is confirmed (`PENDING`) or begun (`CONFIRMED`). */
  expires: z.exactOptional(z.string()),
  /** How often that may be extended still. */
  extensionsLeft: z.exactOptional(z.int()),
  extensionsUsed: z.exactOptional(z.int()),
  /** Why it came to its end otherwise: `hold-expired`, `by-operator` … */
  reason: z.exactOptional(z.string()),
});

export const packageProperties = z.object({
  type: z.enum(['package', 'offer']),
  id: z.string(),
  status: packageStatus,
  summary: z.exactOptional(summary),
  /** What it costs: an estimate until it has ended, then what is charged. */
  price: z.exactOptional(fareStructure),
  legs: z.exactOptional(z.array(legProperties)),
  customFields: z.exactOptional(packageFields),
});

/** What legs refer to. */
const definitions = z.object({
  assets: z.exactOptional(z.array(asset)),
  travellers: z.exactOptional(z.array(z.pick(traveller, { type: true, id: true }))),
});

/** `package`: a GeoJSON feature collection whose features are its legs. */
export const tompPackage = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: z.string(),
      geometry: z.exactOptional(point),
      properties: legProperties,
    }),
  ),
  properties: z.extend(packageProperties, { definitions: z.exactOptional(definitions) }),
  links: z.array(link),
});
export type TompPackage = z.infer<typeof tompPackage>;

/** More than one package, as `/collections/packages/items` without a `packageId` lists them: the newest first. */
export const packageList = z.object({
  type: z.literal('PackageCollection'),
  packages: z.array(tompPackage),
  numberReturned: z.number(),
  links: z.array(link),
});

/** `packageRequest`: confirm, rollback, release, cancel. */
export const packageRequest = z.object({
  inputs: z.object({ package: z.string().check(z.minLength(1), z.maxLength(200)) }),
});

export const extendRequest = z.object({
  inputs: z.object({
    package: z.string().check(z.minLength(1), z.maxLength(200)),
    reason: z.exactOptional(z.enum(['PURCHASE_PENDING', 'PAYMENT_PENDING', 'OTHER'])),
  }),
});

/** `assignAssetRequest`. */
export const assignAssetRequest = z.object({
  inputs: z.object({
    package: z.string().check(z.minLength(1), z.maxLength(200)),
    leg: z.exactOptional(z.string().check(z.maxLength(200))),
    asset: z.string().check(z.minLength(1), z.maxLength(200)),
  }),
});
