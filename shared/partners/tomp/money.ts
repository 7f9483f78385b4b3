import * as z from 'zod/mini';

/** `amountOfMoney`: in the currency's base unit (9.95), tax included. */
export const amountOfMoney = z.object({
  amount: z.number(),
  /** Percent: 19 */
  taxPercentageUsed: z.exactOptional(z.number()),
  /** ISO 4217 */
  currencyCode: z.exactOptional(z.string()),
  /** ISO 3166-1 alpha-2 */
  vatCountryCode: z.exactOptional(z.string()),
});

/** Part of a fare: `FIXED` once, `FLEX` for each `amountOfUnits` of `units`, `MAX` the most that all of it comes to. */
export const fareElement = z.extend(amountOfMoney, {
  type: z.enum(['FIXED', 'FLEX', 'MAX']),
  units: z.exactOptional(z.enum(['KM', 'SECOND', 'MINUTE', 'HOUR', 'MILE', 'PERCENTAGE', 'ZONE'])),
  amountOfUnits: z.exactOptional(z.number()),
  name: z.exactOptional(z.string()),
  assetCondition: z.exactOptional(z.enum(['IN_USE', 'PAUSED'])),
});
export type FareElement = z.infer<typeof fareElement>;

/** `amount` is the estimate, where `estimated`. */
export const fareStructure = z.extend(amountOfMoney, {
  estimated: z.exactOptional(z.boolean()),
  description: z.exactOptional(z.string()),
  elements: z.array(fareElement),
});
export type FareStructure = z.infer<typeof fareStructure>;

/** Cents to TOMP's base unit. Every currency here has two decimals. */
export function baseUnits(minorUnits: number): number {
  return minorUnits / 100;
}

/** TOMP's base unit to cents: what binary fractions add is rounded away. */
export function minorUnits(amount: number): number {
  return Math.round(amount * 100);
}
