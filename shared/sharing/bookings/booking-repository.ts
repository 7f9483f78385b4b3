import type { OperatorId } from '../sharing-id.ts';
import type { BookedVehicle } from './booked-vehicle.ts';
import type { Driver, HoldRequest } from './driver.ts';
import type { HoldClaim } from './hold.ts';

/** What is to stand there instead of what was seen; `seen` is its version, absent where there was nothing. */
export interface Change<T> {
  readonly seen?: number;
  readonly next: T;
}

export interface BookingStep {
  readonly vehicle?: Change<BookedVehicle>;
  readonly driver?: Change<Driver>;
}

export type HoldOutcome =
  | { readonly kind: 'held' }
  /** The request was carried out before: the same key stands in the driver's item. */
  | { readonly kind: 'repeated'; readonly request: HoldRequest }
  /** Which half does not allow it, and what stands there: absent where nothing does. Nothing was changed. */
  | { readonly kind: 'refused'; readonly half: 'driver'; readonly driver?: Driver }
  | { readonly kind: 'refused'; readonly half: 'vehicle'; readonly vehicle?: BookedVehicle };

/** The two items of a booking. Every write is conditional; none is ever repeated blindly. */
export interface BookingRepository {
  vehicle(vehicleId: string): Promise<BookedVehicle | undefined>;
  driver(operatorId: OperatorId, personId: string): Promise<Driver | undefined>;
  /**
   * Decides as `held` does, in one call that reads nothing before.
   *
   * @throws Failure `unavailable` (`contended`) where others keep writing the same items
   */
  hold(claim: HoldClaim): Promise<HoldOutcome>;
  /** All of it, or nothing where somebody has written since. A repeated call that took effect counts as saved. */
  save(step: BookingStep): Promise<boolean>;
}
