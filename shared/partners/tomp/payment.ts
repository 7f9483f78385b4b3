import * as z from 'zod/mini';
import { link } from './link.ts';
import { amountOfMoney } from './money.ts';

/** `paymentCategory`, as far as uses cost: what is given back is negative. */
const paymentCategory = z.enum([
  ...(['ALL', 'FARE', 'DEPOSIT', 'DAMAGE', 'LOSS', 'STOLEN', 'EXTRA_USAGE', 'FINE', 'OTHER_ASSET_USED'] as const),
  ...(['REFUND', 'REBATE', 'REIMBURSEMENT', 'CREDIT', 'VOUCHER', 'OTHER'] as const),
]);

const paymentState = z.enum(['TO_INVOICE', 'INVOICING', 'INVOICED']);

/** `financialDetail`: an entry of the journal. `id` is the leg's, and with `sequenceId` one of a kind. */
export const financialDetail = z.extend(amountOfMoney, {
  id: z.string(),
  sequenceId: z.exactOptional(z.int()),
  category: paymentCategory,
  state: paymentState,
  invoiceId: z.exactOptional(z.string()),
  comment: z.exactOptional(z.string()),
  customFields: z.exactOptional(
    z.object({
      /** ISO 8601: when it was entered. */
      at: z.exactOptional(z.string()),
      package: z.exactOptional(z.string()),
      /** The tax within the amount, in base units. */
      taxAmount: z.exactOptional(z.number()),
    }),
  ),
});
export type FinancialDetail = z.infer<typeof financialDetail>;

export const payments = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(z.object({ type: z.literal('Feature'), id: z.string(), properties: financialDetail })),
  properties: z.object({
    type: z.literal('paymentCollection'),
    /** `2026-11`, where one month was asked for. */
    month: z.exactOptional(z.string()),
    /** Of all entries of the month, whichever page; base units. */
    total: z.exactOptional(amountOfMoney),
  }),
  numberMatched: z.exactOptional(z.number()),
  numberReturned: z.number(),
  links: z.array(link),
});

/** `confirmPaymentRequest`: the reseller accepts the entries of one leg; the package is settled then. */
export const confirmPaymentRequest = z.object({
  inputs: z.object({ paymentId: z.string().check(z.minLength(1), z.maxLength(200)) }),
});
