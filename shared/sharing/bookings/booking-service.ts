import type { Clock, Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { FleetVehicle, HoldRules } from '../setup/system.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import type { BookedVehicle, ServiceReason } from './booked-vehicle.ts';
import { accountMissing, holdExpired, reservationNotFound, vehicleUnknown } from './booking-refusals.ts';
import type { BookingRepository } from './booking-repository.ts';
import { heard, silent } from './contact.ts';
import type { Driver } from './driver.ts';
import {
  type Assigned,
  cancelled,
  expired,
  extended,
  forcedEnd,
  isAssigned,
  keyed,
  requireHolder,
  shortened,
  vacated,
  withdrawn,
} from './reservation.ts';
import { chargeLow, chargeWell, enteredService, leftService, newcomer, type ServiceEvent } from './service-state.ts';
import { admitted } from './use.ts';

/** Somebody who has a reservation, or says so. */
export interface Claimant {
  readonly operatorId: OperatorId;
  readonly personId: string;
}

/** What becomes of a booking after its hold (`HoldService`): load, decide, save. */
export class BookingService {
  readonly #bookings: BookingRepository;
  readonly #clock: Clock;

  constructor({ bookings, clock }: { readonly bookings: BookingRepository; readonly clock: Clock }) {
    this.#bookings = bookings;
    this.#clock = clock;
  }

  vehicle(vehicleId: string): Promise<BookedVehicle | undefined> {
    return this.#bookings.vehicle(vehicleId);
  }

  driver(operatorId: OperatorId, personId: string): Promise<Driver | undefined> {
    return this.#bookings.driver(operatorId, personId);
  }

  /** The vehicle that the person has at present, undefined where they have none. */
  async active({ operatorId, personId }: Claimant): Promise<Assigned | undefined> {
    const driver = await this.#bookings.driver(operatorId, personId);
    if (driver?.active === undefined) return undefined;
    const { vehicleId, reservationId } = driver.active;
    const vehicle = await this.#bookings.vehicle(vehicleId);
    const isTheirs = vehicle?.assignment?.personId === personId;
    return vehicle !== undefined && isTheirs && isAssigned(vehicle, reservationId) ? vehicle : undefined;
  }

  /** Once for each operation, however often it is asked for. */
  extend(claimant: Claimant, reservationId: ReservationId, rules: HoldRules, operationId: string): Promise<Assigned> {
    return this.#held(claimant, reservationId, (vehicle, driver) =>
      extended(vehicle, driver, rules, operationId, this.#clock.now()),
    );
  }

  /** Takes down that a key is issued; only then may it be signed. Until when stands in `assignment.keyUntil`. */
  issueKey(claimant: Claimant, reservationId: ReservationId, most?: Instant): Promise<Assigned> {
    return this.#held(claimant, reservationId, (vehicle, driver) => keyed(vehicle, driver, this.#clock.now(), most));
  }

  /** @returns the vehicle as it was before; undefined where it is gone */
  async cancel(claimant: Claimant, reservationId: ReservationId): Promise<BookedVehicle | undefined> {
    const { seen: before } = await untilSaved(async () => {
      const { vehicle: seen } = await this.#active(claimant, reservationId);
      // It was released a moment ago, perhaps by this very request: what is left to do is the driver's half.
      if (seen === undefined || !isAssigned(seen, reservationId)) return { seen };
      const next = cancelled(requireHolder(seen, { ...claimant, reservationId }), this.#clock.now());
      return (await this.#bookings.save({ vehicle: { seen: seen.version, next } })) ? { seen } : undefined;
    });
    await this.vacate(claimant, reservationId);
    return before;
  }

  /** Where nobody came for it; false where there is nothing to release. The item decides, whoever asks and however often. */
  async expire(vehicleId: string): Promise<boolean> {
    const before = await this.#change(vehicleId, (vehicle) => expired(vehicle, this.#clock.now()));
    return this.#left(before);
  }

  /** This hold, if nobody has come for it: whoever would have to let them will not. False where there is none. */
  async withdraw(vehicleId: string, reservationId: ReservationId, reason: string): Promise<boolean> {
    const before = await this.#change(vehicleId, (vehicle) => {
      if (!isAssigned(vehicle, reservationId) || vehicle.assignment.startedAt !== undefined) return undefined;
      return withdrawn(vehicle, reason, this.#clock.now());
    });
    return this.#left(before);
  }

  /** No longer than until then. */
  async shorten(vehicleId: string, reservationId: ReservationId, until: Instant): Promise<void> {
    await this.#change(vehicleId, (vehicle) =>
      isAssigned(vehicle, reservationId) ? shortened(vehicle, until) : undefined,
    );
  }

  /**
   * By the operator; undefined where nobody has it. One command ends one use: where the first write took effect, and its
   * answer was lost, whoever has got the vehicle since is not meant.
   *
   * @param only of this reservation, where it has the vehicle
   */
  async forceEnd(vehicleId: string, only?: ReservationId): Promise<Assigned | undefined> {
    const now = this.#clock.now();
    let meant: Assigned | undefined;
    await this.#change(vehicleId, ({ assignment, ...vehicle }) => {
      if (assignment === undefined) return undefined;
      const { reservationId } = assignment;
      if (reservationId !== (meant?.assignment.reservationId ?? only ?? reservationId)) return undefined;
      meant = { ...vehicle, assignment };
      return forcedEnd(meant, now);
    });
    await this.#left(meant);
    return meant;
  }

  /** The driver has it no more: after each release, whoever noticed. Changes nothing where they have another, or none. */
  async vacate({ operatorId, personId }: Claimant, reservationId: ReservationId): Promise<boolean> {
    return untilSaved(async () => {
      const driver = await this.#bookings.driver(operatorId, personId);
      const next = driver === undefined ? undefined : vacated(driver, reservationId);
      if (driver === undefined || next === undefined) return false;
      return (await this.#bookings.save({ driver: { seen: driver.version, next } })) ? true : undefined;
    });
  }

  /** From now on it may be held. False where it could be already. */
  async enterService(
    place: Pick<FleetVehicle, 'vehicleId' | 'systemId' | 'operatorId' | 'vehicleTypeId' | 'partner'>,
  ): Promise<boolean> {
    return untilSaved(async () => {
      const seen = await this.#bookings.vehicle(place.vehicleId);
      const next = enteredService(seen ?? newcomer(place), place, this.#clock.now());
      if (next === undefined) return false;
      const change = seen === undefined ? { next } : { seen: seen.version, next };
      return (await this.#bookings.save({ vehicle: change })) ? true : undefined;
    });
  }

  /** Out of service: with a reason of its own where the operator gives one. */
  leaveService(vehicleId: string, reason?: ServiceReason): Promise<BookedVehicle> {
    return this.move(vehicleId, 'service_end', reason);
  }

  /** @throws Failure `not-found` (`vehicle-not-offered`), `conflict` (`vehicle-in-use`, `transition-not-possible`) */
  async move(vehicleId: string, event: ServiceEvent, reason?: ServiceReason): Promise<BookedVehicle> {
    return untilSaved(async () => {
      const seen = await this.#bookings.vehicle(vehicleId);
      if (seen === undefined) throw vehicleUnknown();
      const next = leftService(seen, event, this.#clock.now(), reason);
      return (await this.#bookings.save({ vehicle: { seen: seen.version, next } })) ? next : undefined;
    });
  }

  async chargeLow(vehicleId: string): Promise<boolean> {
    return (await this.#change(vehicleId, (vehicle) => chargeLow(vehicle, this.#clock.now()))) !== undefined;
  }

  async chargeWell(vehicleId: string): Promise<boolean> {
    return (await this.#change(vehicleId, (vehicle) => chargeWell(vehicle, this.#clock.now()))) !== undefined;
  }

  async silent(vehicleId: string, since: Instant, quietPlace: boolean): Promise<boolean> {
    return (await this.#change(vehicleId, (vehicle) => silent(vehicle, since, quietPlace))) !== undefined;
  }

  async heard(vehicleId: string): Promise<boolean> {
    return (await this.#change(vehicleId, (vehicle) => heard(vehicle, this.#clock.now()))) !== undefined;
  }

  async admitted(vehicleId: string, minimumFence: number): Promise<boolean> {
    return (await this.#change(vehicleId, (vehicle) => admitted(vehicle, minimumFence))) !== undefined;
  }

  /**
   * Whatever else is decided of one vehicle, as by its log (`use.ts`).
   *
   * @param decide undefined where nothing is to change
   * @returns what was there before, undefined where nothing was changed
   */
  change(
    vehicleId: string,
    decide: (vehicle: BookedVehicle) => BookedVehicle | undefined,
  ): Promise<BookedVehicle | undefined> {
    return this.#change(vehicleId, decide);
  }

  async #change(
    vehicleId: string,
    decide: (vehicle: BookedVehicle) => BookedVehicle | undefined,
  ): Promise<BookedVehicle | undefined> {
    const { before } = await untilSaved(async () => {
      const seen = await this.#bookings.vehicle(vehicleId);
      const next = seen === undefined ? undefined : decide(seen);
      if (seen === undefined || next === undefined) return { before: undefined };
      return (await this.#bookings.save({ vehicle: { seen: seen.version, next } })) ? { before: seen } : undefined;
    });
    return before;
  }

  async #left(before: BookedVehicle | undefined): Promise<boolean> {
    if (before?.assignment === undefined) return false;
    const { personId, reservationId } = before.assignment;
    await this.vacate({ operatorId: before.operatorId, personId }, reservationId);
    return true;
  }

  #held(
    claimant: Claimant,
    reservationId: ReservationId,
    decide: (vehicle: Assigned, driver: Driver) => ReturnType<typeof keyed>,
  ): Promise<Assigned> {
    return untilSaved(async () => {
      const { vehicle, driver } = await this.#theirs(claimant, reservationId);
      const step = decide(vehicle, driver);
      if (step.vehicle === undefined) return vehicle;
      const { next } = step.vehicle;
      if (!isAssigned(next, reservationId)) throw reservationNotFound();
      return (await this.#bookings.save(step)) ? next : undefined;
    });
  }

  async #theirs(claimant: Claimant, reservationId: ReservationId) {
    const { driver, vehicle } = await this.#active(claimant, reservationId);
    // Somebody has claimed it since, or nobody came.
    if (vehicle === undefined || !isAssigned(vehicle, reservationId)) throw holdExpired();
    return { driver, vehicle: requireHolder(vehicle, { ...claimant, reservationId }) };
  }

  async #active({ operatorId, personId }: Claimant, reservationId: ReservationId) {
    const driver = await this.#bookings.driver(operatorId, personId);
    if (driver === undefined) throw accountMissing();
    if (driver.active?.reservationId !== reservationId) throw reservationNotFound();
    return { driver, vehicle: await this.#bookings.vehicle(driver.active.vehicleId) };
  }
}
