import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import { reservationNotPresent } from '../bookings/booking-refusals.ts';
import type { BookingService, Claimant } from '../bookings/booking-service.ts';
import { groundOf } from '../bookings/course.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { FleetVehicle } from '../setup/system.ts';
import type { ReservationId } from '../sharing-id.ts';
import { endOfHour } from './card.ts';
import { type Allowance, added, type CareBook } from './care-book.ts';
import { careIdOf } from './care-id.ts';
import { openedTooOften, openingImpossible } from './care-refusals.ts';
import type { CareUses } from './care-use.ts';
import { mostOpeningsOfClient, mostOpeningsOfUse, type Opening, openingKept, openingLife } from './opening.ts';

/** The way to a vehicle. */
export interface OpeningOrders {
  /** Opens the doors of a paused trip of this reservation, standing still, before `until`; the drive stays as it is. */
  open(
    vehicleId: VehicleId,
    order: { readonly orderId: string; readonly reservationId: ReservationId },
    now: Instant,
    until: Instant,
  ): Promise<void>;
}

export interface OpeningPorts {
  readonly openings: CareBook<Opening>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly uses: Pick<CareUses, 'require'>;
  readonly door: Pick<SharingDoor, 'vehicle'>;
  readonly orders: OpeningOrders;
  readonly allowance: Allowance;
  readonly clock: Clock;
}

export interface OpeningOrder {
  readonly reservationId: ReservationId;
  readonly reason: string;
  readonly proof: string;
}

/**
 * A driver stands before their own paused trip, and the phone is inside or dead: support opens the doors, after it knows who
 * calls. Never a vehicle that nobody has: whoever asks for that is a thief or has keys of their own (docs/care.md).
 */
export class OpeningService {
  readonly #ports: OpeningPorts;

  constructor(ports: OpeningPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `reservation-not-present`, `support-opening-impossible`, `support-opening-too-often` */
  async open(caller: Caller, vehicleId: string, order: OpeningOrder, operation: Operation): Promise<Opening> {
    const { door, bookings, openings, orders, allowance, clock } = this.#ports;
    const fleet = await door.vehicle(caller, vehicleId);
    const openingId = careIdOf('opening', operation);
    const known = await openings.load(openingId);
    const now = clock.now();
    const vehicle = await bookings.vehicle(vehicleId);
    if (vehicle?.assignment?.reservationId !== order.reservationId) {
      if (known !== undefined) return known;
      throw reservationNotPresent();
    }
    requireOpenable(fleet, vehicle);
    if (known === undefined) {
      const until = endOfHour(now);
      const { reservationId } = order;
      // Both are used up even where the vehicle does not obey: a limit that waits for answers limits nothing.
      const ofUse = await allowance.take(`opening#${reservationId}`, mostOpeningsOfUse, until);
      const may = ofUse && (await allowance.take(`opening#${caller.clientId}`, mostOpeningsOfClient, until));
      if (!may) throw openedTooOften(Math.ceil((until - now) / 1000));
    }
    const at = operation.startedAt;
    const { operatorId } = fleet;
    const { personId } = vehicle.assignment;
    const fresh: Opening = {
      ...{ openingId, operatorId, vehicleId, ...order, personId, by: caller.clientId, at },
      ...{ until: at + openingLife, forgetAt: at + openingKept, version: 1 },
    };
    // What the driver is shown is there before the doors are open.
    const opening = await added(openings, openingId, fresh);
    if (isVehicleId(vehicleId) && now < opening.until) {
      const { reservationId } = opening;
      await orders.open(vehicleId, { orderId: openingId, reservationId }, now, opening.until);
    }
    return opening;
  }

  /** What support has done in a trip of theirs. */
  async ofTrip(claimant: Claimant, reservationId: ReservationId): Promise<readonly Opening[]> {
    await this.#ports.uses.require(claimant, reservationId);
    return this.of(reservationId);
  }

  async of(reservationId: ReservationId): Promise<readonly Opening[]> {
    const { items } = await this.#ports.openings.list({ of: 'use', reservationId }, { limit: 100 });
    return items;
  }
}

/** When in doubt the vehicle stays as it is. */
function requireOpenable({ speaks }: FleetVehicle, vehicle: BookedVehicle): void {
  if (speaks !== 'device') throw openingImpossible('it is opened by its operator’s own means');
  if (vehicle.state === 'non_contactable') throw openingImpossible('it is not heard of');
  if (vehicle.assignment?.startedAt === undefined) throw openingImpossible('its trip has not begun');
  // Paused, it has locked and immobilised itself; driven, it may move at this very moment.
  if (groundOf(vehicle) !== 'stopped') throw openingImpossible('it may be moving');
}
