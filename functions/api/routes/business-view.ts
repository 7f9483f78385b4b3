import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import {
  type AccountEntry,
  type Business,
  type BusinessMonth,
  type Member,
  monthGross,
} from '#shared/sharing/ledger/business.ts';
import { longestSlug, slugPattern } from '#shared/sharing/sharing-id.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { monthText } from './accounts.ts';
import { currencyText } from './charges.ts';
import { dayText } from './driver-view.ts';
import { money, recipientExample, recipientSchema } from './invoice-view.ts';
import { operatorIdText, systemIdText } from './sharing-setup-view.ts';

const businessIdText = as(z.string().check(z.regex(slugPattern), z.maxLength(longestSlug)), {
  description: 'A business that pays for what others drive',
});
const costCentreText = as(z.string().check(z.regex(/^[A-Za-z0-9._-]{1,32}$/)), {
  description: 'For whom it is, in the words of the business',
});
const personIdText = text<PersonId>(isPersonId, () => 'is no person id', {
  format: 'uuid',
  description: 'Opaque identifier of the person',
});

export const businessPath = z.object({ operatorId: operatorIdText, businessId: businessIdText });
export const memberPath = z.object({ ...businessPath.shape, personId: personIdText });
export const businessMonthPath = z.object({ ...businessPath.shape, month: monthText });

const content = {
  recipient: recipientSchema,
  systemId: as(systemIdText, { description: 'By whose clock, currency and tax its months go' }),
  costCentres: z.array(costCentreText).check(z.maxLength(200)),
  paymentMethod: z.exactOptional(
    as(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)), { description: 'How the payment provider calls it' }),
  ),
};
export const businessOrder = as(z.strictObject({ businessId: businessIdText, ...content }), { id: 'BusinessOrder' });
const { recipient, systemId, costCentres, paymentMethod } = content;
export const businessChanges = as(
  z.strictObject({
    ...{ recipient: z.exactOptional(recipient), systemId: z.exactOptional(systemId) },
    ...{ costCentres: z.exactOptional(costCentres), paymentMethod },
  }),
  { id: 'BusinessChanges' },
);
export const businessSchema = as(
  z.object({ operatorId: z.string(), businessId: z.string(), ...content, owed: money('Owed'), version: z.int() }),
  { id: 'Business' },
);

export const businessReceiptOrder = as(
  z.strictObject({
    receiptId: as(z.string().check(z.regex(/^[A-Za-z0-9_.:-]{1,64}$/)), { description: 'The bank’s reference' }),
    month: as(monthText, { description: 'Whose invoice it pays' }),
    ...{ amount: as(z.int().check(z.gte(1), z.lte(1_000_000_000)), { description: 'Minor units' }) },
    currency: currencyText,
    receivedOn: as(dayText, { description: 'From when the bank counts it, by the clock of the city' }),
  }),
  { id: 'BusinessReceipt' },
);

export const memberOrder = {
  costCentre: z.exactOptional(costCentreText),
  isAdmin: z._default(as(z.boolean(), { description: 'Sees what the business is asked for' }), false),
};
export const memberSchema = as(
  z.object({
    ...{ businessId: z.string(), personId: z.string(), memberId: z.string(), isAdmin: z.boolean() },
    status: z.enum(['invited', 'accepted', 'left']),
    ...{ costCentre: z.exactOptional(z.string()), since: instant() },
  }),
  { id: 'BusinessMember' },
);
export const invitationSchema = as(
  z.object({ code: as(z.string(), { description: 'Whoever brings it is a member; once' }), expiresAt: instant() }),
  { id: 'BusinessInvitation' },
);
export const entrySchema = as(
  z.object({
    ...{ day: z.string(), about: z.string(), kind: z.enum(['billed', 'collected', 'forgiven', 'refunded']) },
    member: z.exactOptional(as(z.string(), { description: '`memberId` of whose use it was' })),
    ...{ costCentre: z.exactOptional(z.string()), amount: money('Negative: given back'), currency: z.string() },
  }),
  { id: 'BusinessUse', description: 'What a use cost; where it was is not told' },
);

export const businessMonthSchema = as(
  z.object({
    ...{ month: z.string(), currency: z.string(), used: money('Billed, less what was given back') },
    carried: money('Taken over from former months, which owed the business'),
    amount: money('In all; below zero: what the business is owed'),
    status: as(z.enum(['open', 'invoiced', 'carried']), { description: '`open`: what comes late is added still' }),
    chargeId: z.exactOptional(z.string()),
    carriedTo: z.exactOptional(as(z.string(), { description: 'The month that took `amount` over' })),
  }),
  { id: 'BusinessMonth' },
);

const { businessId, ...rest } = {
  ...{ businessId: 'example', recipient: recipientExample, systemId: 'we-share-berlin' },
  ...{ costCentres: ['sales'], paymentMethod: 'pm-5f2c' },
};
export const businessOrderExample = { businessId, ...rest };
export const businessExample = { operatorId: 'we-share', businessId, ...rest, owed: 0, version: 1 };
export const memberExample = {
  ...{ businessId, personId: '3f1c2b5e-8a7d-4c09-9d51-2e6f70b1a4c8', memberId: 'k3vq7n2mzt5ahx6c', isAdmin: false },
  ...{ status: 'accepted', costCentre: 'sales', since: '2026-11-21T08:53:05.000Z' },
};
export const invitationExample = { code: 'k3vq7n2mzt5ahx6cwp4r', expiresAt: '2026-12-05T08:53:05.000Z' };
export const businessMonthExample = {
  ...{ month: '2026-12', currency: 'EUR', used: -2_000, carried: 0, amount: -2_000 },
  ...{ status: 'carried', carriedTo: '2027-01' },
};
export const entryExample = {
  ...{ day: '2026-11-21', about: 'rsv-1c2k4sq00abcdefghijklmnopqrst', kind: 'billed', member: 'k3vq7n2mzt5ahx6c' },
  ...{ costCentre: 'sales', amount: 825, currency: 'EUR' },
};

export function businessView({ debts, ...business }: Business) {
  return { ...business, owed: debts.reduce((sum, { amount }) => sum + amount, 0) };
}

export function businessMonthView(of: BusinessMonth, currency: string) {
  const { month, closed } = of;
  const amount = monthGross(of);
  const used = monthGross({ ...of, carried: {} });
  return { month, currency, used, carried: amount - used, amount, ...closingView(closed) };
}

function closingView(closed: BusinessMonth['closed']) {
  if (closed === undefined) return { status: 'open' };
  return 'chargeId' in closed ? { status: 'invoiced', ...closed } : { status: 'carried', ...closed };
}

export function memberView({ operatorId: _, version: __, since, ...member }: Member) {
  return { ...member, since: isoTime(since) };
}

export function entryView({ payable, gross, month: _, part: __, ...entry }: AccountEntry) {
  return { ...entry, about: payable, amount: gross };
}
