import * as z from 'zod/mini';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { driverExample, driverPath, driverSchema, driverView, licenceSchema } from './driver-view.ts';
import { photoExample, photoList, photoView, tag } from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';

const path = '/v1/sharing/operators/{operatorId}/drivers/{personId}/licence';
/** Whoever verifies papers looks at these, too. */
const scopes = ['manage_drivers', 'manage_care'] as const;

const listPhotosOfUse = route({
  ...{ method: 'GET', path: '/v1/sharing/operators/{operatorId}/reservations/{reservationId}/photos' },
  ...{ operationId: 'listPhotosOfUse', tag, scopes: ['manage_care'] },
  summary: 'What a driver has photographed of a vehicle',
  description: 'Empty where there is nothing, or where it is another operator’s.',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: photoList },
  problems: ['operator-not-found'],
  async handle({ path: { operatorId, reservationId }, caller }, { photoDesk }) {
    const photos = await photoDesk.ofUse(caller, operatorId, reservationId);
    return { status: 200, body: { photos: photos.map(photoView) } };
  },
});

const listLicencePhotos = route({
  ...{ method: 'GET', path: `${path}/photos`, operationId: 'listLicencePhotos', tag, scopes },
  summary: 'Photos of a driver’s licence, to be looked at again',
  pathSchema: driverPath,
  ...pathAlone,
  replies: { 200: { ...photoList, example: { photos: [{ ...photoExample, moment: 'licence-front' }] } } },
  problems: ['operator-not-found', 'account-not-found'],
  async handle({ path: claimant, caller }, { photoDesk }) {
    return { status: 200, body: { photos: (await photoDesk.licence(caller, claimant)).map(photoView) } };
  },
});

const recheckLicence = route({
  ...{ method: 'POST', path: `${path}/recheck`, operationId: 'recheckLicence', tag, scopes },
  ...{ audit: 'sharing-driver.recheck' },
  summary: 'Say that a licence was seen again, by its photos',
  description: 'The term begins anew, and the photos go at once. Other papers are put down with `…/verify`.',
  pathSchema: driverPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ validUntil: z.exactOptional(licenceSchema.shape.validUntil) }), {
      id: 'LicenceRecheck',
    }),
    mediaTypes: ['application/json'],
    examples: { same: {}, renewed: { validUntil: '2041-05-31' } },
  },
  replies: { 200: { description: 'The driver as they stand now', schema: driverSchema, example: driverExample } },
  problems: ['operator-not-found', 'account-not-found', 'licence-photos-missing'],
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: claimant, body, caller }, { photoDesk, clock }) {
    const driver = await photoDesk.recheck(caller, claimant, body.validUntil);
    return { status: 200, body: driverView(driver, clock.now()) };
  },
});

export const carePaperRoutes: readonly SharingRoute[] = [listPhotosOfUse, listLicencePhotos, recheckLicence];
