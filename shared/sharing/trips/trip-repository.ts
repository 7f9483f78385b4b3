import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { TripEvent } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { Trip, TripKey } from './trip.ts';

export interface TripRepository {
  /** As it is now, not as it was a moment ago. */
  load(key: TripKey): Promise<Trip | undefined>;
  /** @param seen version of what was loaded; undefined: there was none. False where somebody else was faster. */
  save(trip: Trip, seen: number | undefined): Promise<boolean>;
  /** The newest first. */
  ofVehicle(vehicleId: string, page: PageRequest): Promise<Page<Trip>>;
  /** The newest first, of all operators; one that is a moment old may be missing. */
  ofPerson(personId: string, page: PageRequest): Promise<Page<Trip>>;
  ofReservation(personId: string, reservationId: ReservationId): Promise<Trip | undefined>;
}

/** What vehicles signed. Each line is a fact: the first that claims a place stays. */
export interface TripLog {
  /** @returns those whose places other lines have already */
  add(events: readonly TripEvent[]): Promise<readonly TripEvent[]>;
  ofTrip(key: TripKey): Promise<readonly TripEvent[]>;
  /** Of this fence and all later ones. */
  since(key: TripKey): Promise<readonly TripEvent[]>;
}
