import * as z from 'zod/mini';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import {
  licencePhotoOrder,
  orderedPhotoExample,
  orderedPhotoSchema,
  orderedPhotoView,
  photoExample,
  photoIdText,
  photoList,
  photoOrder,
  photoOrderExample,
  photoProblems,
  photoSchema,
  photoView,
  tag,
} from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';
import { operatorPath } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/reservations/{reservationId}/photos';
const licencePath = '/v1/me/sharing/{operatorId}/licence/photos';
const ordered = { description: 'Where to send it', schema: orderedPhotoSchema, example: orderedPhotoExample };
const arrived = { description: 'The photo, which is there', schema: photoSchema, example: photoExample };

const orderPhoto = personRoute({
  ...{ method: 'POST', path, operationId: 'orderMyPhoto', tag, audit: 'sharing-photo.order' },
  summary: 'Send a photo of the vehicle that I have, or had',
  description:
    'The answer says where to send the file with PUT, within ten minutes: exactly this length, type and SHA-256, or it is refused there. Twelve of a use at the most. The same file for the same moment is the same photo. What a phone writes into its photos (place, time) stays in them.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: photoOrder, mediaTypes: ['application/json'], examples: { scratch: photoOrderExample } },
  replies: { 201: ordered },
  problems: [...photoProblems.order, 'reservation-not-found', 'photo-moment-over'],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, body, person: { personId }, operation }, { photos }) {
    const photo = await photos.orderOfUse({ operatorId, personId }, reservationId, body, operation);
    return { status: 201, body: orderedPhotoView(photo) };
  },
});

const completePhoto = personRoute({
  ...{ method: 'POST', path: `${path}/{photoId}/complete`, operationId: 'completeMyPhoto', tag },
  ...{ audit: 'sharing-photo.complete' },
  summary: 'Say that a photo has been sent',
  description: 'The store is asked what it has. A photo that nobody asks for is looked at when photos are listed.',
  pathSchema: z.object({ ...reservationPath.shape, photoId: photoIdText }),
  ...pathAlone,
  replies: { 200: arrived },
  problems: [...photoProblems.complete, 'reservation-not-found'],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId, photoId }, person: { personId } }, { reservations, photos }) {
    await reservations.require({ operatorId, personId }, reservationId);
    return { status: 200, body: photoView(await photos.complete(reservationId, photoId)) };
  },
});

const listPhotos = personRoute({
  ...{ method: 'GET', path, operationId: 'listMyPhotos', tag },
  summary: 'My photos of a use',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: photoList },
  problems: ['reservation-not-found'],
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { reservations, photos }) {
    await reservations.require({ operatorId, personId }, reservationId);
    return { status: 200, body: { photos: (await photos.list(reservationId)).map(photoView) } };
  },
});

const orderLicencePhoto = personRoute({
  ...{ method: 'POST', path: licencePath, operationId: 'orderMyLicencePhoto', tag, audit: 'sharing-licence.order' },
  summary: 'Send a photo of my driving licence',
  description: 'Both sides, to be looked at again. They go as soon as somebody has, and after 30 days in any case.',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: licencePhotoOrder,
    mediaTypes: ['application/json'],
    examples: { front: { ...photoOrderExample, moment: 'licence-front' } },
  },
  replies: { 201: { ...ordered, example: { ...orderedPhotoExample, moment: 'licence-front' } } },
  problems: [...photoProblems.order, 'account-not-found'],
  async permit({ path: { operatorId }, person: { personId } }, { accounts }) {
    await accounts.require({ operatorId, personId });
  },
  async handle({ path: { operatorId }, body, person: { personId }, operation }, { photoDesk }) {
    const photo = await photoDesk.orderOfLicence({ operatorId, personId }, body, operation);
    return { status: 201, body: orderedPhotoView(photo) };
  },
});

const completeLicencePhoto = personRoute({
  ...{ method: 'POST', path: `${licencePath}/{photoId}/complete`, operationId: 'completeMyLicencePhoto', tag },
  ...{ audit: 'sharing-licence.complete' },
  summary: 'Say that a photo of my licence has been sent',
  pathSchema: z.object({ ...operatorPath.shape, photoId: photoIdText }),
  ...pathAlone,
  replies: { 200: { ...arrived, example: { ...photoExample, moment: 'licence-front' } } },
  problems: [...photoProblems.complete],
  async permit({ path: { operatorId }, person: { personId } }, { accounts }) {
    await accounts.require({ operatorId, personId });
  },
  async handle({ path: { operatorId, photoId }, person: { personId } }, { photoDesk }) {
    return { status: 200, body: photoView(await photoDesk.completeOfLicence({ operatorId, personId }, photoId)) };
  },
});

const listLicencePhotos = personRoute({
  ...{ method: 'GET', path: licencePath, operationId: 'listMyLicencePhotos', tag },
  summary: 'What I have sent of my licence',
  pathSchema: operatorPath,
  ...pathAlone,
  replies: { 200: photoList },
  async handle({ path: { operatorId }, person: { personId } }, { photoDesk }) {
    return { status: 200, body: { photos: (await photoDesk.myLicence({ operatorId, personId })).map(photoView) } };
  },
});

export const myPhotoRoutes: readonly SharingRoute[] = [
  ...[orderPhoto, completePhoto, listPhotos],
  ...[orderLicencePhoto, completeLicencePhoto, listLicencePhotos],
];
