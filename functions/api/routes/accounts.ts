import * as z from 'zod/mini';
import { type Sums, sumColumns, sumOf, supplierFigures, taxesOf } from '#shared/sharing/ledger/day-sums.ts';
import { type LedgerLine, lineKinds } from '#shared/sharing/ledger/ledger-line.ts';
import type { MonthAccount } from '#shared/sharing/ledger/month-account.ts';
import { accountCsv } from '../account-csv.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, instant, isoTime, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { money, sharesSchema, shareView, tag } from './invoice-view.ts';
import { operatorIdText, pageQuery } from './sharing-setup-view.ts';

export const monthText = as(z.string().check(z.regex(/^20\d\d-(0[1-9]|1[0-2])$/)), {
  description: 'A month by the clock of the city',
  examples: ['2026-11'],
});
const path = z.object({ operatorId: operatorIdText, month: monthText });

const figures = Object.fromEntries(sumColumns.map((column) => [column, z.int()]));
const sumsSchema = z.object({ ...figures, invoiced: sharesSchema, credited: sharesSchema });
const partnerSchema = z.object({
  ...{ systemId: z.string(), feedId: z.string() },
  ...Object.fromEntries(supplierFigures.map((figure) => [figure, z.int()])),
  toPassOn: money('`taken` less `givenBack`'),
});
const monthSchema = as(
  z.object({
    month: z.string(),
    recounted: as(z.boolean(), {
      description: 'Whether the sums were held against the lines, as they are up to some thousand of them',
    }),
    currencies: z.array(
      z.object({
        currency: z.string(),
        total: sumsSchema,
        partners: as(z.array(partnerSchema), {
          description:
            'Whose vehicles were used beside the operator’s own. What was taken for them is theirs, and no revenue',
        }),
        days: z.array(z.object({ day: z.string(), ...sumsSchema.shape })),
        differences: as(
          z.array(z.object({ says: z.string(), day: z.exactOptional(z.string()), one: z.int(), other: z.int() })),
          { description: 'What does not agree with what; empty' },
        ),
      }),
    ),
  }),
  { id: 'AccountantsMonth', description: 'Minor units. What each figure is: docs/accounts.md' },
);

const zeros = Object.fromEntries(sumColumns.map((column) => [column, 0]));
const sumsExample = {
  ...{ ...zeros, trips: 2, billed: 1_650, captured: 1_650, refunded: 400, invoices: 2, creditNotes: 1 },
  invoiced: [{ percent: 19, net: 1_387, vat: 263, gross: 1_650 }],
  credited: [{ percent: 19, net: 336, vat: 64, gross: 400 }],
};
const example = {
  ...{ month: '2026-11', recounted: true },
  currencies: [
    {
      ...{ currency: 'EUR', total: sumsExample, partners: [], days: [{ day: '2026-11-21', ...sumsExample }] },
      differences: [],
    },
  ],
};

const getMonth = route({
  ...{ method: 'GET', path: '/v1/sharing/operators/{operatorId}/accounts/{month}', operationId: 'getAccountsOfMonth' },
  ...{ tag, scopes: ['read_accounts'] },
  summary: 'What a month came to',
  description: 'Day by day and in all. With `Accept: text/csv` as a table, a row a day and currency.',
  pathSchema: path,
  querySchema: noQuery,
  headerSchema: z.object({
    accept: z.exactOptional(as(z.string().check(z.maxLength(1000)), { description: '`text/csv`: a table' })),
  }),
  body: noBody,
  replies: {
    200: {
      ...{ description: 'The month', schema: monthSchema, example },
      text: { mediaType: 'text/csv', example: 'day,currency,trips,charges,…' },
    },
  },
  problems: ['operator-not-found'],
  async handle({ path: { operatorId, month }, headers: { accept }, caller }, { accountMonths }) {
    const { currencies, isRecounted } = await accountMonths.account(caller, operatorId, month);
    if (accept?.includes('text/csv') === true) {
      const headers = { 'content-type': 'text/csv; charset=utf-8', 'x-content-type-options': 'nosniff' };
      return { status: 200, text: accountCsv(currencies), headers };
    }
    return { status: 200, body: { month, recounted: isRecounted, currencies: currencies.map(currencyView) } };
  },
});

const supplierSchema = as(
  z.object({
    ...{ systemId: z.string(), feedId: z.string(), name: z.string(), taxId: z.exactOptional(z.string()) },
  }),
  { description: 'Whose vehicle it was: theirs are invoice and tax' },
);
const lineSchema = as(
  z.object({
    ...{ day: z.string(), at: instant(), kind: z.enum(lineKinds), what: z.string(), about: z.string() },
    ...{ amount: money('Moved'), currency: z.string(), taxes: sharesSchema },
    ...{ captured: z.exactOptional(money('Came at once')), owed: z.exactOptional(money('Did not')) },
    document: z.exactOptional(as(z.string(), { description: 'Number of the invoice or credit note' })),
    ...{ onAccountOf: z.exactOptional(z.string()), supplier: z.exactOptional(supplierSchema) },
    transfer: z.exactOptional(as(z.string(), { description: 'The bank’s reference of what came by transfer' })),
    partnerPays: z.exactOptional(as(z.literal(true), { description: 'Stands in the journal of a partner' })),
  }),
  { id: 'LedgerLine' },
);
const lineExample = {
  ...{ day: '2026-11-21', at: '2026-11-21T08:53:05.000Z', kind: 'billed', what: 'trip' },
  ...{ about: 'rsv-1c2k4sq00abcdefghijklmnopqrst', amount: 825, currency: 'EUR', captured: 825, owed: 0 },
  ...{ taxes: [{ percent: 19, net: 693, vat: 132, gross: 825 }], document: 'WS-2026-000123' },
};

const listLines = route({
  method: 'GET',
  path: '/v1/sharing/operators/{operatorId}/accounts/{month}/lines',
  ...{ operationId: 'listAccountLines', tag, scopes: ['read_accounts'] },
  summary: 'What a month is made of, line by line',
  description: 'By day. Whose trips they were is not in it.',
  pathSchema: path,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(lineSchema), example: { items: [lineExample] } } },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId, month }, query: { limit, cursor }, caller }, { accountMonths }) {
    const query = { linesOf: operatorId, month };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await accountMonths.lines(caller, operatorId, month, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(lineView), ...nextCursor } };
  },
});

function currencyView({ currency, total, suppliers, days, differences }: MonthAccount) {
  const byDay = days.map(({ day, sums }) => ({ day, ...sumsView(sums) }));
  const partners = suppliers.map(({ supplier, sums, toPassOn }) => {
    const [systemId, feedId] = supplier.split('/');
    return { systemId, feedId, ...sums, toPassOn };
  });
  return { currency, total: sumsView(total), partners, days: byDay, differences };
}

function sumsView(sums: Sums) {
  return {
    ...Object.fromEntries(sumColumns.map((column) => [column, sumOf(sums, column)])),
    invoiced: taxesOf(sums, 'invoiced').map(shareView),
    credited: taxesOf(sums, 'credited').map(shareView),
  };
}

function lineView({ shares, payable, at, operatorId: _, part: __, ...line }: LedgerLine) {
  return { ...line, at: isoTime(at), about: payable, taxes: shares.map(shareView) };
}

export const accountRoutes: readonly SharingRoute[] = [getMonth, listLines];
