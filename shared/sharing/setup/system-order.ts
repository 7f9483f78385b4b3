import * as z from 'zod/mini';
import { partners } from '../../partners/partner.ts';
import { isMarket, type Market } from '../../registry/market.ts';
import { invoicing } from '../ledger/issuer.ts';
import { uuidPattern } from '../mobility-data/mobility-ids.ts';
import { chargeRules } from './charge-rules.ts';
import type { Operator, SharingSystem, VehicleType } from './system.ts';
import { line, slug } from './text.ts';

const clientId = z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/));

/** Everything of an operator but who it is. */
export const operatorContent = z.strictObject({
  name: line(80),
  clientIds: z.array(clientId).check(z.maxLength(50)),
  email: z.string().check(z.maxLength(254), z.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)),
  phone: z.exactOptional(z.string().check(z.regex(/^\+[0-9]{6,15}$/))),
  licenceRecheckDays: z.exactOptional(z.int().check(z.gte(30), z.lte(1825))),
  partners: z.exactOptional(partners),
  invoicing: z.exactOptional(invoicing),
});
export type OperatorContent = z.infer<typeof operatorContent>;

const { name: operatorName, clientIds, email, phone, licenceRecheckDays } = operatorContent.shape;
const { partners: itsPartners, invoicing: issuer } = operatorContent.shape;
/** What is to be replaced. */
export const operatorContentChanges = z.strictObject({
  ...{ name: z.exactOptional(operatorName), clientIds: z.exactOptional(clientIds) },
  ...{ email: z.exactOptional(email), phone, licenceRecheckDays, partners: itsPartners, invoicing: issuer },
});

const hours = z.strictObject({
  from: z.int().check(z.gte(0), z.lte(1440)),
  to: z.int().check(z.gte(0), z.lte(1440)),
});
const degrees = z.number();

const vehicleType = z.strictObject({
  vehicleTypeId: slug,
  name: line(80),
  formFactor: z.enum(['car', 'bicycle', 'cargo_bicycle', 'moped', 'scooter_standing', 'scooter_seated', 'other']),
  propulsion: z.enum(['human', 'electric_assist', 'electric', 'combustion', 'hybrid', 'plug_in_hybrid']),
  maxRangeMeters: z.exactOptional(z.int().check(z.gte(1000), z.lte(2_000_000))),
  seats: z.int().check(z.gte(1), z.lte(20)),
  minimumAge: z.int().check(z.gte(12), z.lte(99)),
  licence: z.exactOptional(z.enum(['AM', 'A1', 'B'])),
  minimumCharge: z.int().check(z.gte(0), z.lte(90)),
  planId: slug,
}) satisfies z.ZodMiniType<VehicleType>;

/** What may be changed of a system; the rest is what trips and bills rely upon. */
export const systemContent = z.strictObject({
  name: line(80),
  // GBFS 3.0, "Language": as far as its schemas take IETF BCP 47.
  language: z.exactOptional(z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/))),
  timeZone: z.string().check(z.maxLength(64)),
  openingHours: z.union([
    z.literal('24/7'),
    z.strictObject({
      1: z.exactOptional(hours),
      2: z.exactOptional(hours),
      3: z.exactOptional(hours),
      4: z.exactOptional(hours),
      5: z.exactOptional(hours),
      6: z.exactOptional(hours),
      7: z.exactOptional(hours),
    }),
  ]),
  bounds: z.tuple([degrees, degrees, degrees, degrees]),
  holds: z.strictObject({
    minutes: z.int().check(z.gte(1), z.lte(240)),
    extensionMinutes: z.int().check(z.gte(1), z.lte(240)),
    extensions: z.int().check(z.gte(0), z.lte(20)),
  }),
  vehicleTypes: z.array(vehicleType).check(z.minLength(1), z.maxLength(50)),
  damageExcess: z.exactOptional(z.int().check(z.gte(0), z.lte(1_000_000))),
  charges: z.exactOptional(chargeRules),
  agencyClientIds: z.exactOptional(z.array(clientId).check(z.maxLength(20))),
  mdsProviderId: z.exactOptional(z.string().check(z.regex(uuidPattern))),
});
export type SystemContent = z.infer<typeof systemContent>;

const { name, language, timeZone, openingHours, bounds, holds, vehicleTypes } = systemContent.shape;
const { damageExcess, charges, agencyClientIds, mdsProviderId } = systemContent.shape;
/** What is to be replaced. */
export const systemContentChanges = z.strictObject({
  ...{ name: z.exactOptional(name), language, timeZone: z.exactOptional(timeZone) },
  ...{ openingHours: z.exactOptional(openingHours), bounds: z.exactOptional(bounds) },
  ...{ holds: z.exactOptional(holds), vehicleTypes: z.exactOptional(vehicleTypes), damageExcess, charges },
  ...{ agencyClientIds, mdsProviderId },
});

const marketCode = z.custom<Market>((value) => typeof value === 'string' && isMarket(value), {
  error: () => 'is no officially assigned ISO 3166-1 alpha-2 code',
});

/** What stays: bills depend upon it. */
export const systemFixture = z.strictObject({ market: marketCode, currency: z.string().check(z.regex(/^[A-Z]{3}$/)) });
export type SystemFixture = z.infer<typeof systemFixture>;

const asContent = z.object(systemContent.shape);
const asOperatorContent = z.object(operatorContent.shape);

export function contentOf(system: SharingSystem): SystemContent {
  return asContent.parse(system);
}

export function operatorContentOf(operator: Operator): OperatorContent {
  return asOperatorContent.parse(operator);
}

/** Whether two say the same, in whatever order their members stand. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
