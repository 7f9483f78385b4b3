import * as z from 'zod/mini';
import { line } from '../sharing/setup/text.ts';

/** Somebody whose own customers use an operator's vehicles: named by that operator, and known by their client. */
export const partner = z.strictObject({
  clientId: z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/)),
  name: line(80),
  /** `licence`: what they say of age and licence of their customers counts as if the operator had seen the papers. */
  trusts: z.array(z.enum(['licence'])).check(z.maxLength(1)),
  /** Packages at once that are neither over nor given back. */
  openPackages: z.int().check(z.gte(1), z.lte(500)),
  /** Minor units of each currency that may be set aside and unpaid together. */
  creditLimit: z.int().check(z.gte(0), z.lte(1_000_000_000)),
});
export type Partner = z.infer<typeof partner>;

/** Of one operator, each client once. */
export const partners = z.array(partner).check(
  z.maxLength(50),
  z.refine((all) => new Set(all.map(({ clientId }) => clientId)).size === all.length, 'names a client twice'),
);
