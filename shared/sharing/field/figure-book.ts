import type { Instant } from '../../kernel/clock.ts';
import type { SystemId } from '../sharing-id.ts';
import type { TripKey } from '../trips/trip.ts';
import type { Counted, Slot, Tally } from './tally.ts';
import type { VehicleWatch } from './watch.ts';

/** A trip as it was counted: the guard that nothing counts twice. */
export interface CountedTrip extends TripKey, Slot {
  readonly systemId: SystemId;
  readonly startedAt: Instant;
  /** Of the trip. */
  readonly tripVersion: number;
  readonly tally: Tally;
}

/** What is counted, together with the item that says that it is: both or neither. */
export interface FigureBook {
  watch(systemId: SystemId, vehicleId: string): Promise<VehicleWatch | undefined>;
  /** @param counts 90 at the most. False where it is not as it was seen, and then nothing is counted. */
  saveWatch(next: VehicleWatch, seen: VehicleWatch | undefined, counts: readonly Counted[]): Promise<boolean>;
  /** It has left the city. */
  removeWatch(seen: VehicleWatch): Promise<boolean>;
  watches(systemId: SystemId): Promise<readonly VehicleWatch[]>;
  trip(key: TripKey): Promise<CountedTrip | undefined>;
  saveTrip(next: CountedTrip, seen: CountedTrip | undefined, counts: readonly Counted[]): Promise<boolean>;
  /** Hours that begin in `from` ≤ t < `to`. */
  counts(systemId: SystemId, from: Instant, to: Instant): Promise<readonly Counted[]>;
}
