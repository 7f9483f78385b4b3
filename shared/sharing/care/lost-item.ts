import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { itemStepImpossible } from './care-refusals.ts';

export const itemKinds = [
  'phone',
  'wallet',
  'keys',
  'bag',
  'clothing',
  'glasses',
  'child-seat',
  'papers',
  'other',
] as const;
export type ItemKind = (typeof itemKinds)[number];
export const itemStatuses = ['lost', 'found', 'matched', 'returned', 'disposed'] as const;

/** Something that was left in a vehicle: one record of who lost it, one of who found it; neither names the other's person. */
export interface LostItem extends CareRecord {
  readonly itemId: CareId<'item'>;
  readonly side: 'lost' | 'found';
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly kind: ItemKind;
  readonly text: string;
  /** When it was lost or found, as far as known: within a trip, or at an instant. */
  readonly from: Instant;
  readonly to: Instant;
  readonly reportedAt: Instant;
  /** Of what was lost; absent where they are known no more. */
  readonly loser?: { readonly personId: string; readonly reservationId: ReservationId };
  readonly state: ItemState;
}

export type ItemState =
  | { readonly status: 'lost' | 'found' }
  | { readonly status: 'matched'; readonly with: CareId<'item'>; readonly at: Instant; readonly pickUp: string }
  | { readonly status: 'returned' | 'disposed'; readonly at: Instant };

const day = 86_400_000;
/** ms after a trip within which what was left in it may be reported. */
export const lostLife = 60 * day;
/** ms. Half a year: what is found is its owner's for that long (BGB, section 973). */
export const itemLife = 183 * day;

export function itemLists({ vehicleId, operatorId, loser, state }: LostItem): readonly CareList[] {
  const isOpen = state.status !== 'returned' && state.status !== 'disposed';
  return [
    { of: 'vehicle', vehicleId },
    ...(loser === undefined ? [] : [{ of: 'person' as const, personId: loser.personId }]),
    ...(isOpen ? [{ of: 'desk' as const, operatorId }] : []),
  ];
}

/** What was lost in this vehicle before it was found there. */
export function mayBeSame(lost: LostItem, found: LostItem): boolean {
  return (
    lost.side === 'lost' &&
    found.side === 'found' &&
    lost.vehicleId === found.vehicleId &&
    lost.operatorId === found.operatorId &&
    lost.from <= found.to &&
    found.from <= lost.to + lostLife
  );
}

/** The likelier the better: the same kind first, then the shorter time between. */
export function likeliestFirst(item: LostItem, others: readonly LostItem[]): readonly LostItem[] {
  const away = (other: LostItem) => Math.abs(other.from - item.to);
  const kind = (other: LostItem) => (other.kind === item.kind ? 0 : 1);
  return [...others].sort((one, other) => kind(one) - kind(other) || away(one) - away(other));
}

/** The very same where it is so already. @throws Failure `lost-item-step-impossible` */
export function matched(item: LostItem, other: CareId<'item'>, pickUp: string, at: Instant): LostItem {
  const { state } = item;
  if (state.status === 'matched' && state.with === other) return item;
  if (state.status !== item.side) throw itemStepImpossible(state.status, 'matched');
  return { ...item, state: { status: 'matched', with: other, at, pickUp }, version: item.version + 1 };
}

export function returned(item: LostItem, at: Instant): LostItem {
  if (item.state.status === 'returned') return item;
  if (item.state.status !== 'matched') throw itemStepImpossible(item.state.status, 'returned');
  return { ...item, state: { status: 'returned', at }, version: item.version + 1 };
}

/** The other half is another's by now: nobody is told that it waits for them. */
export function unmatched(item: LostItem, other: CareId<'item'>): LostItem {
  const { state } = item;
  if (state.status !== 'matched' || state.with !== other) return item;
  return { ...item, state: { status: item.side }, version: item.version + 1 };
}

/** Nobody came for what was found. Of what was lost it is said where its other half, which it was matched with, is gone. */
export function disposed(item: LostItem, at: Instant): LostItem {
  if (item.state.status === 'disposed') return item;
  const may = item.state.status === 'matched' || (item.side === 'found' && item.state.status === 'found');
  if (!may) throw itemStepImpossible(item.state.status, 'disposed');
  return { ...item, state: { status: 'disposed', at }, version: item.version + 1 };
}

export function withoutLoser({ loser: _, ...item }: LostItem): LostItem {
  return { ...item, text: '', version: item.version + 1 };
}
