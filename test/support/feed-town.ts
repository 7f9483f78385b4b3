import type { Assignment, BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { heard } from '#shared/sharing/bookings/contact.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { held, isHoldable } from '#shared/sharing/bookings/hold.ts';
import { cancelled, expired, forcedEnd, keyed, mayRunOnBoard } from '#shared/sharing/bookings/reservation.ts';
import { enteredService, leftService } from '#shared/sharing/bookings/service-state.ts';
import { admitted, ended, type Logged, paused, resumed, started } from '#shared/sharing/bookings/use.ts';
import { lineGone } from '#shared/sharing/contact/line.ts';
import { type Listing, listed } from '#shared/sharing/search/listing.ts';
import type { Place } from '#shared/sharing/zones/zone.ts';
import { aBookedVehicle, aClaim, aDriver, aReservationId } from './booking-samples.ts';
import type { ManualClock } from './manual-clock.ts';

export const happenings = [
  ...([
    'hold',
    'key',
    'start',
    'late-start',
    'pause',
    'resume',
    'end',
    'cancel',
    'expire',
    'force-end',
    'admit',
  ] as const),
  ...(['silent', 'back', 'out', 'in', 'report', 'wait'] as const),
] as const;
export type Happening = (typeof happenings)[number];

/** One vehicle: what the cloud knows of it, and what really happens, in cars that drive although the cloud does not know. */
export class TownVehicle {
  booking: BookedVehicle;
  /** Somebody drives it, whatever the cloud thinks. */
  isDriven = false;
  place: Place | undefined;
  /** Every place where it was while it was driven. */
  readonly driven: Place[] = [];
  readonly #driver = aDriver();
  readonly #clock: ManualClock;
  readonly #street: number;
  #use: Pick<Logged, 'reservationId' | 'fence'> = { reservationId: aReservationId(), fence: 0 };
  #isUnheard = false;
  #sequence = 0;
  #reportedAt = 0;

  /** @param street no two vehicles ever stand in the same place */
  constructor(clock: ManualClock, street: number, vehicleTypeId: string) {
    this.#clock = clock;
    this.#street = street;
    this.booking = aBookedVehicle({ vehicleTypeId, moves: [] });
  }

  get listing(): Listing {
    const { vehicleId } = this.booking;
    const status = { boot: 1, sequence: this.#sequence, at: this.#reportedAt, charge: 50 };
    return {
      ...{ vehicleId, booking: listed(this.booking, { label: `No. ${this.#street}` }) },
      ...(this.place !== undefined && { status: { ...status, place: this.place } }),
    };
  }

  get isFree(): boolean {
    return isHoldable(this.booking, this.#clock.now());
  }

  /** Somebody may be driving it, as far as the cloud can know. */
  get mayBeDriven(): boolean {
    return this.booking.assignment?.startedAt !== undefined || mayRunOnBoard(this.booking);
  }

  /** Its log comes, some seconds after what it has said of itself. */
  hear(): void {
    if (this.#isUnheard) this.booking = started(this.booking, this.#logged());
    this.#isUnheard = false;
  }

  /** What cannot happen now does not. */
  live(happening: Happening): void {
    try {
      this.hear();
      const next = this.#next(happening);
      if (next !== undefined) this.booking = next;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'Failure')) throw error;
    }
  }

  #next(happening: Happening): BookedVehicle | undefined {
    const { booking, isDriven } = this;
    const { assignment } = booking;
    const now = this.#clock.now();
    const claim = aClaim(booking, this.#driver, { heldAt: now, expiresAt: now + 900_000 });
    const { licence: _, bornBy: __, ...freely } = { ...claim, vehicleTypeId: booking.vehicleTypeId };
    switch (happening) {
      case 'hold':
        return held(booking, this.#driver, freely)?.vehicle?.next;
      case 'key':
        return assignment && keyed({ ...booking, assignment }, this.#active(assignment), now).vehicle?.next;
      case 'start':
        if (assignment === undefined || isDriven || now >= assignment.expiresAt) return undefined;
        this.isDriven = true;
        this.#use = { reservationId: assignment.reservationId, fence: booking.fence };
        return started(booking, this.#logged());
      case 'late-start':
        // What it says of itself overtakes what it logged.
        if (assignment === undefined || isDriven || now >= assignment.expiresAt) return undefined;
        this.#use = { reservationId: assignment.reservationId, fence: booking.fence };
        this.isDriven = true;
        this.#isUnheard = true;
        return void this.#report();
      case 'pause':
        return isDriven ? paused(booking, this.#logged()) : undefined;
      case 'resume':
        return isDriven ? resumed(booking, this.#logged()) : undefined;
      case 'end':
        if (!isDriven) return undefined;
        this.isDriven = false;
        return ended(booking, this.#logged());
      case 'cancel':
        return assignment && cancelled({ ...booking, assignment }, now);
      case 'expire':
        return expired(booking, now);
      case 'force-end':
        // What takes no keys its operator has opened, and says now that it is over.
        if (assignment?.keyUntil === undefined) this.isDriven = false;
        return assignment && forcedEnd({ ...booking, assignment }, now);
      case 'admit':
        return isDriven || assignment !== undefined ? undefined : admitted(booking, booking.fence + 1);
      case 'silent':
        return lineGone(booking, now);
      case 'back':
        return heard(booking, now);
      case 'out':
        return leftService(booking, 'service_end', now);
      case 'in':
        return enteredService(booking, booking, now);
      case 'report':
        return void this.#report();
      case 'wait':
        return void this.#clock.advance(600_000);
    }
  }

  /** Where it is now: nobody else ever is there, and it is there once. */
  #report(): void {
    this.#sequence += 1;
    this.#reportedAt = this.#clock.now();
    this.place = { latitude: 52.5 + this.#street / 1_000, longitude: 13.4 + this.#sequence / 100_000 };
    if (this.isDriven) this.driven.push(this.place);
  }

  #active({ reservationId, expiresAt }: Assignment): Driver {
    const { vehicleId } = this.booking;
    return { ...this.#driver, active: { reservationId, vehicleId, until: expiresAt } };
  }

  #logged(): Logged {
    const { log } = this.booking;
    const now = this.#clock.now();
    const position = { boot: log?.boot ?? 1, sequence: (log?.sequence ?? 0) + 1 };
    return { ...this.#use, at: now, readAt: now, position };
  }
}
