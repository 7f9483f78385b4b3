import type { Operation } from '../../access/idempotent-operation.ts';
import { sortableInstant } from '../../kernel/base32.ts';
import { type ChargeId, isChargeId } from '../sharing-id.ts';

const prefixes = {
  ...{ photo: 'pho', damage: 'dmg', dirt: 'drt', item: 'itm', expense: 'exp', opening: 'opn' },
} as const;

export type CareKind = keyof typeof prefixes;

/** Of a report, a photo and the like. Sorts by the instant at which it was made. */
export type CareId<Kind extends CareKind = CareKind> = string & { readonly careId: Kind };

export function careIdPattern(kind: CareKind): RegExp {
  return new RegExp(`^${prefixes[kind]}-[0-9a-v]{9}[a-z2-7]{20}$`);
}

export function isCareId<Kind extends CareKind>(kind: Kind, text: string): text is CareId<Kind> {
  return careIdPattern(kind).test(text);
}

/** An operation that is carried out again names the same one. */
export function careIdOf<Kind extends CareKind>(kind: Kind, { operationId, startedAt }: Operation): CareId<Kind> {
  const id = `${prefixes[kind]}-${sortableInstant(startedAt)}${operationId}`;
  if (!isCareId(kind, id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}

/** A receipt is reported once. */
export function expenseIdFor(photoId: CareId<'photo'>): CareId<'expense'> {
  const expenseId = `exp-${photoId.slice(photoId.indexOf('-') + 1)}`;
  if (!isCareId('expense', expenseId)) throw new RangeError('Ids of care are told apart by their first letters alone');
  return expenseId;
}

/** What is charged for it: one charge at the most. */
export function chargeIdFor(id: CareId): ChargeId {
  const chargeId = `chg-${id.slice(id.indexOf('-') + 1)}`;
  if (!isChargeId(chargeId)) throw new RangeError('Care and charges are told apart by their first letters alone');
  return chargeId;
}
