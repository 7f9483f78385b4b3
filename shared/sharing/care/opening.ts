import type { Instant } from '../../kernel/clock.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';

/** Support has sent a vehicle the order to open its doors for whoever has it. */
export interface Opening extends CareRecord {
  readonly openingId: CareId<'opening'>;
  readonly vehicleId: string;
  readonly reservationId: ReservationId;
  readonly personId: string;
  readonly at: Instant;
  /** Seconds later the vehicle does nothing any more. */
  readonly until: Instant;
  /** The client. */
  readonly by: string;
  readonly reason: string;
  /** By what the caller was known. */
  readonly proof: string;
}

/** ms: whoever is on the phone waits so long, and nobody else comes by meanwhile. */
export const openingLife = 20_000;
export const mostOpeningsOfUse = 3;
export const mostOpeningsOfClient = 20;
/** ms. A year: as long as somebody may ask who opened what. */
export const openingKept = 365 * 86_400_000;

export function openingLists({ reservationId, vehicleId, personId }: Opening): readonly CareList[] {
  return [
    { of: 'use', reservationId },
    { of: 'vehicle', vehicleId },
    { of: 'person', personId },
  ];
}
