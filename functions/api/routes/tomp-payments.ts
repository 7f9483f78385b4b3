import * as z from 'zod/mini';
import type { Instant } from '#shared/kernel/clock.ts';
import { type JournalEntry, monthOf } from '#shared/partners/account.ts';
import type { Span } from '#shared/partners/journal-service.ts';
import { packageOfReservation } from '#shared/partners/package-id.ts';
import { collectionLink, iso } from '#shared/partners/presented-package.ts';
import { baseUnits } from '#shared/partners/tomp/money.ts';
import { confirmPaymentRequest, type FinancialDetail, payments } from '#shared/partners/tomp/payment.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, cursorParameter, instantParameter, limitParameter } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  base,
  headersOf,
  monthText,
  packageReply,
  packageView,
  reference,
  scopes,
  shownAt,
  tag,
  tompExamples,
  tompPath,
} from './tomp-view.ts';

const { packageId } = tompExamples;

const listPayments = route({
  ...{ method: 'GET', path: `${base}/collections/payments/items`, operationId: 'tompListPayments', tag, scopes },
  summary: 'What the partner is charged',
  description:
    'The journal of the partner’s account with the operator of this city: each trip’s bill once, what was charged beside it (fines, damage, cleaning), and what was given back. By `month` (UTC; the present one where nothing is said) with its total, from `startTime` until `endTime`, or of one `package`.',
  pathSchema: tompPath,
  querySchema: z.strictObject({
    month: z.exactOptional(monthText),
    startTime: z.exactOptional(instantParameter('Entries from then on')),
    endTime: z.exactOptional(instantParameter('Entries before then')),
    package: z.exactOptional(reference('What this package was charged')),
    ...{ limit: limitParameter(100, 25), cursor: cursorParameter },
  }),
  ...{ headerSchema: noHeaders, body: noBody },
  replies: {
    200: {
      description: 'A page of the journal, in the order of time',
      schema: as(payments, { id: 'TompPayments' }),
      example: {
        type: 'FeatureCollection',
        features: [
          {
            ...{ type: 'Feature', id: `${packageId}-fare` },
            properties: {
              ...{ id: packageId, category: 'FARE', state: 'TO_INVOICE', amount: 9.7, currencyCode: 'EUR' },
              customFields: { at: '2026-11-21T09:12:00.000Z', package: packageId },
            },
          },
        ],
        properties: { type: 'paymentCollection', month: '2026-11', total: { amount: 9.7, currencyCode: 'EUR' } },
        ...{ numberReturned: 1, links: [] },
      },
    },
  },
  problems: ['system-not-found', 'package-not-found', 'bad-cursor', 'empty-range'],
  async handle({ path: { systemId }, query, caller }, { partnerDoor, packages, journal, clock }) {
    const counter = await partnerDoor.enter(caller, systemId);
    const { limit, cursor, package: wanted } = query;
    const { currency } = counter.system;
    if (wanted !== undefined) {
      const entries = await journal.ofPackage((await packages.require(caller, systemId, wanted)).pack);
      return { status: 200, headers: headersOf(), body: collectionOf(entries, currency) };
    }
    const named = inMonth(query, clock.now());
    const asked = ['tomp-payments', systemId, caller.clientId, named.month, named.startTime, named.endTime];
    const from = decodeCursor(asked, cursor);
    const found = await journal.list(caller, systemId, spanOf(named), { limit, ...(from !== undefined && { from }) });
    const { page, total } = found;
    const body = collectionOf(page.items, currency);
    const more = page.next === undefined ? undefined : { ...said(named), cursor: encodeCursor(asked, page.next) };
    return {
      ...{ status: 200, headers: headersOf() },
      body: {
        ...body,
        properties: {
          ...body.properties,
          ...(total !== undefined && {
            ...{ month: total.month, total: { amount: baseUnits(total.charged), currencyCode: currency } },
          }),
        },
        ...(total !== undefined && { numberMatched: total.entries }),
        links: more === undefined ? [] : [{ ...collectionLink(shownAt(counter), 'payments', more), rel: 'next' }],
      },
    };
  },
});

interface Asked {
  readonly month?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit: number;
}

/** What names no time means this month; its next page means the same one, whatever month it is by then. */
function inMonth(query: Asked, now: Instant): Asked {
  const isNamed = query.month !== undefined || query.startTime !== undefined || query.endTime !== undefined;
  return isNamed ? query : { ...query, month: monthOf(now) };
}

function spanOf({ month, startTime, endTime }: Asked): Span {
  if (month !== undefined) return { month };
  return { from: startTime ?? 0, to: endTime ?? Date.UTC(2200, 0) };
}

function said({ month, startTime, endTime, limit }: Asked): Record<string, string> {
  return {
    ...(month !== undefined && { month }),
    ...(startTime !== undefined && { startTime: iso(startTime) }),
    ...(endTime !== undefined && { endTime: iso(endTime) }),
    limit: String(limit),
  };
}

function collectionOf(entries: readonly JournalEntry[], currency: string) {
  const features = entries.map((entry) => {
    const { id, ...detail } = detailOf(entry, currency);
    return { type: 'Feature', id: `${id}-${entry.kind}${entry.id}`, properties: { id, ...detail } };
  });
  const properties = { type: 'paymentCollection' };
  return { type: 'FeatureCollection', features, properties, numberReturned: features.length, links: [] };
}

/** TOMP: the id of an entry is the leg's, which is the package's. */
function detailOf(entry: JournalEntry, currencyCode: string): FinancialDetail {
  const { reservationId, at, amount, charge } = entry;
  const leg = packageOfReservation(reservationId);
  return {
    ...{ id: leg, category: categoryOf(entry), state: 'TO_INVOICE' },
    ...(charge !== undefined && { comment: `${charge.kind}: ${charge.reason}` }),
    ...{ amount: baseUnits(amount), currencyCode, customFields: { at: iso(at), package: leg } },
  };
}

function categoryOf({ kind, charge }: JournalEntry): FinancialDetail['category'] {
  if (kind !== 'charge') return kind === 'fare' ? 'FARE' : 'REFUND';
  if (charge?.kind === 'fine') return 'FINE';
  return charge?.kind === 'damage-excess' ? 'DAMAGE' : 'OTHER';
}

const confirmPayment = route({
  ...{
    method: 'POST',
    path: `${base}/processes/confirm-payment/execution`,
    operationId: 'tompConfirmPayment',
    tag,
    scopes,
  },
  audit: 'package.settle',
  summary: 'Accept what a package costs',
  description:
    'Once its bill stands; the package is `SETTLED` then. `paymentId` is the `id` of the entries: that of the leg.',
  pathSchema: tompPath,
  ...{ querySchema: noQuery, headerSchema: noHeaders },
  body: {
    schema: as(confirmPaymentRequest, { id: 'TompPaymentConfirmation' }),
    mediaTypes: ['application/json'],
    examples: { leg: { inputs: { paymentId: packageId } } },
  },
  replies: { 200: { description: 'The package as it is now', schema: packageView, example: tompExamples.package } },
  problems: ['system-not-found', 'package-not-found', 'process-not-possible', 'package-not-charged'],
  async permit({ path: { systemId }, body, caller }, { packages }) {
    await packages.require(caller, systemId, body.inputs.paymentId);
  },
  async handle({ path: { systemId }, body, caller }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    return packageReply(await services.packages.settle(caller, systemId, body.inputs.paymentId), counter, services);
  },
});

export const tompPaymentRoutes: readonly SharingRoute[] = [listPayments, confirmPayment];
