import * as z from 'zod/mini';
import { requireEveryBrand } from '#shared/access/caller.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  operatorChanges,
  operatorOrder,
  operatorPath,
  operatorView,
  pageQuery,
  setupExamples,
  systemView,
  tag,
} from './sharing-setup-view.ts';

const example = { ...setupExamples.operator, version: 1 };

const createOperator = route({
  ...{ method: 'POST', path: '/v1/sharing/operators', operationId: 'createSharingOperator', tag },
  summary: 'Let somebody run sharing services here',
  description:
    '`clientIds` are the machine clients that act for it. For clients that act for every brand. The very same again changes nothing.',
  scopes: ['manage_sharing'],
  audit: 'sharing-operator.create',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: operatorOrder, mediaTypes: ['application/json'], examples: { operator: setupExamples.operator } },
  replies: {
    200: { description: 'It was there, with the same data', schema: operatorView, example },
    201: { description: 'Created', schema: operatorView, example },
  },
  problems: ['every-brand-needed', 'operator-known-otherwise', 'operator-not-found'],
  async permit({ caller }, { brands }) {
    requireEveryBrand(caller, brands);
  },
  async handle({ body: { operatorId, ...content }, caller }, { operators }) {
    const { created, operator } = await operators.create(caller, operatorId, content);
    return { status: created ? 201 : 200, body: operator };
  },
});

const listOperators = route({
  ...{ method: 'GET', path: '/v1/sharing/operators', operationId: 'listSharingOperators', tag },
  summary: 'The operators that the client acts for',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: z.object({}),
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of them', schema: pageOf(operatorView), example: { items: [example] } } },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor }, caller }, { operators }) {
    const query = { operators: true };
    const from = decodeCursor(query, cursor);
    const { items, next } = await operators.list(caller, { limit, ...(from !== undefined && { from }) });
    return { status: 200, body: { items, ...(next !== undefined && { nextCursor: encodeCursor(query, next) }) } };
  },
});

const getOperator = route({
  ...{ method: 'GET', path: '/v1/sharing/operators/{operatorId}', operationId: 'getSharingOperator', tag },
  summary: 'Who runs a sharing service',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: operatorPath,
  ...pathAlone,
  replies: { 200: { description: 'The operator', schema: operatorView, example } },
  problems: ['operator-not-found'],
  async handle({ path, caller }, { sharingDoor }) {
    return { status: 200, body: await sharingDoor.operator(caller, path.operatorId) };
  },
});

const changeOperator = route({
  ...{ method: 'PATCH', path: '/v1/sharing/operators/{operatorId}', operationId: 'changeSharingOperator', tag },
  summary: 'Change how an operator is reached, or which clients act for it',
  scopes: ['manage_sharing'],
  audit: 'sharing-operator.change',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: operatorChanges,
    mediaTypes: ['application/json'],
    examples: { phone: { phone: '+4930654321' } },
  },
  replies: { 200: { description: 'The operator as it is now', schema: operatorView, example } },
  problems: ['operator-not-found', 'every-brand-needed'],
  async handle({ path, body, caller }, { operators }) {
    return { status: 200, body: await operators.change(caller, path.operatorId, body) };
  },
});

const listSystems = route({
  ...{ method: 'GET', path: '/v1/sharing/operators/{operatorId}/systems', operationId: 'listSharingSystems', tag },
  summary: 'The cities of an operator',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of them',
      schema: pageOf(systemView),
      example: { items: [{ ...setupExamples.system, version: 1 }] },
    },
  },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor }, caller }, { systems }) {
    const query = { systemsOf: operatorId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await systems.list(caller, operatorId, { limit, ...(from !== undefined && { from }) });
    return { status: 200, body: { items, ...(next !== undefined && { nextCursor: encodeCursor(query, next) }) } };
  },
});

export const sharingOperatorRoutes: readonly SharingRoute[] = [
  createOperator,
  listOperators,
  getOperator,
  changeOperator,
  listSystems,
];
