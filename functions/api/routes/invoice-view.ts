import * as z from 'zod/mini';
import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import { postalAddress, recipient } from '#shared/sharing/ledger/issuer.ts';
import { documentNumberPattern } from '#shared/sharing/ledger/number-range.ts';
import { type TaxShare, totalOf } from '#shared/sharing/ledger/tax-share.ts';
import { invoicePage } from '../invoice-page.ts';
import { pageHeaders } from '../printed-page.ts';
import type { Reply } from '../route.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { operatorIdText } from './sharing-setup-view.ts';

export const tag = 'Accounts';

export const money = (description: string) => as(z.int(), { description: `${description}, minor units` });

export const invoicePath = z.object({
  operatorId: operatorIdText,
  number: as(z.string().check(z.regex(documentNumberPattern)), { description: 'As it stands on the document' }),
});

/** Who wants to print it asks for a page. */
export const pageOrJson = z.object({
  accept: z.exactOptional(
    as(z.string().check(z.maxLength(1000)), { description: '`text/html`: a page that prints on one sheet' }),
  ),
});

export const sharesSchema = z.array(
  z.object({
    percent: z.exactOptional(as(z.number(), { description: 'Absent: no supply, so no tax' })),
    ...{ net: money('Without tax'), vat: money('Tax'), gross: money('With tax') },
  }),
);

export const recipientSchema = as(recipient, { id: 'InvoiceRecipient', description: 'To whom invoices are made out' });

export const invoiceSchema = as(
  z.object({
    ...{ number: z.string(), kind: z.enum(['invoice', 'credit-note']), form: z.enum(['simplified', 'full']) },
    about: as(z.string(), { description: 'The reservation or the charge' }),
    issuer: z.object({ legalName: z.string(), address: postalAddress, vatId: z.string() }),
    recipient: z.exactOptional(recipientSchema),
    issuedAt: instant(),
    issuedOn: as(z.string(), { format: 'date', description: 'By the clock of the city, as all days here' }),
    supply: z.object({ from: as(z.string(), { format: 'date' }), to: as(z.string(), { format: 'date' }) }),
    lines: z.array(
      z.object({
        ...{ item: z.string(), quantity: z.number(), price: money('Of one, with tax'), amount: money('With tax') },
        ...{ percent: z.exactOptional(z.number()), costCentre: z.exactOptional(z.string()) },
      }),
    ),
    ...{ taxes: sharesSchema, net: money('In all'), vat: money('In all'), gross: money('In all') },
    currency: z.string(),
    refersTo: z.exactOptional(z.object({ number: z.string(), issuedOn: z.string() })),
    reason: z.exactOptional(z.string()),
  }),
  { id: 'Invoice', description: 'What was issued never changes' },
);

const address = { street: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' };
export const recipientExample = { name: 'Example GmbH', address, vatId: 'DE987654321' };
export const invoiceExample = {
  ...{ number: 'WS-2026-000123', kind: 'invoice', form: 'simplified', about: 'rsv-1c2k4sq00abcdefghijklmnopqrst' },
  issuer: { legalName: 'We Share GmbH', address, vatId: 'DE123456789' },
  ...{ issuedAt: '2026-11-21T08:53:05.000Z', issuedOn: '2026-11-21' },
  supply: { from: '2026-11-21', to: '2026-11-21' },
  lines: [
    { item: 'unlock', quantity: 1, price: 100, amount: 100, percent: 19 },
    { item: 'driving', quantity: 25, price: 29, amount: 725, percent: 19 },
  ],
  taxes: [{ percent: 19, net: 693, vat: 132, gross: 825 }],
  ...{ net: 693, vat: 132, gross: 825, currency: 'EUR' },
};

export function invoiceView(document: LedgerDocument) {
  const { number, kind, form, payable, issuer, recipient: to, issuedAt, issuedOn, currency } = document;
  const { supplyFrom, supplyTo, refersTo, reason, shares } = document;
  return {
    ...{ number, kind, form, about: payable, issuer, ...(to !== undefined && { recipient: to }) },
    ...{ issuedAt: isoTime(issuedAt), issuedOn, supply: { from: supplyFrom, to: supplyTo } },
    lines: document.lines.map(({ rate, ...line }) => ({ ...line, ...percentOf(rate) })),
    ...{ taxes: shares.map(shareView), ...totalOf(shares), currency },
    ...(refersTo !== undefined && { refersTo }),
    ...(reason !== undefined && { reason }),
  };
}

export function shareView({ rate, ...share }: TaxShare) {
  return { ...percentOf(rate), ...share };
}

function percentOf(rate: number | undefined) {
  return rate === undefined ? {} : { percent: rate / 100 };
}

export function invoiceReply(document: LedgerDocument, accept: string | undefined, status = 200): Reply {
  const wantsPage = accept?.includes('text/html') === true;
  return wantsPage
    ? { status, text: invoicePage(document), headers: pageHeaders }
    : { status, body: invoiceView(document) };
}
