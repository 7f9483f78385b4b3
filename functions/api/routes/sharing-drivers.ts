import * as z from 'zod/mini';
import { line } from '#shared/sharing/setup/text.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { bornOnText, driverExample, driverPath, driverSchema, driverView, licenceSchema } from './driver-view.ts';
import { reservationIdText } from './reservation-view.ts';
import { tag } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/drivers/{personId}';
const scopes = ['manage_drivers'] as const;
const problems = ['operator-not-found', 'account-not-found'] as const;
const reply = { description: 'The driver as they stand now', schema: driverSchema, example: driverExample };

const reasonText = as(line(200), { description: 'Stands in the audit' });

const getDriver = route({
  ...{ method: 'GET', path, operationId: 'getSharingDriver', tag, scopes },
  summary: 'A person’s account with an operator',
  description: 'What was seen of their papers, and what they owe.',
  pathSchema: driverPath,
  ...pathAlone,
  replies: { 200: reply },
  problems,
  async handle({ path: claimant, caller }, { sharingDoor, accounts, clock }) {
    await sharingDoor.operator(caller, claimant.operatorId);
    return { status: 200, body: driverView(await accounts.require(claimant), clock.now()) };
  },
});

const verifyDriver = route({
  ...{ method: 'POST', path: `${path}/verify`, operationId: 'verifySharingDriver', tag, scopes },
  ...{ audit: 'sharing-driver.verify' },
  summary: 'Say what was seen of a person’s papers',
  description: 'Replaces what was said before. Who is blocked stays so.',
  pathSchema: driverPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ bornOn: bornOnText, licence: z.exactOptional(licenceSchema) }), { id: 'DriverPapers' }),
    mediaTypes: ['application/json'],
    examples: { car: { bornOn: '1990-05-31', licence: { classes: ['AM', 'B'], validUntil: '2031-05-31' } } },
  },
  replies: { 200: reply },
  problems,
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: claimant, body: { bornOn, licence }, caller }, { sharingDoor, accounts, clock }) {
    await sharingDoor.operator(caller, claimant.operatorId);
    const papers = { bornOn, ...(licence !== undefined && { licence }) };
    return { status: 200, body: driverView(await accounts.verify(claimant, papers), clock.now()) };
  },
});

const blockDriver = route({
  ...{ method: 'POST', path: `${path}/block`, operationId: 'blockSharingDriver', tag, scopes },
  ...{ audit: 'sharing-driver.block' },
  summary: 'Take no new reservation from a person',
  description: 'What they hold is opened for them no more, if it was not; what they drive they may finish.',
  pathSchema: driverPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ reason: reasonText }), { id: 'DriverBlock' }),
    mediaTypes: ['application/json'],
    examples: { damage: { reason: 'Left the scene of an accident, case 4711' } },
  },
  replies: { 200: { ...reply, example: { ...driverExample, standing: 'blocked' } } },
  problems,
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: claimant, caller }, { sharingDoor, accounts, clock }) {
    await sharingDoor.operator(caller, claimant.operatorId);
    return { status: 200, body: driverView(await accounts.block(claimant), clock.now()) };
  },
});

const unblockDriver = route({
  ...{ method: 'POST', path: `${path}/unblock`, operationId: 'unblockSharingDriver', tag, scopes },
  ...{ audit: 'sharing-driver.unblock' },
  summary: 'Take reservations from a person again',
  pathSchema: driverPath,
  ...pathAlone,
  replies: { 200: reply },
  problems,
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: claimant, caller }, { sharingDoor, accounts, clock }) {
    await sharingDoor.operator(caller, claimant.operatorId);
    return { status: 200, body: driverView(await accounts.unblock(claimant), clock.now()) };
  },
});

const forceEnd = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/forced-end', operationId: 'forceEndOfUse', tag },
  ...{ scopes: ['manage_sharing'], audit: 'sharing-vehicle.force-end' },
  summary: 'Take a vehicle back from whoever has it',
  description:
    'A hold is over at once. A trip is, for the cloud: the vehicle is told, ends it when it stands still, is never locked while it moves, and is nobody else’s before it says so. With `reservationId` this use alone: whoever has got the vehicle since keeps it, and of one that was ended so before the same is said again.',
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ reason: reasonText, reservationId: z.exactOptional(reservationIdText) }), {
      id: 'ForcedEnd',
    }),
    mediaTypes: ['application/json'],
    examples: {
      stranded: {
        reason: 'Stands on a private ground since yesterday, case 4712',
        reservationId: 'rsv-1c2k4sq00abcdefghijklmnopqrst',
      },
    },
  },
  replies: {
    200: {
      description: 'Whose use ended, if anybody had it',
      schema: z.object({ vehicleId: z.string(), endedAt: instant(), reservationId: z.exactOptional(z.string()) }),
      example: {
        ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', endedAt: '2026-11-21T08:40:00.000Z' },
        reservationId: 'rsv-1c2k4sq00abcdefghijklmnopqrst',
      },
    },
  },
  problems: ['shared-vehicle-not-found', 'reservation-not-present'],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, path.vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller }, { sharingDoor, forcedEnds }) {
    await sharingDoor.vehicle(caller, vehicleId);
    const { endedAt, ...whose } = await forcedEnds.end(vehicleId, body.reservationId);
    return { status: 200, body: { vehicleId, endedAt: isoTime(endedAt), ...whose } };
  },
});

export const sharingDriverRoutes: readonly SharingRoute[] = [
  getDriver,
  verifyDriver,
  blockDriver,
  unblockDriver,
  forceEnd,
];
