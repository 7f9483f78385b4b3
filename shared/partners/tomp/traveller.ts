import * as z from 'zod/mini';
import { mode } from './mode.ts';

const shortText = z.string().check(z.minLength(1), z.maxLength(75));
const day = z.string().check(
  z.regex(/^\d{4}-\d\d-\d\d$/),
  z.refine((text) => isDay(text), 'is no day of the calendar'),
);

/** `license`: what somebody may drive, and until when. The number is not needed, and not kept. */
const licence = z.object({
  type: z.exactOptional(z.literal('license')),
  licenseType: z.exactOptional(
    z.object({
      modes: z.exactOptional(z.array(mode).check(z.maxLength(24))),
      licenseCategory: z.exactOptional(z.enum(['DRIVER_LICENSE', 'OPERATOR_LICENSE', 'OTHER'])),
      /** Class (Directive 2006/126/EC): `B`. */
      licenseCode: z.exactOptional(shortText),
      issuingCountry: z.exactOptional(z.string().check(z.regex(/^[A-Z]{2}$/))),
    }),
  ),
  /** Its last day. */
  endValidity: z.exactOptional(day),
});

/**
 * `traveller`: whoever uses the vehicle. `id` is the reseller's own name for them, and need not say who they are. What is
 * said of age and licence counts where the operator has agreed to trust the reseller for it.
 */
export const traveller = z.object({
  type: z.exactOptional(z.literal('traveller')),
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  characteristics: z.exactOptional(
    z.object({
      /** The reseller has seen the papers. */
      isValidated: z.exactOptional(z.boolean()),
      /** Full years. */
      age: z.exactOptional(z.int().check(z.gte(0), z.lte(120))),
      licenses: z.exactOptional(z.array(licence).check(z.maxLength(10))),
    }),
  ),
});
export type Traveller = z.infer<typeof traveller>;

function isDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}
