import * as z from 'zod/mini';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { pageFor } from './care-pages.ts';
import {
  damageDecision,
  damageExample,
  damageFileExample,
  damageFileSchema,
  damageFileView,
  damageIdText,
  damageOrderExample,
  damageSchema,
  damageView,
  staffDamageOrder,
} from './damage-view.ts';
import {
  damagePhotoOrder,
  orderedPhotoExample,
  orderedPhotoSchema,
  orderedPhotoView,
  photoExample,
  photoIdText,
  photoOrderExample,
  photoProblems,
  photoSchema,
  photoView,
  tag,
} from './photo-view.ts';
import { reservationIdText } from './reservation-view.ts';
import { operatorIdText, operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/damages';
const vehiclePath = z.object({ vehicleId: vehicleIdText });
const damagePath = z.object({ operatorId: operatorIdText, damageId: damageIdText });
const scopes = ['manage_care'] as const;
const reply = { description: 'The damage', schema: damageSchema, example: damageExample };
const pages = { schema: pageOf(damageSchema), example: { items: [damageExample] } };
const { photoIds: _, ...orderExample } = damageOrderExample;

const reportDamage = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/damages', operationId: 'reportDamage', tag, scopes },
  ...{ audit: 'sharing-damage.note' },
  summary: 'Put down damage that staff has found',
  pathSchema: vehiclePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: staffDamageOrder, mediaTypes: ['application/json'], examples: { scratch: orderExample } },
  replies: { 201: reply },
  problems: ['shared-vehicle-not-found'],
  async permit({ path: { vehicleId }, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller, operation }, { damages }) {
    const content = { ...body, photoIds: [] };
    return { status: 201, body: damageView(await damages.reportByStaff(caller, vehicleId, content, operation)) };
  },
});

const listDamagesOfVehicle = route({
  ...{ method: 'GET', path: '/v1/sharing/vehicles/{vehicleId}/damages', operationId: 'listDamages', tag, scopes },
  summary: 'What was ever reported of a vehicle, the newest first',
  pathSchema: vehiclePath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { ...pages, description: 'A page of damages' } },
  problems: ['shared-vehicle-not-found', 'bad-cursor'],
  async handle({ path: { vehicleId }, query, caller }, { damages }) {
    const list = (page: Parameters<typeof damages.ofVehicle>[2]) => damages.ofVehicle(caller, vehicleId, page);
    return { status: 200, body: await pageFor({ damagesOf: vehicleId }, query, list, damageView) };
  },
});

const listOpenDamages = route({
  ...{ method: 'GET', path, operationId: 'listOpenDamages', tag, scopes },
  summary: 'Damages that nobody has decided about, or whose charge broke off, the newest first',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { ...pages, description: 'A page of damages' } },
  problems: ['operator-not-found', 'bad-cursor'],
  async handle({ path: { operatorId }, query, caller }, { damages }) {
    const list = (page: Parameters<typeof damages.open>[2]) => damages.open(caller, operatorId, page);
    return { status: 200, body: await pageFor({ openDamagesOf: operatorId }, query, list, damageView) };
  },
});

const getDamage = route({
  ...{ method: 'GET', path: `${path}/{damageId}`, operationId: 'getDamage', tag, scopes },
  summary: 'A damage, with who had the vehicle before, and their photos of start and end',
  description: 'Photos are links that open for whoever has them, for five minutes.',
  pathSchema: damagePath,
  ...pathAlone,
  replies: {
    200: { description: 'All that there is to decide by', schema: damageFileSchema, example: damageFileExample },
  },
  problems: ['operator-not-found', 'damage-not-found'],
  async handle({ path: { operatorId, damageId }, caller }, { damages }) {
    return { status: 200, body: damageFileView(await damages.file(caller, operatorId, damageId)) };
  },
});

const decideDamage = route({
  ...{ method: 'POST', path: `${path}/{damageId}/decision`, operationId: 'decideDamage', tag, scopes },
  ...{ audit: 'sharing-damage.decide' },
  summary: 'Say what comes of a damage',
  description:
    'Once said it stays so; the same again changes nothing, but completes a charge that broke off (`charge.open`). `driver-liable` charges the excess, or less, to whoever had the vehicle under `reservationId`. `repaired` may be said at any time, and is shown to nobody any more.',
  pathSchema: damagePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ ...damageDecision.shape, reservationId: z.exactOptional(reservationIdText) }),
    mediaTypes: ['application/json'],
    examples: {
      liable: {
        ...{ outcome: 'driver-liable', reason: 'Clean at the start, scratched at the end' },
        ...{ reservationId: damageExample.reporter.reservationId, amount: 50_000 },
      },
    },
  },
  replies: { 200: { ...reply, description: 'The damage, decided' } },
  problems: [
    ...(['operator-not-found', 'damage-not-found', 'damage-decided', 'liability-incomplete', 'use-unknown'] as const),
    ...(['damage-excess-unknown', 'damage-excess-exceeded', 'account-not-found', 'contended'] as const),
  ],
  async permit({ path: { operatorId, damageId }, caller }, { damages }) {
    await damages.require(caller, operatorId, damageId);
  },
  async handle({ path: { operatorId, damageId }, body, caller }, { damages }) {
    return { status: 200, body: damageView(await damages.judge(caller, operatorId, damageId, body)) };
  },
});

const orderDamagePhoto = route({
  ...{ method: 'POST', path: `${path}/{damageId}/photos`, operationId: 'orderDamagePhoto', tag, scopes },
  ...{ audit: 'sharing-damage.photograph' },
  summary: 'Send a photo of damage that staff has reported',
  pathSchema: damagePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: damagePhotoOrder, mediaTypes: ['application/json'], examples: { scratch: photoOrderExample } },
  replies: { 201: { description: 'Where to send it', schema: orderedPhotoSchema, example: orderedPhotoExample } },
  problems: ['operator-not-found', 'damage-not-found', ...photoProblems.order],
  async permit({ path: { operatorId, damageId }, caller }, { damages }) {
    await damages.require(caller, operatorId, damageId);
  },
  async handle({ path: { operatorId, damageId }, body, caller, operation }, { photoDesk }) {
    const photo = await photoDesk.order(caller, operatorId, damageId, body, operation);
    return { status: 201, body: orderedPhotoView(photo) };
  },
});

const completeDamagePhoto = route({
  ...{ method: 'POST', path: `${path}/{damageId}/photos/{photoId}/complete`, operationId: 'completeDamagePhoto' },
  ...{ tag, scopes, audit: 'sharing-damage.complete' },
  summary: 'Say that a photo of damage has been sent',
  pathSchema: z.object({ ...damagePath.shape, photoId: photoIdText }),
  ...pathAlone,
  replies: { 200: { description: 'The photo, which is there', schema: photoSchema, example: photoExample } },
  problems: ['operator-not-found', 'damage-not-found', ...photoProblems.complete],
  async permit({ path: { operatorId, damageId }, caller }, { damages }) {
    await damages.require(caller, operatorId, damageId);
  },
  async handle({ path: { operatorId, damageId, photoId }, caller }, { photoDesk }) {
    return { status: 200, body: photoView(await photoDesk.complete(caller, operatorId, damageId, photoId)) };
  },
});

export const careDamageRoutes: readonly SharingRoute[] = [
  ...[reportDamage, listDamagesOfVehicle, listOpenDamages, getDamage],
  ...[decideDamage, orderDamagePhoto, completeDamagePhoto],
];
