import * as z from 'zod/mini';
import { cardLists, cardTypes, type VehicleCard } from '#shared/sharing/care/card.ts';
import { type CareId, type CareKind, isCareId } from '#shared/sharing/care/care-id.ts';
import { type Damage, damageLists, damagePlaces, severities, verdicts } from '#shared/sharing/care/damage.ts';
import { type Dirt, dirtLevels, dirtLists, dirtOutcomes } from '#shared/sharing/care/dirt.ts';
import { type Expense, expenseKinds, expenseLists } from '#shared/sharing/care/expense.ts';
import { itemKinds, itemLists, type LostItem } from '#shared/sharing/care/lost-item.ts';
import { type Opening, openingLists } from '#shared/sharing/care/opening.ts';
import {
  type Album,
  albumLists,
  licenceMoments,
  photoFolders,
  photoTypes,
  useMoments,
} from '#shared/sharing/care/photo.ts';
import { chargeIdValue, operatorIdValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { KeptKind } from './care-book.ts';

function careId<Kind extends CareKind>(kind: Kind) {
  return z.custom<CareId<Kind>>((value) => typeof value === 'string' && isCareId(kind, value));
}

const at = z.number();
const record = { operatorId: operatorIdValue, forgetAt: at, version: z.number() };
const decided = { at, by: z.string(), reason: z.string() };
const theirs = { personId: z.string(), reservationId: reservationIdValue };
const photoId = careId('photo');
const shared = { vehicleId: z.string(), systemId: systemIdValue };
const charge = z.exactOptional(
  z.object({
    ...{ chargeId: chargeIdValue, reservationId: reservationIdValue, amount: z.number(), currency: z.string() },
    open: z.exactOptional(z.literal(true)),
  }),
);

const albumItem: z.ZodMiniType<Album> = z.object({
  ...{ ...record, albumId: z.string() },
  owner: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('use'), ...theirs, vehicleId: z.string() }),
    z.object({ kind: z.literal('licence'), personId: z.string() }),
    z.object({ kind: z.literal('staff'), damageId: careId('damage'), vehicleId: z.string() }),
  ]),
  photos: z.array(
    z.object({
      ...{ photoId, moment: z.enum([...useMoments, ...licenceMoments]), contentType: z.enum(photoTypes) },
      ...{ bytes: z.number(), sha256: z.string(), folder: z.enum(photoFolders), orderedAt: at },
      state: z.discriminatedUnion('status', [
        z.object({ status: z.literal('waiting'), until: at }),
        z.object({ status: z.literal('there'), arrivedAt: at }),
        z.object({ status: z.literal('refused') }),
      ]),
    }),
  ),
});

const damageItem: z.ZodMiniType<Damage> = z.object({
  ...{ ...record, ...shared, damageId: careId('damage'), place: z.enum(damagePlaces), severity: z.enum(severities) },
  ...{ text: z.string(), photoIds: z.array(photoId), reportedAt: at },
  reporter: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('driver'), ...theirs, seen: z.enum(['before', 'during', 'after']) }),
    z.object({ kind: z.literal('staff'), clientId: z.string() }),
    z.object({ kind: z.literal('forgotten') }),
  ]),
  verdict: z.exactOptional(z.object({ outcome: z.enum(verdicts), ...decided, charge })),
  repaired: z.exactOptional(z.object({ at, by: z.string() })),
});

const dirtItem: z.ZodMiniType<Dirt> = z.object({
  ...{ ...record, ...shared, dirtId: careId('dirt'), level: z.enum(dirtLevels), text: z.string(), reportedAt: at },
  reporter: z.exactOptional(z.object(theirs)),
  done: z.exactOptional(z.object({ outcome: z.enum(dirtOutcomes), ...decided, charge })),
});

const lostItem: z.ZodMiniType<LostItem> = z.object({
  ...{ ...record, ...shared, itemId: careId('item'), side: z.enum(['lost', 'found']), kind: z.enum(itemKinds) },
  ...{ text: z.string(), from: at, to: at, reportedAt: at, loser: z.exactOptional(z.object(theirs)) },
  state: z.discriminatedUnion('status', [
    z.object({ status: z.enum(['lost', 'found']) }),
    z.object({ status: z.literal('matched'), with: careId('item'), at, pickUp: z.string() }),
    z.object({ status: z.enum(['returned', 'disposed']), at }),
  ]),
});

const cardItem: z.ZodMiniType<VehicleCard> = z.object({
  ...{ ...record, vehicleId: z.string(), type: z.enum(cardTypes), provider: z.string(), lastFour: z.string() },
  sealedPin: z.exactOptional(z.string()),
});

const expenseItem: z.ZodMiniType<Expense> = z.object({
  ...{ ...record, ...shared, ...theirs, expenseId: careId('expense'), kind: z.enum(expenseKinds) },
  ...{ amount: z.number(), currency: z.string(), photoId, reportedAt: at },
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('reported') }),
    z.object({ status: z.enum(['approved', 'declined']), ...decided }),
  ]),
});

const openingItem: z.ZodMiniType<Opening> = z.object({
  ...{ ...record, ...theirs, openingId: careId('opening'), vehicleId: z.string(), at, until: at },
  ...{ by: z.string(), reason: z.string(), proof: z.string() },
});

/** What the Care table keeps, kind by kind. */
export const keptCare = {
  albums: kept<Album>('album', albumItem, ({ albumId }) => albumId, albumLists),
  damages: kept<Damage>('damage', damageItem, ({ damageId }) => damageId, damageLists),
  dirt: kept<Dirt>('dirt', dirtItem, ({ dirtId }) => dirtId, dirtLists),
  items: kept<LostItem>('item', lostItem, ({ itemId }) => itemId, itemLists),
  cards: kept<VehicleCard>('card', cardItem, ({ vehicleId }) => vehicleId, cardLists),
  expenses: kept<Expense>('expense', expenseItem, ({ expenseId }) => expenseId, expenseLists),
  openings: kept<Opening>('opening', openingItem, ({ openingId }) => openingId, openingLists),
};

function kept<T>(
  kind: KeptKind<T>['kind'],
  schema: z.ZodMiniType<T>,
  idOf: KeptKind<T>['idOf'],
  lists: KeptKind<T>['lists'],
): KeptKind<T> {
  return { kind, parse: (item) => schema.parse(item), idOf, lists };
}
