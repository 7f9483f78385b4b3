import { noBody, noHeaders, noQuery } from '../route.ts';
import { pageOf } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { pageFor } from './care-pages.ts';
import {
  damageOrder,
  damageOrderExample,
  knownDamageExample,
  knownDamageSchema,
  knownDamageView,
} from './damage-view.ts';
import { photoProblems, tag } from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';
import { pageQuery } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/reservations/{reservationId}/damages';

const reportDamage = personRoute({
  ...{ method: 'POST', path, operationId: 'reportMyDamage', tag, audit: 'sharing-damage.report' },
  summary: 'Report damage of the vehicle that I have, or had until a day ago',
  description:
    'Before the start, and in its first five minutes, it counts as seen on arrival. Photos are sent first (`…/photos`, moment `damage`).',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: damageOrder, mediaTypes: ['application/json'], examples: { scratch: damageOrderExample } },
  replies: { 201: { description: 'It is known', schema: knownDamageSchema, example: knownDamageExample } },
  problems: ['reservation-not-found', 'report-too-late', ...photoProblems.complete],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, body, person: { personId }, operation }, { damages }) {
    const damage = await damages.report({ operatorId, personId }, reservationId, body, operation);
    return { status: 201, body: knownDamageView(damage) };
  },
});

const listDamages = personRoute({
  ...{ method: 'GET', path, operationId: 'listDamagesOfMyVehicle', tag },
  summary: 'What is known to be damaged at the vehicle that I have',
  description: 'Whoever said so, and without a word of theirs. A page may be short and still have a next one.',
  pathSchema: reservationPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of damages, the newest first',
      schema: pageOf(knownDamageSchema),
      example: { items: [knownDamageExample] },
    },
  },
  problems: ['reservation-not-found', 'bad-cursor'],
  async handle({ path: { operatorId, reservationId }, query, person: { personId } }, { damages }) {
    const claimant = { operatorId, personId };
    const known = { damagesOf: reservationId, personId };
    const body = await pageFor(known, query, (page) => damages.knownTo(claimant, reservationId, page), knownDamageView);
    return { status: 200, body };
  },
});

export const myDamageRoutes: readonly SharingRoute[] = [reportDamage, listDamages];
