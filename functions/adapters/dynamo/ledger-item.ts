import * as z from 'zod/mini';
import { operatorIdValue, payableValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { Sums } from '#shared/sharing/ledger/day-sums.ts';
import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import { postalAddress, recipient } from '#shared/sharing/ledger/issuer.ts';
import { type LedgerLine, lineKinds } from '#shared/sharing/ledger/ledger-line.ts';

const shareItem = z.object({
  rate: z.exactOptional(z.number()),
  ...{ net: z.number(), vat: z.number(), gross: z.number() },
});

export const documentLineItem = z.object({
  ...{ item: z.string(), quantity: z.number(), price: z.number(), amount: z.number() },
  ...{ rate: z.exactOptional(z.number()), costCentre: z.exactOptional(z.string()) },
});

export const debtorItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), personId: z.string() }),
  z.object({ kind: z.literal('business'), businessId: z.string() }),
  z.object({ kind: z.literal('partner'), clientId: z.string() }),
]);

const what = z.enum(['trip', 'charge', 'business-month']);

const lineItem = z.object({
  ...{ operatorId: operatorIdValue, day: z.string(), kind: z.enum(lineKinds), payable: payableValue, part: z.string() },
  ...{ what, at: z.number(), amount: z.number(), currency: z.string(), shares: z.array(shareItem) },
  ...{ captured: z.exactOptional(z.number()), owed: z.exactOptional(z.number()) },
  onAccountOf: z.exactOptional(z.string()),
  supplier: z.exactOptional(
    z.object({ systemId: systemIdValue, feedId: z.string(), name: z.string(), taxId: z.exactOptional(z.string()) }),
  ),
  partnerPays: z.exactOptional(z.literal(true)),
  transfer: z.exactOptional(z.string()),
  document: z.exactOptional(z.string()),
});

const documentItem = z.object({
  ...{ number: z.string(), sequence: z.number(), year: z.number() },
  ...{ kind: z.enum(['invoice', 'credit-note']), form: z.enum(['simplified', 'full']), what },
  ...{ operatorId: operatorIdValue, payable: payableValue, debtor: z.exactOptional(debtorItem) },
  issuer: z.object({ legalName: z.string(), address: postalAddress, vatId: z.string() }),
  recipient: z.exactOptional(recipient),
  ...{ issuedAt: z.number(), issuedOn: z.string(), supplyFrom: z.string(), supplyTo: z.string() },
  ...{ lines: z.array(documentLineItem), shares: z.array(shareItem), currency: z.string() },
  refersTo: z.exactOptional(z.object({ number: z.string(), issuedOn: z.string() })),
  reason: z.exactOptional(z.string()),
});

/** Of a line that stands in somebody's list. */
export const lineKeyItem = z.object({
  day: z.string(),
  kind: z.enum(lineKinds),
  payable: payableValue,
  part: z.string(),
});

export function lineOf(item: unknown): LedgerLine {
  return lineItem.parse(item);
}

export function documentOf(item: unknown): LedgerDocument {
  return documentItem.parse(item);
}

/** Every column is an attribute of the item, so that one write adds to all of them. */
const sumPrefix = 'sum ';

export function sumsIn(item: Readonly<Record<string, unknown>>): Sums {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      name.startsWith(sumPrefix) && typeof value === 'number' ? [[name.slice(sumPrefix.length), value]] : [],
    ),
  );
}

/** `ADD` of each column. */
export function addition(sums: Sums) {
  const columns = Object.entries(sums).filter(([, amount]) => amount !== 0);
  return {
    expression: columns.map((_, place) => `#c${place} :c${place}`).join(', '),
    names: Object.fromEntries(columns.map(([name], place) => [`#c${place}`, `${sumPrefix}${name}`])),
    values: Object.fromEntries(columns.map(([, amount], place) => [`:c${place}`, amount])),
  };
}
