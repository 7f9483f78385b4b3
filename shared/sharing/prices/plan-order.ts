import * as z from 'zod/mini';
import { line, slug } from '../setup/text.ts';
import type { PricingPlan } from './plan.ts';

/** Minor units. What is no price is judged apart, with a name of its own. */
const amount = z.number();

const minutes = z.int().check(z.gte(0), z.lte(60 * 24 * 366));
const kilometres = z.int().check(z.gte(0), z.lte(100_000));

/** Everything of a plan but its version. */
export const planContent = z.strictObject({
  planId: slug,
  name: line(80),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/)),
  unlockFee: amount,
  perMinute: amount,
  pausePerMinute: amount,
  perKilometre: amount,
  includedKilometres: kilometres,
  dayCap: z.exactOptional(amount),
  hold: z.strictObject({ freeMinutes: z.int().check(z.gte(0), z.lte(1440)), perMinute: amount }),
  packages: z
    .array(z.strictObject({ packageId: slug, name: line(80), price: amount, minutes, kilometres }))
    .check(z.maxLength(30)),
  chargeReward: z.exactOptional(z.strictObject({ amount, belowPercent: z.int().check(z.gte(1), z.lte(100)) })),
}) satisfies z.ZodMiniType<Omit<PricingPlan, 'version'>>;
export type PlanContent = z.infer<typeof planContent>;

export function planContentOf({ version: _, ...content }: PricingPlan): PlanContent {
  return planContent.parse(content);
}
