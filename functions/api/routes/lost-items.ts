import * as z from 'zod/mini';
import { itemKinds, itemStatuses, type LostItem } from '#shared/sharing/care/lost-item.ts';
import type { ItemFile } from '#shared/sharing/care/lost-service.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, instantParameter, isoTime, pageOf, vehicleIdText } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import { pageFor } from './care-pages.ts';
import { careText, damageExample } from './damage-view.ts';
import { careIdText, tag } from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';
import { operatorIdText, operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/lost-items';
const itemId = careIdText('item', 'The lost or found item');
const itemPath = z.object({ operatorId: operatorIdText, itemId });
const scopes = ['manage_care'] as const;

const statusMeta = { description: '`matched`: it is there, and waits at `pickUp`' };
const shape = {
  ...{ itemId: z.string(), kind: z.enum(itemKinds), text: z.string(), reportedAt: instant() },
  status: as(z.enum(itemStatuses), statusMeta),
  pickUp: z.exactOptional(as(z.string(), { description: 'Where and when it can be fetched' })),
};
const mySchema = as(z.object({ ...shape, reservationId: z.exactOptional(z.string()) }), { id: 'MyLostItem' });
const itemSchema = as(
  z.object({
    ...{ ...shape, side: z.enum(['lost', 'found']), vehicleId: z.string(), systemId: z.string() },
    ...{ from: instant('From then on it may have been left there, or it was found then'), to: instant() },
    loser: z.exactOptional(z.object({ personId: z.string(), reservationId: z.string() })),
    with: z.exactOptional(z.string()),
  }),
  { id: 'LostItem' },
);
const { personId, reservationId } = damageExample.reporter;
const base = {
  ...{ itemId: 'itm-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', kind: 'phone', text: 'Black, in a red sleeve' },
  ...{ reportedAt: '2026-11-21T10:00:00.000Z', status: 'lost' },
} as const;
const myExample = { ...base, reservationId };
const example = {
  ...{ ...base, side: 'lost', vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', systemId: 'we-share-berlin' },
  ...{ from: '2026-11-21T08:28:10.000Z', to: '2026-11-21T08:53:02.000Z', loser: { personId, reservationId } },
} as const;
const content = { kind: z.enum(itemKinds), text: careText };

const reportLost = personRoute({
  ...{ method: 'POST', path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/lost-items' },
  ...{ operationId: 'reportLostItem', tag, audit: 'sharing-item.lose' },
  summary: 'Say that I left something in the vehicle',
  description: 'Within sixty days of the trip. Who finds it does not learn of me, nor I of them.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject(content), { id: 'LostItemReport' }),
    mediaTypes: ['application/json'],
    examples: { phone: { kind: 'phone', text: 'Black, in a red sleeve' } },
  },
  replies: { 201: { description: 'It is known', schema: mySchema, example: myExample } },
  problems: ['reservation-not-found', 'report-too-late'],
  async permit({ path: { operatorId, reservationId: use }, person }, { reservations }) {
    await reservations.require({ operatorId, personId: person.personId }, use);
  },
  async handle({ path: { operatorId, reservationId: use }, body, person, operation }, { lostItems }) {
    const item = await lostItems.reportLost({ operatorId, personId: person.personId }, use, body, operation);
    return { status: 201, body: myView(item) };
  },
});

const listMine = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/lost-items', operationId: 'listMyLostItems', tag },
  summary: 'What I have lost, and where it can be fetched',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(mySchema), example: { items: [myExample] } } },
  problems: ['bad-cursor'],
  async handle({ path: { operatorId }, query, person }, { lostItems }) {
    const mine = { operatorId, personId: person.personId };
    const list = (page: Parameters<typeof lostItems.mine>[1]) => lostItems.mine(mine, page);
    return { status: 200, body: await pageFor({ lostItemsOf: mine }, query, list, myView) };
  },
});

const reportFound = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/found-items', operationId: 'reportFoundItem' },
  ...{ tag, scopes: ['manage_care', 'work_in_field'], audit: 'sharing-item.find' },
  summary: 'Put down what was found in a vehicle',
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ ...content, at: instantParameter('When it was found') }), { id: 'FoundItemReport' }),
    mediaTypes: ['application/json'],
    examples: { phone: { kind: 'phone', text: 'Black, red sleeve, on the rear seat', at: '2026-11-21T12:00:00Z' } },
  },
  replies: {
    201: { description: 'It is known', schema: itemSchema, example: { ...example, side: 'found', status: 'found' } },
  },
  problems: ['shared-vehicle-not-found'],
  async permit({ path: { vehicleId }, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller, operation }, { lostItems }) {
    return { status: 201, body: itemView(await lostItems.reportFound(caller, vehicleId, body, operation)) };
  },
});

const listOpen = route({
  ...{ method: 'GET', path, operationId: 'listLostItems', tag, scopes },
  summary: 'What was lost and found, and is with nobody yet; the newest first',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(itemSchema), example: { items: [example] } } },
  problems: ['operator-not-found', 'bad-cursor'],
  async handle({ path: { operatorId }, query, caller }, { lostItems }) {
    const list = (page: Parameters<typeof lostItems.open>[2]) => lostItems.open(caller, operatorId, page);
    return { status: 200, body: await pageFor({ lostItemsOf: operatorId }, query, list, itemView) };
  },
});

const fileSchema = as(z.object({ item: itemSchema, suggestions: z.array(itemSchema) }), { id: 'LostItemFile' });
const getItem = route({
  ...{ method: 'GET', path: `${path}/{itemId}`, operationId: 'getLostItem', tag, scopes },
  summary: 'A lost or found item, and what it may be the other half of',
  description: 'By vehicle and time; the same kind first.',
  pathSchema: itemPath,
  ...pathAlone,
  replies: { 200: { description: 'The item', schema: fileSchema, example: { item: example, suggestions: [] } } },
  problems: ['operator-not-found', 'lost-item-not-found'],
  async handle({ path: { operatorId, itemId: id }, caller }, { lostItems }) {
    return { status: 200, body: fileView(await lostItems.file(caller, operatorId, id)) };
  },
});

const stepItem = route({
  ...{ method: 'POST', path: `${path}/{itemId}/step`, operationId: 'stepLostItem', tag, scopes },
  ...{ audit: 'sharing-item.step' },
  summary: 'Match, give back, or dispose of an item',
  description: 'A match is of both halves, and so is giving back. `pickUp` is told to who lost it.',
  pathSchema: itemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        to: z.enum(['matched', 'returned', 'disposed']),
        with: z.exactOptional(itemId),
        pickUp: z.exactOptional(careText),
      }),
      { id: 'LostItemStep' },
    ),
    mediaTypes: ['application/json'],
    examples: { match: { to: 'matched', with: base.itemId, pickUp: 'Our office, Monday to Friday, 9 to 17' } },
  },
  replies: { 200: { description: 'The item', schema: itemSchema, example } },
  problems: [
    ...(['operator-not-found', 'lost-item-not-found', 'lost-item-step-impossible', 'lost-items-do-not-fit'] as const),
    'contended',
  ],
  async permit({ path: { operatorId, itemId: id }, caller }, { lostItems }) {
    await lostItems.require(caller, operatorId, id);
  },
  async handle({ path: { operatorId, itemId: id }, body, caller }, { lostItems }) {
    return { status: 200, body: itemView(await lostItems.step(caller, operatorId, id, body)) };
  },
});

function partOf({ itemId: id, kind, text, reportedAt, state }: LostItem) {
  const waits = state.status === 'matched' && state.pickUp !== '' ? { pickUp: state.pickUp } : {};
  return { itemId: id, kind, text, reportedAt: isoTime(reportedAt), status: state.status, ...waits };
}

function myView(item: LostItem) {
  return { ...partOf(item), ...(item.loser !== undefined && { reservationId: item.loser.reservationId }) };
}

function itemView(item: LostItem) {
  const { side, vehicleId, systemId, from, to, loser, state } = item;
  return {
    ...{ ...partOf(item), side, vehicleId, systemId, from: isoTime(from), to: isoTime(to) },
    ...(loser !== undefined && { loser }),
    ...(state.status === 'matched' && { with: state.with }),
  };
}

function fileView({ item, suggestions }: ItemFile) {
  return { item: itemView(item), suggestions: suggestions.map(itemView) };
}

export const lostItemRoutes: readonly SharingRoute[] = [
  ...[reportLost, listMine, reportFound, listOpen, getItem, stepItem],
];
