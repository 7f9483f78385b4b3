import * as z from 'zod/mini';
import { type Damage, damagePlaces, longestText, severities, verdicts } from '#shared/sharing/care/damage.ts';
import type { DamageFile, PhotographedUse } from '#shared/sharing/care/damage-service.ts';
import { line, words } from '#shared/sharing/setup/text.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { careIdText, photoExample, photoIdText, photoSchema, photoView } from './photo-view.ts';

export const damageIdText = careIdText('damage', 'The damage');

export const careText = as(words(longestText), {
  description: 'In words; who else was there does not belong here',
});

const content = {
  place: as(z.enum(damagePlaces), { description: 'Where on the vehicle' }),
  severity: as(z.enum(severities), {
    description: '`not-drivable` takes it out of service as soon as nobody has it',
  }),
  text: careText,
};
export const damageOrder = as(
  z.strictObject({
    ...content,
    photoIds: z._default(z.array(photoIdText).check(z.maxLength(12)), []),
  }),
  { id: 'DamageReport' },
);
export const staffDamageOrder = as(z.strictObject(content), { id: 'StaffDamageReport' });
export const damageOrderExample = {
  ...{ place: 'front-left', severity: 'cosmetic', text: 'Scratch on the door, 20 cm' },
  photoIds: [photoExample.photoId],
};

const shape = {
  ...{ damageId: z.string(), vehicleId: z.string(), place: z.enum(damagePlaces), severity: z.enum(severities) },
  reportedAt: instant(),
};

/** What every driver may know: nothing in it is of a person, and free words are. */
export const knownDamageSchema = as(z.object(shape), { id: 'KnownDamage' });
export const knownDamageExample = {
  ...{ damageId: 'dmg-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r' },
  ...{ place: 'front-left', severity: 'cosmetic', reportedAt: '2026-11-21T08:31:30.000Z' },
} as const;

export const careChargeSchema = z.object({
  ...{ chargeId: z.string(), reservationId: z.string(), amount: z.int(), currency: z.string() },
  open: z.exactOptional(
    as(z.literal(true), { description: 'It broke off before it was asked for: the same decision again completes it' }),
  ),
});

export const damageSchema = as(
  z.object({
    ...shape,
    ...{ systemId: z.string(), text: z.string() },
    reporter: z.object({
      kind: z.enum(['driver', 'staff', 'forgotten']),
      personId: z.exactOptional(z.string()),
      reservationId: z.exactOptional(z.string()),
      seen: z.exactOptional(as(z.enum(['before', 'during', 'after']), { description: 'Before: when they came' })),
      clientId: z.exactOptional(z.string()),
    }),
    verdict: z.exactOptional(
      z.object({
        ...{ outcome: z.enum(verdicts), at: instant(), by: z.string(), reason: z.string() },
        charge: z.exactOptional(careChargeSchema),
      }),
    ),
    repairedAt: z.exactOptional(instant()),
  }),
  { id: 'Damage' },
);
const reservationId = 'rsv-1c2k4sq00abcdefghijklmnopqrst';
const personId = '3f1c2b5e-8a7d-4c09-9d51-2e6f70b1a4c8';
export const damageExample = {
  ...{ ...knownDamageExample, systemId: 'we-share-berlin', text: 'Scratch on the door, 20 cm' },
  reporter: { kind: 'driver', personId, reservationId, seen: 'before' },
} as const;

export const damageFileSchema = as(
  z.object({
    damage: damageSchema,
    photos: z.array(photoSchema),
    uses: as(
      z.array(
        z.object({
          ...{ reservationId: z.string(), personId: z.string(), startedAt: z.exactOptional(instant()) },
          endedAt: z.exactOptional(instant()),
          ...{ start: z.array(photoSchema), end: z.array(photoSchema) },
        }),
      ),
      { description: 'Who had the vehicle before the report, the newest first, and what they photographed' },
    ),
  }),
  { id: 'DamageFile' },
);
export const damageFileExample = {
  ...{ damage: damageExample, photos: [photoExample] },
  uses: [{ reservationId, personId, startedAt: '2026-11-21T08:28:10.000Z', start: [], end: [] }],
};

export const damageDecision = as(
  z.strictObject({
    outcome: z.enum([...verdicts, 'repaired']),
    reason: as(line(200), {
      description: 'Stands in the audit, and in the charge; names nobody',
    }),
    reservationId: z.exactOptional(as(z.string(), { description: 'Of whoever is liable, with `driver-liable`' })),
    amount: z.exactOptional(
      as(z.int().check(z.gte(1), z.lte(1_000_000)), {
        description: 'What they pay, in minor units; the excess of the city at the most',
      }),
    ),
  }),
  { id: 'DamageDecision' },
);

export function knownDamageView({ damageId, vehicleId, place, severity, reportedAt }: Damage) {
  return { damageId, vehicleId, place, severity, reportedAt: isoTime(reportedAt) };
}

export function damageView(damage: Damage) {
  const { systemId, text, reporter, verdict, repaired } = damage;
  return {
    ...{ ...knownDamageView(damage), systemId, text, reporter },
    ...(verdict !== undefined && { verdict: { ...verdict, at: isoTime(verdict.at) } }),
    ...(repaired !== undefined && { repairedAt: isoTime(repaired.at) }),
  };
}

export function damageFileView({ damage, photos, uses }: DamageFile) {
  return { damage: damageView(damage), photos: photos.map(photoView), uses: uses.map(useView) };
}

function useView({ use, start, end }: PhotographedUse) {
  const { reservationId: id, personId: driver, startedAt, state } = use;
  return {
    ...{ reservationId: id, personId: driver },
    ...(startedAt !== undefined && { startedAt: isoTime(startedAt) }),
    ...(state.status === 'over' && { endedAt: isoTime(state.at) }),
    ...{ start: start.map(photoView), end: end.map(photoView) },
  };
}
