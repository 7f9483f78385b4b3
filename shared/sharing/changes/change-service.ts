import type { Clock } from '../../kernel/clock.ts';
import type { BookedVehicle, Move } from '../bookings/booked-vehicle.ts';
import type { DueCalls } from '../due/due.ts';
import { minimumFenceOf, type StatementCalls } from '../keys/statement-service.ts';
import type { ChargeWatch } from '../reports/charge-watch.ts';
import { sweptFrom } from '../search/free-from.ts';
import { type ListingRepository, listed } from '../search/listing.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { TripService } from '../trips/trip-service.ts';

/** What happened to a vehicle, for whoever subscribes. Nothing of persons or places is in it. */
export interface VehicleMoved {
  readonly vehicleId: string;
  readonly systemId: string;
  readonly operatorId: string;
  readonly vehicleTypeId: string;
  /** MDS 2.0, mode car-share. */
  readonly event: Move['event'];
  /** When it happened, which may be long ago. */
  readonly at: number;
  readonly reason?: string;
  /** Of the booking, and the move's place in it: moves of a vehicle sort by them. */
  readonly version: number;
  readonly place: number;
}

export interface MoveBook {
  /** Keeps the moves of a write that it has not yet. */
  keep(after: BookedVehicle): Promise<void>;
}

export interface MoveEvents {
  announce(move: VehicleMoved, eventId: string): Promise<void>;
}

export interface ChangePorts {
  readonly listings: Pick<ListingRepository, 'noteBooking' | 'listing' | 'remove'>;
  readonly charges: Pick<ChargeWatch, 'judge'>;
  readonly setup: Pick<SharingSetup, 'fleetVehicle'>;
  readonly moves: MoveBook;
  readonly events: MoveEvents;
  readonly trips: Pick<TripService, 'changed'>;
  readonly due: DueCalls;
  readonly statements: StatementCalls;
  readonly clock: Clock;
}

/** What follows from each write of a booked vehicle. Each may come twice; those of one vehicle come in their order. */
export class ChangeService {
  readonly #ports: ChangePorts;

  constructor(ports: ChangePorts) {
    this.#ports = ports;
  }

  async follow(before: BookedVehicle | undefined, after: BookedVehicle): Promise<void> {
    await Promise.all([
      this.#list(before, after),
      this.#tell(after),
      this.#ports.moves.keep(after),
      this.#call(before, after),
    ]);
    await this.#ports.trips.changed(before, after);
  }

  /** Its booking is gone, as by an erasure. */
  async forget({ systemId, vehicleId, version }: BookedVehicle): Promise<void> {
    await this.#ports.listings.remove(systemId, vehicleId, version);
  }

  async #list(before: BookedVehicle | undefined, after: BookedVehicle): Promise<void> {
    const { listings, setup } = this.#ports;
    const { vehicleId, systemId, version } = after;
    // Its partner offers it no more under this name: there is nothing to come back.
    if (after.partner !== undefined && after.state === 'removed') return listings.remove(systemId, vehicleId, version);
    const { label, planId } = (await setup.fleetVehicle(vehicleId)) ?? { label: '' };
    const noted = listed(after, { label, ...(planId !== undefined && { planId }) });
    await listings.noteBooking(systemId, vehicleId, noted, after.partner === undefined ? undefined : 'offered');
    if (before !== undefined && before.systemId !== systemId) {
      await listings.remove(before.systemId, vehicleId, version);
    }
    if (after.state === 'available' && before?.state !== 'available') await this.#weigh(after);
  }

  /** Back from somebody who has driven it empty, and has said so before. */
  async #weigh(vehicle: BookedVehicle): Promise<void> {
    const { listings, charges } = this.#ports;
    const { systemId, vehicleId } = vehicle;
    const charge = (await listings.listing(systemId, vehicleId))?.status?.charge;
    if (charge !== undefined) await charges.judge(systemId, vehicleId, vehicle, charge);
  }

  async #tell(vehicle: BookedVehicle): Promise<void> {
    const { vehicleId, systemId, operatorId, vehicleTypeId, version, moves, partner } = vehicle;
    // Where a partner's vehicle moves the partner tells, the city and everybody else: it would be told twice.
    if (moves.length === 0 || partner !== undefined) return;
    const of = { vehicleId, systemId, operatorId, vehicleTypeId, version };
    const told = moves.map(({ where: _, ...move }, place): VehicleMoved => ({ ...of, ...move, place }));
    const { events } = this.#ports;
    await Promise.all(told.map((move) => events.announce(move, `${vehicleId}-${version}-${move.place}`)));
  }

  async #call(before: BookedVehicle | undefined, after: BookedVehicle): Promise<void> {
    const { due, statements, clock } = this.#ports;
    const { vehicleId } = after;
    const now = clock.now();
    const over = sweptFrom(after);
    const wasOver = before && sweptFrom(before);
    // A millisecond later: the guard has to be over as well.
    if (over !== undefined && over !== wasOver) await due.call({ kind: 'expiry', vehicleId }, over + 1, now);
    if (after.partner === undefined && needsStatement(before, after))
      await statements.call({ kind: 'vehicle', vehicleId });
  }
}

/**
 * When it is new, of another city or type, or back from a holder whose key the vehicle has not said it admits no more. A
 * hold needs none: it begins where the release before it ended. A vehicle that never said whom it admits may have been
 * shown nothing yet.
 */
export function needsStatement(before: BookedVehicle | undefined, after: BookedVehicle): boolean {
  if (before === undefined || after.admits === 0) return true;
  if (before.systemId !== after.systemId || before.vehicleTypeId !== after.vehicleTypeId) return true;
  return minimumFenceOf(after) > minimumFenceOf(before) && after.admits < minimumFenceOf(after);
}
