import type { Instant } from '../../kernel/clock.ts';
import type { ChargeId, OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { damageDecided } from './care-refusals.ts';
import { evidenceLife } from './photo.ts';

export const damagePlaces = [
  ...(['front', 'front-left', 'front-right', 'left', 'right', 'rear', 'rear-left', 'rear-right', 'roof'] as const),
  ...(['windows', 'mirrors', 'wheels', 'underbody', 'interior', 'equipment', 'other'] as const),
] as const;
export type DamagePlace = (typeof damagePlaces)[number];

export const severities = ['cosmetic', 'drivable', 'not-drivable'] as const;
export type Severity = (typeof severities)[number];

export const verdicts = ['known-before', 'driver-liable', 'wear'] as const;
export type Verdict = (typeof verdicts)[number];

export const longestText = 1_000;

export interface DamageContent {
  readonly place: DamagePlace;
  readonly severity: Severity;
  readonly text: string;
  readonly photoIds: readonly CareId<'photo'>[];
}

/** Something is broken. Without `reporter` of kind `driver` nothing in it is of a person: so it outlives them. */
export interface Damage extends DamageContent, CareRecord {
  readonly damageId: CareId<'damage'>;
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly reportedAt: Instant;
  readonly reporter: Reporter;
  readonly verdict?: DamageVerdict;
  readonly repaired?: { readonly at: Instant; readonly by: string };
}

export type Reporter =
  | {
      readonly kind: 'driver';
      readonly personId: string;
      readonly reservationId: ReservationId;
      /** `before`: it was there already when they came. */
      readonly seen: 'before' | 'during' | 'after';
    }
  | { readonly kind: 'staff'; readonly clientId: string }
  /** A driver who is known no more. */
  | { readonly kind: 'forgotten' };

export interface DamageVerdict {
  readonly outcome: Verdict;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly charge?: DamageCharge;
}

/** Of whom is in the ledger. */
export interface DamageCharge {
  readonly chargeId: ChargeId;
  readonly reservationId: ReservationId;
  readonly amount: number;
  readonly currency: string;
  /** The ledger is not known to have it: the same decision again sees to it. */
  readonly open?: true;
}

export function damageLists(damage: Damage): readonly CareList[] {
  const { vehicleId, operatorId, reporter, verdict, repaired } = damage;
  const isUndecided = verdict === undefined && repaired === undefined;
  return [
    { of: 'vehicle', vehicleId },
    ...(reporter.kind === 'driver' ? [{ of: 'person' as const, personId: reporter.personId }] : []),
    ...(isUndecided || verdict?.charge?.open ? [{ of: 'desk' as const, operatorId }] : []),
  ];
}

/** The ledger has it. The very same where that was known. */
export function damageCharged(damage: Damage): Damage {
  const { verdict } = damage;
  if (verdict?.charge?.open === undefined) return damage;
  return { ...damage, verdict: { ...verdict, charge: taken(verdict.charge) }, version: damage.version + 1 };
}

export function taken({ open: _, ...charge }: DamageCharge): DamageCharge {
  return charge;
}

/** Shown to whoever takes the vehicle next. */
export function isKnown({ repaired }: Damage): boolean {
  return repaired === undefined;
}

/** The very same where that was decided before. @throws Failure `damage-decided` */
export function judged(damage: Damage, verdict: DamageVerdict): Damage {
  const known = damage.verdict;
  if (known === undefined) {
    const forgetAt = Math.max(damage.forgetAt, verdict.at + evidenceLife);
    return { ...damage, verdict, forgetAt, version: damage.version + 1 };
  }
  const isSame =
    known.outcome === verdict.outcome &&
    known.charge?.amount === verdict.charge?.amount &&
    known.charge?.reservationId === verdict.charge?.reservationId;
  if (!isSame) throw damageDecided();
  return damage;
}

export function repaired(damage: Damage, at: Instant, by: string): Damage {
  return damage.repaired === undefined ? { ...damage, repaired: { at, by }, version: damage.version + 1 } : damage;
}

/** What is broken stays broken; who said so, and in which words, goes. */
export function withoutReporter(damage: Damage): Damage {
  if (damage.reporter.kind !== 'driver') return damage;
  return { ...damage, reporter: { kind: 'forgotten' }, text: '', photoIds: [], version: damage.version + 1 };
}
