import * as z from 'zod/mini';
import { billPage } from '../bill-page.ts';
import { pageHeaders } from '../printed-page.ts';
import { noBody, noQuery } from '../route.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { monthText } from './accounts.ts';
import { billExample, billSchema, billView } from './bill-view.ts';
import { pageOrJson, tag } from './invoice-view.ts';
import { operatorIdText } from './sharing-setup-view.ts';

const getMyBill = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/bills/{month}', operationId: 'getMyBill', tag },
  summary: 'My bill of a month',
  description:
    'Everything that I was charged in the month, paid and was given back: the operator’s vehicles, partners’, charges, and what a business paid for. As JSON, or as a page to print. It names the invoices and is none. What is not settled yet is not in it.',
  pathSchema: z.object({ operatorId: operatorIdText, month: monthText }),
  querySchema: noQuery,
  headerSchema: pageOrJson,
  body: noBody,
  replies: {
    200: {
      ...{ description: 'The bill', schema: billSchema, example: billExample },
      text: { mediaType: 'text/html', example: '<!doctype html>…' },
    },
  },
  problems: ['operator-not-found'],
  async handle({ path: { operatorId, month }, headers: { accept }, person: { personId } }, { bills }) {
    const bill = await bills.month({ operatorId, personId }, month);
    if (accept?.includes('text/html') === true) return { status: 200, text: billPage(bill), headers: pageHeaders };
    return { status: 200, body: billView(bill) };
  },
});

export const myBillRoutes: readonly SharingRoute[] = [getMyBill];
