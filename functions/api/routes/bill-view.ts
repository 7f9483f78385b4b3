import * as z from 'zod/mini';
import { lineKinds } from '#shared/sharing/ledger/ledger-line.ts';
import type { BillEntry, MonthBill } from '#shared/sharing/ledger/month-bill.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { money, sharesSchema, shareView } from './invoice-view.ts';

const partySchema = z.object({ name: z.string(), taxId: z.exactOptional(z.string()) });

const subjectSchema = z.object({
  kind: z.enum(['trip', 'charge']),
  ...{ systemId: z.exactOptional(z.string()), vehicleTypeId: z.exactOptional(z.string()) },
  ...{ startedAt: z.exactOptional(instant()), endedAt: z.exactOptional(instant()) },
  ...{ chargeKind: z.exactOptional(z.string()), reason: z.exactOptional(z.string()) },
});

const entrySchema = z.object({
  ...{ day: as(z.string(), { format: 'date' }), at: instant() },
  kind: as(z.enum(lineKinds), { description: '`billed`: asked for; `collected`: what was owed was paid' }),
  about: as(z.string(), { description: 'The reservation or the charge' }),
  subject: z.exactOptional(subjectSchema),
  supplier: as(partySchema, { description: 'Who rendered the service' }),
  provider: z.exactOptional(as(z.string(), { description: 'The partner’s feed, where the vehicle was theirs' })),
  invoice: as(
    z.object({ by: z.enum(['operator', 'partner', 'business', 'none']), number: z.exactOptional(z.string()) }),
    { description: 'Whose document there is for it; the operator’s without a number waits for something' },
  ),
  billTo: z.exactOptional(as(z.string(), { description: 'The business that pays' })),
  ...{ amount: money('With tax'), currency: z.string() },
  ...{ taken: z.exactOptional(money('Of `billed`: came at once')), owed: z.exactOptional(money('Did not')) },
  taxes: as(sharesSchema, { description: 'Of the operator’s own supplies; a partner’s tax stands in its invoice' }),
});

const totalsSchema = z.object({
  ...{ currency: z.string(), billed: money('Asked for'), partners: money('Of it for partners’ vehicles') },
  ...{ onAccount: money('Of it paid by businesses'), taken: money('Taken from me'), givenBack: money('Given back') },
  ...{ forgiven: money('Owed no more'), owedMore: money('Owed more than before the month; below zero: less') },
  owedNow: money('Owed by now, in all'),
  ...{ invoiced: sharesSchema, credited: sharesSchema },
});

export const billSchema = as(
  z.object({ month: z.string(), operator: partySchema, entries: z.array(entrySchema), totals: z.array(totalsSchema) }),
  { id: 'MonthBill', description: 'No invoice: those are the ones that it names. Minor units' },
);

const [own, nextwheel] = [
  { name: 'We Share GmbH', taxId: 'DE123456789' },
  { name: 'Nextwheel GmbH', taxId: 'DE987654321' },
];
const share = { percent: 19, net: 693, vat: 132, gross: 825 };
export const billExample = {
  ...{ month: '2026-11', operator: own },
  entries: [
    {
      ...{
        day: '2026-11-21',
        at: '2026-11-21T08:53:05.000Z',
        kind: 'billed',
        about: 'rsv-1c2k4sq00abcdefghijklmnopqrst',
      },
      subject: { kind: 'trip', systemId: 'we-share-berlin', vehicleTypeId: 'e-golf' },
      ...{ supplier: own, invoice: { by: 'operator', number: 'WS-2026-000123' } },
      ...{ amount: 825, currency: 'EUR', taken: 825, owed: 0, taxes: [share] },
    },
    {
      ...{
        day: '2026-11-22',
        at: '2026-11-22T17:20:44.000Z',
        kind: 'billed',
        about: 'rsv-1c2k7a300bcdefghijklmnopqrstu',
      },
      subject: { kind: 'trip', systemId: 'we-share-berlin', vehicleTypeId: 'scooter' },
      ...{ supplier: nextwheel, provider: 'nextwheel', invoice: { by: 'partner' } },
      ...{ amount: 340, currency: 'EUR', taken: 340, owed: 0, taxes: [] },
    },
  ],
  totals: [
    {
      ...{ currency: 'EUR', billed: 1_165, partners: 340, onAccount: 0, taken: 1_165, givenBack: 0, forgiven: 0 },
      ...{ owedMore: 0, owedNow: 0, invoiced: [share], credited: [] },
    },
  ],
};

export function billView({ month, provider, entries, totals }: MonthBill) {
  const sums = totals.map(({ invoiced, credited, ...figures }) => {
    return { ...figures, invoiced: invoiced.map(shareView), credited: credited.map(shareView) };
  });
  return { month, operator: provider, entries: entries.map(entryView), totals: sums };
}

function entryView({ line, supplier, invoice, about }: BillEntry) {
  const { day, at, kind, payable, amount, currency, captured, owed, onAccountOf } = line;
  const isAsked = kind === 'billed' && onAccountOf === undefined;
  return {
    ...{ day, at: isoTime(at), kind, about: payable, ...(about !== undefined && { subject: subjectView(about) }) },
    ...{ supplier, ...(line.supplier !== undefined && { provider: line.supplier.feedId }), invoice },
    ...(onAccountOf !== undefined && { billTo: onAccountOf }),
    ...{ amount, currency, ...(isAsked && { taken: captured ?? 0, owed: owed ?? 0 }) },
    taxes: invoice.by === 'operator' ? line.shares.map(shareView) : [],
  };
}

function subjectView(about: NonNullable<BillEntry['about']>) {
  if (about.kind === 'charge') return about;
  const { startedAt, endedAt, ...trip } = about;
  return {
    ...trip,
    ...(startedAt !== undefined && { startedAt: isoTime(startedAt) }),
    ...(endedAt !== undefined && { endedAt: isoTime(endedAt) }),
  };
}
