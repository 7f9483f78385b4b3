import * as z from 'zod/mini';
import { chargeIdValue, operatorIdValue, payableValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { BusinessMonth } from '#shared/sharing/ledger/business.ts';
import { recipient } from '#shared/sharing/ledger/issuer.ts';
import { lineKinds } from '#shared/sharing/ledger/ledger-line.ts';
import { sumsIn } from './ledger-item.ts';
import { ledgerPrefixes } from './ledger-keys.ts';

const text = z.string();
export const businessItem = z.object({
  ...{ operatorId: operatorIdValue, businessId: text, recipient, systemId: systemIdValue },
  ...{ costCentres: z.array(text), paymentMethod: z.exactOptional(text), version: z.number() },
  debts: z.array(z.object({ reservationId: payableValue, amount: z.number(), currency: text, since: z.number() })),
});
export const memberItem = z.object({
  ...{ operatorId: operatorIdValue, businessId: text, personId: text, memberId: text },
  status: z.enum(['invited', 'accepted', 'left']),
  ...{ costCentre: z.exactOptional(text), isAdmin: z.boolean(), since: z.number(), version: z.number() },
});
export const invitationItem = z.object({
  ...{ operatorId: operatorIdValue, businessId: text, codeHash: text, costCentre: z.exactOptional(text) },
  ...{ isAdmin: z.boolean(), goodUntil: z.number() },
});
const monthItem = z.object({
  ...{ sk: text, entries: z.number(), carried: z.exactOptional(z.record(text, z.number())) },
  closed: z.exactOptional(z.union([chargeIdValue, z.object({ carriedTo: text })])),
});
export const entryItem = z.object({
  ...{ month: text, day: text, payable: payableValue, part: text, member: z.exactOptional(text) },
  ...{ costCentre: z.exactOptional(text), kind: z.enum(lineKinds), gross: z.number(), currency: text },
});

/** Its closing is kept as the charge's id, or as the month that it was carried to. */
export function monthOf(
  at: Pick<BusinessMonth, 'operatorId' | 'businessId'>,
  item: Record<string, unknown>,
): BusinessMonth {
  const { sk, closed, ...stands } = monthItem.parse(item);
  return {
    ...{ ...at, month: sk.slice(ledgerPrefixes.month.length), ...stands, sums: sumsIn(item) },
    ...(closed !== undefined && { closed: typeof closed === 'string' ? { chargeId: closed } : closed }),
  };
}
