import type { Clock } from '../../kernel/clock.ts';
import type { BookingService, Claimant } from '../../sharing/bookings/booking-service.ts';
import { isExtendedBy } from '../../sharing/bookings/reservation.ts';
import type { Reservation, ReservationService } from '../../sharing/bookings/reservation-service.ts';
import type { ReservationId } from '../../sharing/sharing-id.ts';
import type { LegOperation } from '../tomp/leg.ts';
import type { PartnerFeedRepository } from './feed-ports.ts';
import type { PartnerDesk, Told } from './partner-desk.ts';
import type { PartnerFeed } from './partner-feed.ts';
import { notAPartners, partnerRefused, partnerUnavailable, rideNotPossible } from './partner-refusals.ts';
import type { PartnerUse } from './partner-use.ts';
import type { PartnerUseService } from './partner-use-service.ts';

export interface PartnerReservationPorts {
  readonly reservations: Pick<ReservationService, 'require' | 'again' | 'extend' | 'cancel'>;
  readonly uses: Pick<PartnerUseService, 'of' | 'look'>;
  readonly feeds: Pick<PartnerFeedRepository, 'load'>;
  readonly bookings: Pick<BookingService, 'vehicle' | 'shorten'>;
  readonly desk: PartnerDesk;
  readonly clock: Clock;
}

interface Confirmed {
  readonly use: PartnerUse;
  readonly feed: PartnerFeed;
  readonly packageId: string;
}

/** What becomes of a reservation after its hold, where the vehicle may be a partner's. */
export class PartnerReservations {
  readonly #ports: PartnerReservationPorts;

  constructor(ports: PartnerReservationPorts) {
    this.#ports = ports;
  }

  /** The partner first: what it will not hold longer, we do not promise. Once for each operation. */
  async extend(claimant: Claimant, reservationId: ReservationId, operationId: string): Promise<Reservation> {
    const { reservations, desk, bookings } = this.#ports;
    const confirmed = await this.#confirmed(reservationId);
    const { status, use: held } = await reservations.require(claimant, reservationId);
    if (confirmed === undefined) return reservations.extend(claimant, reservationId, operationId);
    const { feed, packageId, use } = confirmed;
    const { assignment } = (await bookings.vehicle(use.vehicleId)) ?? {};
    const isDone = assignment?.reservationId === reservationId && isExtendedBy(assignment, operationId);
    // What is done with us already is asked of the partner as it was then.
    const left = (held?.extensionsLeft ?? 0) + (isDone ? 1 : 0);
    // What our own rules refuse, no partner is asked for.
    if (status !== 'held' || left === 0) return reservations.extend(claimant, reservationId, operationId);
    const reference = `${reservationId}-extend-${left}`;
    const told = answered(await desk.extend(feed, packageId, reference), partnerRefused);
    const extended = await reservations.extend(claimant, reservationId, operationId);
    if (told.expiresAt === undefined) return extended;
    await bookings.shorten(use.vehicleId, reservationId, told.expiresAt);
    return reservations.require(claimant, reservationId);
  }

  /** Ours is over at once; the partner is told now, or as soon as it answers. */
  async cancel(claimant: Claimant, reservationId: ReservationId): Promise<Reservation> {
    const cancelled = await this.#ports.reservations.cancel(claimant, reservationId);
    if ((await this.#ports.uses.of(reservationId)) !== undefined) {
      await this.#ports.uses.look({ kind: 'use', reservationId });
    }
    return cancelled;
  }

  /** Has the partner open, lock or end it. */
  async ride(claimant: Claimant, reservationId: ReservationId, operation: LegOperation): Promise<Reservation> {
    const { reservations, desk, uses } = this.#ports;
    await reservations.require(claimant, reservationId);
    const confirmed = await this.#confirmed(reservationId);
    if (confirmed === undefined) throw notAPartners();
    const { feed, packageId } = confirmed;
    const { leg } = answered(await desk.look(feed, packageId), rideNotPossible);
    if (leg === undefined) throw rideNotPossible('it has no leg');
    answered(await desk.operate(feed, packageId, leg.legId, operation), rideNotPossible);
    await uses.look({ kind: 'use', reservationId });
    return reservations.again(claimant, reservationId);
  }

  async #confirmed(reservationId: ReservationId): Promise<Confirmed | undefined> {
    const use = await this.#ports.uses.of(reservationId);
    if (use === undefined) return undefined;
    if (use.stage.status !== 'confirmed') throw partnerUnavailable();
    const feed = await this.#ports.feeds.load(use);
    if (feed === undefined) throw partnerUnavailable();
    return { use, feed, packageId: use.stage.packageId };
  }
}

function answered<T>(told: Told<T>, refusal: (detail: string) => Error): T {
  switch (told.kind) {
    case 'told':
      return told.value;
    case 'refused':
      throw refusal(told.detail);
    case 'unknown':
      throw partnerUnavailable();
  }
}
