import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { dirtDecidedBefore } from './care-refusals.ts';
import { type DamageCharge, taken } from './damage.ts';

export const dirtLevels = ['dirty', 'very-dirty'] as const;
export const dirtOutcomes = ['cleaned', 'unfounded', 'driver-pays'] as const;
export type DirtOutcome = (typeof dirtOutcomes)[number];

/** A driver found the vehicle dirty: from then on it is not theirs to clean. */
export interface Dirt extends CareRecord {
  readonly dirtId: CareId<'dirt'>;
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly level: (typeof dirtLevels)[number];
  readonly text: string;
  readonly reportedAt: Instant;
  /** Absent: they are known no more. */
  readonly reporter?: { readonly personId: string; readonly reservationId: ReservationId };
  readonly done?: DirtDone;
}

export interface DirtDone {
  readonly outcome: DirtOutcome;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly charge?: DamageCharge;
}

/** ms after the start within which the dirt is the former driver's. */
export const dirtGrace = 10 * 60_000;
/** ms. A year: cleaning is disputed within weeks. */
export const dirtLife = 365 * 86_400_000;

export function dirtLists({ vehicleId, operatorId, reporter, done }: Dirt): readonly CareList[] {
  return [
    { of: 'vehicle', vehicleId },
    ...(reporter === undefined ? [] : [{ of: 'person' as const, personId: reporter.personId }]),
    ...(done === undefined || done.charge?.open ? [{ of: 'desk' as const, operatorId }] : []),
  ];
}

/** The very same where that was decided before. @throws Failure `dirt-decided` */
export function dirtDecided(dirt: Dirt, done: DirtDone): Dirt {
  if (dirt.done === undefined) return { ...dirt, done, version: dirt.version + 1 };
  const isSame =
    dirt.done.outcome === done.outcome &&
    dirt.done.charge?.amount === done.charge?.amount &&
    dirt.done.charge?.reservationId === done.charge?.reservationId;
  if (!isSame) throw dirtDecidedBefore();
  return dirt;
}

/** The ledger has it. The very same where that was known. */
export function dirtCharged(dirt: Dirt): Dirt {
  const { done } = dirt;
  if (done?.charge?.open === undefined) return dirt;
  return { ...dirt, done: { ...done, charge: taken(done.charge) }, version: dirt.version + 1 };
}

export function withoutDirtReporter({ reporter: _, ...dirt }: Dirt): Dirt {
  return { ...dirt, text: '', version: dirt.version + 1 };
}
