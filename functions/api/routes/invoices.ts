import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import {
  invoiceExample,
  invoicePath,
  invoiceReply,
  invoiceSchema,
  invoiceView,
  pageOrJson,
  recipientExample,
  recipientSchema,
  tag,
} from './invoice-view.ts';
import { reservationPath } from './reservation-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';

const reply = { description: 'The document', schema: invoiceSchema, example: invoiceExample };
const pageReply = { ...reply, text: { mediaType: 'text/html', example: '<!doctype html>…' } };
const mine = '/v1/me/sharing/{operatorId}';

const listMyInvoices = personRoute({
  ...{ method: 'GET', path: `${mine}/invoices`, operationId: 'listMyInvoices', tag },
  summary: 'My invoices and credit notes of an operator',
  description: 'The newest first.',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(invoiceSchema), example: { items: [invoiceExample] } } },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor }, person: { personId } }, { invoices }) {
    const query = { myInvoices: operatorId, personId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await invoices.list({ operatorId, personId }, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(invoiceView), ...nextCursor } };
  },
});

const getMyInvoice = personRoute({
  ...{ method: 'GET', path: `${mine}/invoices/{number}`, operationId: 'getMyInvoice', tag },
  summary: 'One of my invoices or credit notes',
  description: 'As JSON, or as a page to print.',
  pathSchema: invoicePath,
  querySchema: noQuery,
  headerSchema: pageOrJson,
  body: noBody,
  replies: { 200: pageReply },
  problems: ['invoice-not-found'],
  async handle({ path: { operatorId, number }, headers: { accept }, person: { personId } }, { invoices }) {
    return invoiceReply(await invoices.requireMine({ operatorId, personId }, number), accept);
  },
});

const askForInvoice = personRoute({
  ...{ method: 'POST', path: `${mine}/trips/{reservationId}/invoice`, operationId: 'askForMyInvoice', tag },
  ...{ audit: 'invoice.ask' },
  summary: 'The invoice of one of my trips',
  description:
    'It is issued by itself when the trip is settled; where it waited for something it is issued now. However often it is asked for, it is the same.',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: [
    ...(['trip-not-found', 'invoicing-not-set-up', 'invoice-recipient-missing', 'nothing-to-invoice'] as const),
    ...(['contended', 'payment-unavailable'] as const),
  ],
  async permit() {},
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { invoices }) {
    return { status: 200, body: invoiceView(await invoices.ofTrip({ operatorId, personId }, reservationId)) };
  },
});

const sayRecipient = personRoute({
  ...{ method: 'POST', path: `${mine}/invoice-recipient`, operationId: 'sayMyInvoiceRecipient', tag },
  ...{ audit: 'invoice-recipient.say' },
  summary: 'Say to whom my invoices are made out',
  description:
    'Needed for a full invoice, which one above 250 EUR has to be. For those that are issued from now on; it is erased with me, those that were issued are kept as the law wants it.',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: recipientSchema, mediaTypes: ['application/json'], examples: { company: recipientExample } },
  replies: { 200: { description: 'As it is now', schema: recipientSchema, example: recipientExample } },
  problems: ['operator-not-found', 'person-erased'],
  async permit() {},
  async handle({ path: { operatorId }, body, person: { personId } }, { invoices, persons }) {
    await persons.requireKept(personId);
    return { status: 200, body: await invoices.sayRecipient({ operatorId, personId }, body) };
  },
});

const getInvoice = route({
  ...{ method: 'GET', path: '/v1/sharing/operators/{operatorId}/invoices/{number}', operationId: 'getInvoice', tag },
  summary: 'An invoice or credit note of the operator',
  description: 'As JSON, or as a page to print.',
  scopes: ['read_accounts', 'manage_care'],
  pathSchema: invoicePath,
  querySchema: noQuery,
  headerSchema: pageOrJson,
  body: noBody,
  replies: { 200: pageReply },
  problems: ['operator-not-found', 'invoice-not-found'],
  async handle({ path: { operatorId, number }, headers: { accept }, caller }, { invoices }) {
    return invoiceReply(await invoices.require(caller, operatorId, number), accept);
  },
});

export const invoiceRoutes: readonly SharingRoute[] = [
  ...[listMyInvoices, getMyInvoice, askForInvoice, sayRecipient, getInvoice],
];
