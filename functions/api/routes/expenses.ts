import * as z from 'zod/mini';
import { type Expense, expenseKinds } from '#shared/sharing/care/expense.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime, pageOf } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import { pageFor } from './care-pages.ts';
import { damageDecision, damageExample } from './damage-view.ts';
import { careIdText, photoExample, photoIdText, photoProblems, photoSchema, photoView, tag } from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';
import { operatorIdText, operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/expenses';
const expensePath = z.object({ operatorId: operatorIdText, expenseId: careIdText('expense', 'The expense') });
const scopes = ['manage_care'] as const;

const shape = {
  ...{ expenseId: z.string(), reservationId: z.string(), kind: z.enum(expenseKinds) },
  amount: as(z.int(), { description: 'Minor units of `currency`' }),
  ...{ currency: z.string(), reportedAt: instant() },
  status: as(z.enum(['reported', 'approved', 'declined']), {
    description: '`approved`: the operator pays it back by its own means',
  }),
  reason: z.exactOptional(z.string()),
};
const mySchema = as(z.object(shape), { id: 'MyExpense' });
const expenseSchema = as(z.object({ ...shape, vehicleId: z.string(), personId: z.string() }), { id: 'Expense' });
const { personId, reservationId } = damageExample.reporter;
const myExample = {
  ...{ expenseId: 'exp-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', reservationId, kind: 'charging', amount: 1_240 },
  ...{ currency: 'EUR', reportedAt: '2026-11-21T09:00:00.000Z', status: 'reported' },
} as const;
const example = { ...myExample, vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', personId };

const reportExpense = personRoute({
  ...{ method: 'POST', path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/expenses' },
  ...{ operationId: 'reportMyExpense', tag, audit: 'sharing-expense.report' },
  summary: 'Say that I paid for the vehicle with my own money',
  description:
    'With a photo of the receipt (`…/photos`, moment `receipt`), until a day after the end. A receipt is one expense: the same again is the same.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        ...{ kind: z.enum(expenseKinds), photoId: photoIdText },
        amount: as(z.int().check(z.gte(1), z.lte(1_000_000)), { description: 'Minor units of the city’s currency' }),
      }),
      { id: 'ExpenseReport' },
    ),
    mediaTypes: ['application/json'],
    examples: { charging: { kind: 'charging', amount: 1_240, photoId: photoExample.photoId } },
  },
  replies: { 201: { description: 'It is known', schema: mySchema, example: myExample } },
  problems: [
    ...(['reservation-not-found', 'report-too-late', 'system-not-found', 'receipt-reported'] as const),
    ...photoProblems.complete,
  ],
  async permit({ path: { operatorId, reservationId: use }, person }, { reservations }) {
    await reservations.require({ operatorId, personId: person.personId }, use);
  },
  async handle({ path: { operatorId, reservationId: use }, body, person, operation }, { expenses }) {
    const expense = await expenses.report({ operatorId, personId: person.personId }, use, body, operation);
    return { status: 201, body: myView(expense) };
  },
});

const listMine = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/expenses', operationId: 'listMyExpenses', tag },
  summary: 'What I paid for vehicles, and what came of it',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(mySchema), example: { items: [myExample] } } },
  problems: ['bad-cursor'],
  async handle({ path: { operatorId }, query, person }, { expenses }) {
    const mine = { operatorId, personId: person.personId };
    const list = (page: Parameters<typeof expenses.mine>[1]) => expenses.mine(mine, page);
    return { status: 200, body: await pageFor({ expensesOf: mine }, query, list, myView) };
  },
});

const listOpen = route({
  ...{ method: 'GET', path, operationId: 'listExpenses', tag, scopes },
  summary: 'Expenses that nobody has decided about, the newest first',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(expenseSchema), example: { items: [example] } } },
  problems: ['operator-not-found', 'bad-cursor'],
  async handle({ path: { operatorId }, query, caller }, { expenses }) {
    const list = (page: Parameters<typeof expenses.open>[2]) => expenses.open(caller, operatorId, page);
    return { status: 200, body: await pageFor({ expensesOf: operatorId }, query, list, expenseView) };
  },
});

const fileSchema = as(z.object({ expense: expenseSchema, receipt: z.exactOptional(photoSchema) }), {
  id: 'ExpenseFile',
});
const getExpense = route({
  ...{ method: 'GET', path: `${path}/{expenseId}`, operationId: 'getExpense', tag, scopes },
  summary: 'An expense with its receipt',
  pathSchema: expensePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'The expense',
      schema: fileSchema,
      example: { expense: example, receipt: { ...photoExample, moment: 'receipt' } },
    },
  },
  problems: ['operator-not-found', 'expense-not-found'],
  async handle({ path: { operatorId, expenseId }, caller }, { expenses }) {
    const { expense, receipt } = await expenses.file(caller, operatorId, expenseId);
    const seen = receipt === undefined ? {} : { receipt: photoView(receipt) };
    return { status: 200, body: { expense: expenseView(expense), ...seen } };
  },
});

const decideExpense = route({
  ...{ method: 'POST', path: `${path}/{expenseId}/decision`, operationId: 'decideExpense', tag, scopes },
  ...{ audit: 'sharing-expense.decide' },
  summary: 'Approve or decline an expense',
  description: 'Once said it stays so. What is approved the operator pays back by its own means.',
  pathSchema: expensePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ status: z.enum(['approved', 'declined']), reason: damageDecision.shape.reason }), {
      id: 'ExpenseDecision',
    }),
    mediaTypes: ['application/json'],
    examples: { approved: { status: 'approved', reason: 'The card was not taken there' } },
  },
  replies: { 200: { description: 'The expense, decided', schema: expenseSchema, example } },
  problems: ['operator-not-found', 'expense-not-found', 'expense-decided', 'contended'],
  async permit({ path: { operatorId, expenseId }, caller }, { expenses }) {
    await expenses.require(caller, operatorId, expenseId);
  },
  async handle({ path: { operatorId, expenseId }, body, caller }, { expenses }) {
    return { status: 200, body: expenseView(await expenses.decide(caller, operatorId, expenseId, body)) };
  },
});

function myView({ expenseId, reservationId: use, kind, amount, currency, reportedAt, state }: Expense) {
  const why = state.status === 'reported' ? {} : { reason: state.reason };
  const money = { amount, currency, reportedAt: isoTime(reportedAt) };
  return { expenseId, reservationId: use, kind, ...money, status: state.status, ...why };
}

function expenseView(expense: Expense) {
  return { ...myView(expense), vehicleId: expense.vehicleId, personId: expense.personId };
}

export const expenseRoutes: readonly SharingRoute[] = [
  ...[reportExpense, listMine, listOpen, getExpense, decideExpense],
];
