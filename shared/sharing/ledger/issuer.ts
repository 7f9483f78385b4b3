import * as z from 'zod/mini';
import { line } from '../setup/text.ts';

/** Where somebody has their seat or lives, as it stands on an invoice. */
export const postalAddress = z.strictObject({
  street: line(120),
  postalCode: line(16),
  city: line(80),
  /** ISO 3166-1 alpha-2. */
  country: z.string().check(z.regex(/^[A-Z]{2}$/)),
});
export type PostalAddress = z.infer<typeof postalAddress>;

/** Directive 2006/112/EC, Article 215: the country's prefix, then up to twelve characters. */
const vatIdText = z.string().check(z.regex(/^[A-Z]{2}[0-9A-Z+*]{2,12}$/));

/** What an operator's invoices say of whoever issues them (Directive 2006/112/EC, Article 226; § 14 UStG). */
export const invoicing = z.strictObject({
  legalName: line(120),
  address: postalAddress,
  vatId: vatIdText,
  /** Before the year and the running number: `WS-2026-000123`. */
  numberPrefix: z.string().check(z.regex(/^[A-Z][A-Z0-9]{0,7}$/)),
});
export type Invoicing = z.infer<typeof invoicing>;

/** To whom an invoice is made out where it has to say so. */
export const recipient = z.strictObject({
  name: line(120),
  address: postalAddress,
  vatId: z.exactOptional(vatIdText),
});
export type Recipient = z.infer<typeof recipient>;
