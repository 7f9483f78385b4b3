import * as z from 'zod/mini';
import { type CareId, type CareKind, careIdPattern, isCareId } from '#shared/sharing/care/care-id.ts';
import { licenceMoments, photoTypes, useMoments } from '#shared/sharing/care/photo.ts';
import type { OrderedPhoto, ShownPhoto } from '#shared/sharing/care/photo-service.ts';
import { as, instant, isoTime, text } from '../schemas.ts';

export const tag = 'Care';

export function careIdText<Kind extends CareKind>(kind: Kind, description: string) {
  return text<CareId<Kind>>(
    (value): value is CareId<Kind> => isCareId(kind, value),
    () => 'is no such id',
    { pattern: careIdPattern(kind).source, description },
  );
}

export const photoIdText = careIdText('photo', 'The photo');

const file = {
  contentType: as(z.string().check(z.minLength(1), z.maxLength(100)), {
    description: `One of ${photoTypes.join(', ')}`,
    examples: ['image/jpeg'],
  }),
  bytes: as(z.int().check(z.gte(1)), { description: 'Its exact length; 10,000,000 at the most' }),
  sha256: as(z.string().check(z.regex(/^[0-9a-f]{64}$/)), { description: 'Of the file, in hex' }),
};
export const photoOrder = as(z.strictObject({ moment: z.enum(useMoments), ...file }), { id: 'PhotoOrder' });
export const licencePhotoOrder = as(z.strictObject({ moment: z.enum(licenceMoments), ...file }), {
  id: 'LicencePhotoOrder',
});
export const damagePhotoOrder = as(z.strictObject({ moment: z.literal('damage'), ...file }), {
  id: 'DamagePhotoOrder',
});
export const photoOrderExample = {
  ...{ moment: 'damage', contentType: 'image/jpeg', bytes: 1_834_112 },
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};

const shape = {
  photoId: z.string(),
  moment: z.enum([...useMoments, ...licenceMoments]),
  contentType: z.enum(photoTypes),
  bytes: z.int(),
  status: as(z.enum(['waiting', 'there', 'refused']), {
    description: '`refused`: it was not of the type that was said, and is deleted',
  }),
  arrivedAt: z.exactOptional(instant('When it had arrived, by the store’s own clock')),
};
export const photoSchema = as(
  z.object({
    ...shape,
    link: z.exactOptional(
      as(z.object({ url: z.string(), expiresAt: instant() }), {
        description: 'Opens the file for whoever has it, for five minutes; absent where the file is gone',
      }),
    ),
  }),
  { id: 'Photo' },
);
export const orderedPhotoSchema = as(
  z.object({
    ...shape,
    upload: z.exactOptional(
      as(
        z.object({
          method: z.literal('PUT'),
          url: z.string(),
          headers: z.record(z.string(), z.string()),
          expiresAt: instant(),
        }),
        {
          description: 'Send the file there, with these headers to the letter. Absent where it has arrived before',
        },
      ),
    ),
  }),
  { id: 'OrderedPhoto' },
);

export const photoExample = {
  ...{ photoId: 'pho-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', moment: 'damage', contentType: 'image/jpeg', bytes: 1_834_112 },
  ...{ status: 'there', arrivedAt: '2026-11-21T08:31:09.000Z' },
  link: { url: 'https://photos.example/damages/…', expiresAt: '2026-11-21T08:40:00.000Z' },
} as const;
const { link: _, arrivedAt: __, ...waiting } = photoExample;
export const orderedPhotoExample = {
  ...{ ...waiting, status: 'waiting' },
  upload: {
    ...{ method: 'PUT', url: 'https://photos.example/damages/…', expiresAt: '2026-11-21T08:41:00.000Z' },
    headers: {
      ...{ 'content-type': 'image/jpeg', 'content-length': '1834112' },
      'x-amz-checksum-sha256': 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
    },
  },
} as const;

export function photoView({ photo, link }: ShownPhoto) {
  return {
    ...partOf(photo),
    ...(link !== undefined && { link: { url: link.url, expiresAt: isoTime(link.until) } }),
  };
}

export function orderedPhotoView({ photo, upload }: OrderedPhoto) {
  const { state } = photo;
  if (upload === undefined || state.status !== 'waiting') return partOf(photo);
  return { ...partOf(photo), upload: { method: 'PUT', ...upload, expiresAt: isoTime(state.until) } };
}

function partOf({ photoId, moment, contentType, bytes, state }: ShownPhoto['photo']) {
  const arrived = state.status === 'there' ? { arrivedAt: isoTime(state.arrivedAt) } : {};
  return { photoId, moment, contentType, bytes, status: state.status, ...arrived };
}

export const photoList = {
  description: 'All of them; there are never more than twelve that count',
  schema: z.object({ photos: z.array(photoSchema) }),
  example: { photos: [photoExample] },
};

export const photoProblems = {
  order: ['photo-too-large', 'photo-type-not-accepted', 'photos-too-many', 'photo-not-found'],
  complete: ['photo-not-found', 'photo-not-there', 'photo-refused'],
} as const;
