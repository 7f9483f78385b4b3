import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { notMember } from '../ledger/ledger-refusals.ts';
import { type MembershipBook, requireMembership, requirePaidFor } from '../ledger/membership.ts';
import type { KeptSetup } from '../setup/kept-setup.ts';
import { type ReservationId, reservationIdOf } from '../sharing-id.ts';
import type { Assignment, BookedVehicle } from './booked-vehicle.ts';
import { alreadyHolding, requestReused } from './booking-refusals.ts';
import type { BookingRepository } from './booking-repository.ts';
import type { BookingService, Claimant } from './booking-service.ts';
import type { Driver, HoldRequest } from './driver.ts';
import { assignmentOf, type HoldClaim, hasRoom, keptRequests, whyNotDriver, whyNotVehicle } from './hold.ts';
import { claimOf, type Terms, termsOf, type Wish } from './terms.ts';

export interface HoldPorts {
  readonly bookings: BookingRepository;
  readonly service: Pick<BookingService, 'vacate'>;
  readonly setup: Pick<KeptSetup, 'system' | 'plan' | 'fleetVehicle' | 'forgetVehicle'>;
  /** Who may hold at the cost of a business; absent: nobody. */
  readonly businesses?: MembershipBook;
  readonly clock: Clock;
  /** 16 characters of base64url. */
  readonly digest: (text: string) => string;
}

/** As it came: a repeated request brings the same key, and means the same only if it asks for the same. */
export interface KeyedWish extends Wish {
  readonly key: string;
}

export type Held =
  | { readonly kind: 'held'; readonly assignment: Assignment; readonly terms: Terms }
  | { readonly kind: 'repeated'; readonly reservationId: ReservationId };

/** Holds a vehicle for a person: one call to the table, in which everything is decided (docs/decisions/booking.md). */
export class HoldService {
  readonly #ports: HoldPorts;

  constructor(ports: HoldPorts) {
    this.#ports = ports;
  }

  /** @throws Failure with what stands against it; nothing was changed then */
  async hold(claimant: Claimant, wish: KeyedWish, operation: Operation): Promise<Held> {
    const { bookings, digest, clock } = this.#ports;
    const fingerprint = digest(JSON.stringify(askedOf(wish)));
    // Twice at the most: what stood in the way and could be tidied up is tidied up once.
    for (let round = 1; ; round++) {
      const now = clock.now();
      const reservationId = reservationIdOf(operation.operationId, now);
      const request = { key: digest(wish.key), fingerprint, reservationId };
      const asked = await this.#claim(claimant, wish, request, now);
      if (asked.kind === 'repeated') return asked;
      const { claim, terms } = asked;
      const outcome = await bookings.hold(claim);
      if (outcome.kind === 'held') return { kind: 'held', assignment: assignmentOf(claim), terms };
      if (outcome.kind === 'repeated') return repeated(outcome.request, request);
      const isCleared =
        outcome.half === 'driver'
          ? await this.#clearDriver(outcome.driver, claim)
          : this.#clearTerms(outcome.vehicle, claim, round);
      if (!isCleared || round === 2) throw contended();
    }
  }

  async #claim(claimant: Claimant, wish: Wish, request: HoldRequest, now: Instant) {
    try {
      const terms = await termsOf(this.#ports.setup, claimant.operatorId, wish);
      const { billTo } = wish;
      if (billTo !== undefined) {
        const { businesses, setup } = this.#ports;
        if (businesses === undefined) throw notMember();
        const business = await requireMembership(businesses, claimant.operatorId, billTo, claimant.personId);
        await requirePaidFor(setup, business, terms);
      }
      const claim = claimOf(terms, { ...claimant, request }, now);
      return { kind: 'new' as const, terms, claim: { ...claim, ...(billTo !== undefined && { billTo }) } };
    } catch (error) {
      // What the first one got, the same request gets again, whatever would stand against a new one by now.
      const known = error instanceof Failure ? await this.#known(claimant, request.key) : undefined;
      if (known !== undefined) return repeated(known, request);
      throw error;
    }
  }

  async #known({ operatorId, personId }: Claimant, key: string): Promise<HoldRequest | undefined> {
    const driver = await this.#ports.bookings.driver(operatorId, personId);
    return driver?.requests.find((request) => request.key === key);
  }

  /** Whether the driver's half may be free now. */
  async #clearDriver(driver: Driver | undefined, claim: HoldClaim): Promise<boolean> {
    const why = whyNotDriver(driver, claim);
    if (why !== undefined && why.code !== alreadyHolding().code) throw why;
    if (driver === undefined) return false;
    const { bookings, service } = this.#ports;
    if (why !== undefined && driver.active !== undefined) {
      const { vehicleId, reservationId } = driver.active;
      const vehicle = await bookings.vehicle(vehicleId);
      if (vehicle?.assignment?.reservationId === reservationId) throw why;
      // It was released, and whoever did it has not come to tell the driver's half.
      return service.vacate(claim, reservationId);
    }
    if (hasRoom(driver)) return true;
    const requests = driver.requests.slice(0, keptRequests);
    await bookings.save({
      driver: { seen: driver.version, next: { ...driver, requests, version: driver.version + 1 } },
    });
    return true;
  }

  /** Whether the terms may have been those of half a minute ago. */
  #clearTerms(vehicle: BookedVehicle | undefined, claim: HoldClaim, round: number): boolean {
    const isAnother = vehicle?.systemId !== claim.systemId || vehicle.vehicleTypeId !== claim.vehicleTypeId;
    const why = whyNotVehicle(vehicle, claim);
    if (why !== undefined && !(isAnother && round === 1)) throw why;
    this.#ports.setup.forgetVehicle(claim.vehicleId);
    return true;
  }
}

function askedOf({ vehicleId, packageId, billTo }: KeyedWish) {
  return [vehicleId, packageId ?? null, ...(billTo === undefined ? [] : [billTo])];
}

function repeated(known: HoldRequest, { fingerprint }: HoldRequest): Extract<Held, { kind: 'repeated' }> {
  if (known.fingerprint !== fingerprint) throw requestReused();
  return { kind: 'repeated', reservationId: known.reservationId };
}

function contended(): Failure {
  return new Failure('unavailable', 'contended', 'Others keep changing the same thing at the same time.', {
    retryAfter: 1,
  });
}
