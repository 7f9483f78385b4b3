import * as z from 'zod/mini';
import { type Dirt, dirtLevels, dirtOutcomes } from '#shared/sharing/care/dirt.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, instant, isoTime, pageOf } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import { pageFor } from './care-pages.ts';
import { careChargeSchema, careText, damageDecision, damageExample } from './damage-view.ts';
import { careIdText, tag } from './photo-view.ts';
import { reservationIdText, reservationPath } from './reservation-view.ts';
import { operatorIdText, operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/dirt';
const dirtPath = z.object({ operatorId: operatorIdText, dirtId: careIdText('dirt', 'The report') });
const scopes = ['manage_care'] as const;

const shape = { ...{ dirtId: z.string(), vehicleId: z.string(), level: z.enum(dirtLevels) }, reportedAt: instant() };
const reportedSchema = as(z.object(shape), { id: 'ReportedDirt' });
const dirtSchema = as(
  z.object({
    ...{ ...shape, systemId: z.string(), text: z.string() },
    reporter: z.exactOptional(z.object({ personId: z.string(), reservationId: z.string() })),
    done: z.exactOptional(
      z.object({
        ...{ outcome: z.enum(dirtOutcomes), at: instant(), by: z.string(), reason: z.string() },
        charge: z.exactOptional(careChargeSchema),
      }),
    ),
  }),
  { id: 'Dirt' },
);
const reportedExample = {
  ...{ dirtId: 'drt-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', level: 'very-dirty' },
  reportedAt: '2026-11-21T08:31:30.000Z',
} as const;
const { personId, reservationId } = damageExample.reporter;
const example = {
  ...{ ...reportedExample, systemId: 'we-share-berlin', text: 'Ice cream on the rear seats' },
  reporter: { personId, reservationId },
};

const reportDirt = personRoute({
  ...{ method: 'POST', path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/dirt' },
  ...{ operationId: 'reportDirt', tag, audit: 'sharing-dirt.report' },
  summary: 'Say that the vehicle was dirty when I came',
  description: 'Until ten minutes after the start; what is said later is about one’s own dirt.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ level: z.enum(dirtLevels), text: careText }), { id: 'DirtReport' }),
    mediaTypes: ['application/json'],
    examples: { seats: { level: 'very-dirty', text: 'Ice cream on the rear seats' } },
  },
  replies: { 201: { description: 'It is known', schema: reportedSchema, example: reportedExample } },
  problems: ['reservation-not-found', 'report-too-late'],
  async permit({ path: { operatorId, reservationId: use }, person }, { reservations }) {
    await reservations.require({ operatorId, personId: person.personId }, use);
  },
  async handle({ path: { operatorId, reservationId: use }, body, person, operation }, { dirt }) {
    const reported = await dirt.report({ operatorId, personId: person.personId }, use, body, operation);
    return { status: 201, body: reportedView(reported) };
  },
});

const listDirt = route({
  ...{ method: 'GET', path, operationId: 'listDirt', tag, scopes },
  summary: 'Dirty vehicles that nobody has decided about, or whose charge broke off, the newest first',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of reports', schema: pageOf(dirtSchema), example: { items: [example] } } },
  problems: ['operator-not-found', 'bad-cursor'],
  async handle({ path: { operatorId }, query, caller }, { dirt }) {
    const list = (page: Parameters<typeof dirt.open>[2]) => dirt.open(caller, operatorId, page);
    return { status: 200, body: await pageFor({ dirtOf: operatorId }, query, list, dirtView) };
  },
});

const decideDirt = route({
  ...{ method: 'POST', path: `${path}/{dirtId}/decision`, operationId: 'decideDirt', tag, scopes },
  ...{ audit: 'sharing-dirt.decide' },
  summary: 'Say what comes of a dirty vehicle',
  description:
    'Once said it stays so. `driver-pays` charges the cleaning to whoever drove under `reservationId`; the same again completes a charge that broke off (`charge.open`).',
  pathSchema: dirtPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        ...{ outcome: z.enum(dirtOutcomes), reason: damageDecision.shape.reason },
        ...{ reservationId: z.exactOptional(reservationIdText), amount: damageDecision.shape.amount },
      }),
      { id: 'DirtDecision' },
    ),
    mediaTypes: ['application/json'],
    examples: { paid: { outcome: 'driver-pays', reason: 'Seats cleaned', reservationId, amount: 4_500 } },
  },
  replies: { 200: { description: 'The report, decided', schema: dirtSchema, example } },
  problems: [
    ...(['operator-not-found', 'dirt-not-found', 'dirt-decided', 'liability-incomplete', 'use-unknown'] as const),
    ...(['damage-excess-unknown', 'damage-excess-exceeded', 'account-not-found', 'contended'] as const),
  ],
  async permit({ path: { operatorId, dirtId }, caller }, { dirt }) {
    await dirt.require(caller, operatorId, dirtId);
  },
  async handle({ path: { operatorId, dirtId }, body, caller }, { dirt }) {
    return { status: 200, body: dirtView(await dirt.decide(caller, operatorId, dirtId, body)) };
  },
});

function reportedView({ dirtId, vehicleId, level, reportedAt }: Dirt) {
  return { dirtId, vehicleId, level, reportedAt: isoTime(reportedAt) };
}

function dirtView(dirt: Dirt) {
  const { systemId, text, reporter, done } = dirt;
  return {
    ...{ ...reportedView(dirt), systemId, text },
    ...(reporter !== undefined && { reporter }),
    ...(done !== undefined && { done: { ...done, at: isoTime(done.at) } }),
  };
}

export const dirtRoutes: readonly SharingRoute[] = [reportDirt, listDirt, decideDirt];
