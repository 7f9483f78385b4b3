import * as z from 'zod/mini';

const money = z.int().check(z.gte(0), z.lte(1_000_000));

/** What a city charges beside the bill of a trip; minor units of its currency. What a damage costs at most is its `damageExcess`. */
export const chargeRules = z.strictObject({
  /** For finding out who drove, on top of a fine or a toll; tax included. */
  finesFee: z.exactOptional(money),
  /** Days for which a charge may be disputed; 14 where it is missing. */
  disputeDays: z.exactOptional(z.int().check(z.gte(1), z.lte(365))),
});
export type ChargeRules = z.infer<typeof chargeRules>;

export function disputeDays({ disputeDays: days = 14 }: ChargeRules = {}): number {
  return days;
}
