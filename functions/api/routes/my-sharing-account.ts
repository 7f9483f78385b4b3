import * as z from 'zod/mini';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { accountExample, accountSchema, accountView } from './driver-view.ts';
import { operatorPath, tag } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/account';
const reply = { description: 'My account', schema: accountSchema, example: accountExample };
const fresh = { ...{ operatorId: 'we-share', standing: 'unverified', paymentMethod: 'pm-5f2c' }, debt: 0, debts: [] };

const joinOperator = personRoute({
  ...{ method: 'POST', path, operationId: 'joinSharing', tag, audit: 'sharing-account.join' },
  summary: 'Open an account with an operator, or change how I pay',
  description: 'Before the first reservation the operator verifies my papers.',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        paymentMethod: as(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)), {
          description: 'How the payment provider calls it; never the number of a card',
        }),
      }),
      { id: 'SharingAccountOrder' },
    ),
    mediaTypes: ['application/json'],
    examples: { card: { paymentMethod: 'pm-5f2c' } },
  },
  replies: {
    201: { ...reply, description: 'My new account', example: fresh },
    200: { ...reply, description: 'My account, with the new payment method' },
  },
  problems: ['operator-not-found', 'person-erased'],
  async permit({ path: { operatorId }, person: { personId } }, { accounts }) {
    await accounts.require({ operatorId, personId });
  },
  async handle({ path: { operatorId }, body, person: { personId } }, { accounts, persons, clock }) {
    await persons.requireKept(personId);
    const { created, driver } = await accounts.join({ operatorId, personId }, body.paymentMethod);
    return { status: created ? 201 : 200, body: accountView(driver, clock.now()) };
  },
});

const getAccount = personRoute({
  ...{ method: 'GET', path, operationId: 'getMySharingAccount', tag },
  summary: 'My account with an operator',
  pathSchema: operatorPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['account-not-found'],
  async handle({ path: { operatorId }, person: { personId } }, { accounts, clock }) {
    return { status: 200, body: accountView(await accounts.require({ operatorId, personId }), clock.now()) };
  },
});

const leaveOperator = personRoute({
  ...{ method: 'DELETE', path, operationId: 'leaveSharing', tag, audit: 'sharing-account.leave' },
  summary: 'Close my account with an operator',
  description: 'Date of birth, licence and payment method are forgotten at once. Not with a vehicle, nor with a debt.',
  pathSchema: operatorPath,
  ...pathAlone,
  replies: {
    200: {
      ...reply,
      description: 'It is closed',
      example: { operatorId: 'we-share', standing: 'left', debt: 0, debts: [] },
    },
  },
  problems: ['account-not-found', 'already-holding', 'debt-open'],
  async handle({ path: { operatorId }, person: { personId } }, { accounts, clock }) {
    return { status: 200, body: accountView(await accounts.leave({ operatorId, personId }), clock.now()) };
  },
});

export const mySharingAccountRoutes: readonly SharingRoute[] = [joinOperator, getAccount, leaveOperator];
