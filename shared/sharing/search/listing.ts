import type { Instant } from '../../kernel/clock.ts';
import type { Offering } from '../../partners/assets/asset.ts';
import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import { mayRunOnBoard } from '../bookings/reservation.ts';
import type { MdsState } from '../mds.ts';
import type { SystemId } from '../sharing-id.ts';
import { freeFrom, heldUntil } from './free-from.ts';

/**
 * What a search shows of a vehicle: a hint, put together of what the booking says and what the vehicle says, whichever
 * comes first. The item that decides is the `BookedVehicle`.
 */
export interface Listing {
  readonly vehicleId: string;
  readonly booking: ListedBooking;
  readonly status?: VehicleStatus;
  /** It is a partner's: what their feed says of it. */
  readonly offering?: Offering;
}

export interface ListedBooking {
  readonly vehicleTypeId: string;
  /** Where it has one of its own. */
  readonly planId?: string;
  /** What stands on it. */
  readonly label: string;
  readonly state: MdsState;
  /** While somebody holds it without having started. */
  readonly heldUntil?: Instant;
  /** It may be held by anybody later than that; absent: not before something changes. */
  readonly freeFrom?: Instant;
  /** How many uses are over: rises with the end of each, and with nothing else. Absent in what was written before. */
  readonly uses?: number;
  /** Somebody may be driving it, whatever its state says. */
  readonly driven?: true;
  /** Of the booking that this was taken from. */
  readonly version: number;
}

/** How many partitions a city's listings are spread over: each is read by itself. */
export const listingShards = 16;

export interface ListingRepository {
  /**
   * In place of what is known of an older version of the booking; false where a newer one is known.
   *
   * @param where `offered`: of a partner's, and nothing where its partner offers it no more
   */
  noteBooking(systemId: SystemId, vehicleId: string, booking: ListedBooking, where?: 'offered'): Promise<boolean>;
  /**
   * In place of an older status, by boot and sequence.
   *
   * @returns the booking's half as it stands there; undefined where a newer status is known, or no booking yet
   */
  noteStatus(systemId: SystemId, vehicleId: string, status: VehicleStatus): Promise<Noted>;
  /** What stands on it, and its own plan, have changed and its booking has not. Nothing where no booking is known yet. */
  relabel(systemId: SystemId, vehicleId: string, more: Pick<ListedBooking, 'label' | 'planId'>): Promise<void>;
  /** The vehicle has left the city. Nothing of a later version of its booking is touched. */
  remove(systemId: SystemId, vehicleId: string, version: number): Promise<void>;
  /** Of one vehicle, as it is now. */
  listing(systemId: SystemId, vehicleId: string): Promise<Listing | undefined>;
  /** May be a moment old. Vehicles of which no booking is known are not in it. */
  shard(systemId: SystemId, shard: number): Promise<readonly Listing[]>;
}

export type Noted =
  | { readonly kind: 'noted'; readonly booking?: ListedBooking }
  /** A newer one is known. */
  | { readonly kind: 'old' };

/** @param more what was said of the vehicle when it was set up */
export function listed(
  vehicle: BookedVehicle,
  more: { readonly label: string; readonly planId?: string },
): ListedBooking {
  const [from, until] = [freeFrom(vehicle), heldUntil(vehicle)];
  return {
    vehicleTypeId: vehicle.vehicleTypeId,
    label: more.label,
    ...(more.planId !== undefined && { planId: more.planId }),
    state: vehicle.state,
    ...(until !== undefined && { heldUntil: until }),
    ...(from !== undefined && { freeFrom: from }),
    uses: usesOver(vehicle),
    ...(mayBeDriven(vehicle) && { driven: true }),
    version: vehicle.version,
  };
}

/** The fence counts holders. */
function usesOver({ assignment, fence }: BookedVehicle): number {
  return assignment === undefined ? fence : fence - 1;
}

function mayBeDriven(vehicle: BookedVehicle): boolean {
  return vehicle.assignment?.startedAt !== undefined || mayRunOnBoard(vehicle);
}
