import type { CareList, CareRecord } from './care-book.ts';

export const cardTypes = ['charge', 'fuel'] as const;

/** What goes with a vehicle to pay for power or fuel. Its PIN is sealed: the table's reader learns nothing. */
export interface VehicleCard extends CareRecord {
  readonly vehicleId: string;
  readonly type: (typeof cardTypes)[number];
  readonly provider: string;
  readonly lastFour: string;
  readonly sealedPin?: string;
}

/** An hour, as long as an allowance goes. */
const hour = 3_600_000;
export const mostPinsAnHour = 5;

export function cardLists(): readonly CareList[] {
  return [];
}

/** The end of the hour that this instant is in. */
export function endOfHour(now: number): number {
  return (Math.floor(now / hour) + 1) * hour;
}
