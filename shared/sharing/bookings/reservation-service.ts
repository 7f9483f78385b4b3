import type { Clock } from '../../kernel/clock.ts';
import type { PricingPlan } from '../prices/plan.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { HoldRules } from '../setup/system.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import type { Trip } from '../trips/trip.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import type { Assignment, BookedVehicle } from './booked-vehicle.ts';
import { holdExpired, reservationNotFound } from './booking-refusals.ts';
import type { BookingService, Claimant } from './booking-service.ts';
import { groundOf } from './course.ts';
import type { Held } from './hold-service.ts';
import type { Assigned } from './reservation.ts';

export interface ReservationPorts {
  readonly service: Pick<BookingService, 'active' | 'extend' | 'cancel'>;
  readonly setup: Pick<SharingSetup, 'system' | 'plan'>;
  readonly operators: Pick<SharingSetup, 'operator'>;
  readonly trips: Pick<TripRepository, 'ofReservation'>;
  readonly clock: Clock;
}

/** `over`: whatever became of it, the trip's record says so in a moment. */
export type ReservationStatus = 'held' | 'driving' | 'paused' | 'ended' | 'cancelled' | 'expired' | 'over';

export interface Reservation {
  readonly reservationId: ReservationId;
  readonly operatorId: OperatorId;
  readonly status: ReservationStatus;
  /** Absent where nothing is known of it but that it was. */
  readonly use?: ReservedUse;
}

export interface ReservedUse extends Pick<Assignment, 'heldAt' | 'expiresAt' | 'startedAt' | 'packageId'> {
  readonly vehicleId: string;
  readonly plan: PricingPlan;
  /** How often it may be extended still, as long as it is held. */
  readonly extensionsLeft?: number;
}

/** A person's reservations: the one they have, and by its id one that they had. */
export class ReservationService {
  readonly #ports: ReservationPorts;

  constructor(ports: ReservationPorts) {
    this.#ports = ports;
  }

  /** One at the most. @throws Failure `not-found` (`operator-not-found`) */
  async list(claimant: Claimant): Promise<readonly Reservation[]> {
    const vehicle = await this.#ports.service.active(claimant);
    if (vehicle !== undefined) return [await this.#present(vehicle)];
    await requireOperator(this.#ports.operators, claimant.operatorId);
    return [];
  }

  /** @throws Failure `not-found` (`reservation-not-found`) for everybody but who has or had it */
  async require(claimant: Claimant, reservationId: ReservationId): Promise<Reservation> {
    const found = await this.#find(claimant, reservationId);
    if (found === undefined) throw reservationNotFound();
    return found;
  }

  /** As it was just made. */
  fresh({ assignment, terms }: Extract<Held, { kind: 'held' }>): Reservation {
    const { vehicle, system, plan } = terms;
    const { reservationId } = assignment;
    const extensionsLeft = system.holds.extensions;
    const use = { ...useOf(assignment), vehicleId: vehicle.vehicleId, plan, extensionsLeft };
    return { reservationId, operatorId: vehicle.operatorId, status: 'held', use };
  }

  /** What a hold became that is known to have been: a request that comes again gets it again. */
  async again(claimant: Claimant, reservationId: ReservationId): Promise<Reservation> {
    const { operatorId } = claimant;
    return (await this.#find(claimant, reservationId)) ?? { reservationId, operatorId, status: 'over' };
  }

  /** Once for each operation. */
  async extend(claimant: Claimant, reservationId: ReservationId, operationId: string): Promise<Reservation> {
    const { service } = this.#ports;
    const vehicle = await service.active(claimant);
    if (vehicle?.assignment.reservationId !== reservationId) {
      const { status } = await this.require(claimant, reservationId);
      throw status === 'cancelled' ? reservationNotFound() : holdExpired();
    }
    return this.#present(await service.extend(claimant, reservationId, await this.#rules(vehicle), operationId));
  }

  /** Again it changes nothing: whoever heard no answer may ask once more. */
  async cancel(claimant: Claimant, reservationId: ReservationId): Promise<Reservation> {
    const known = await this.#find(claimant, reservationId);
    if (known?.status === 'cancelled') return known;
    const vehicle = await this.#ports.service.cancel(claimant, reservationId);
    const { operatorId } = claimant;
    const status = 'cancelled';
    if (vehicle?.assignment?.reservationId !== reservationId) return { reservationId, operatorId, status };
    const { use } = await this.#present({ ...vehicle, assignment: vehicle.assignment });
    return { reservationId, operatorId, status, ...(use !== undefined && { use }) };
  }

  async #find(claimant: Claimant, reservationId: ReservationId): Promise<Reservation | undefined> {
    const vehicle = await this.#ports.service.active(claimant);
    if (vehicle?.assignment.reservationId === reservationId) return this.#present(vehicle);
    const trip = await this.#ports.trips.ofReservation(claimant.personId, reservationId);
    if (trip === undefined || trip.operatorId !== claimant.operatorId) return undefined;
    return pastOf(trip);
  }

  async #present(vehicle: Assigned): Promise<Reservation> {
    const { assignment, vehicleId, systemId, operatorId } = vehicle;
    const { reservationId, planId, planVersion } = assignment;
    const [plan, rules] = await Promise.all([
      this.#ports.setup.plan(systemId, planId, planVersion),
      this.#rules(vehicle),
    ]);
    const status = statusOf(vehicle, assignment, this.#ports.clock.now());
    if (plan === undefined) return { reservationId, operatorId, status };
    const left = Math.max(0, rules.extensions - assignment.extensions);
    const use = { ...useOf(assignment), vehicleId, plan, ...(status === 'held' && { extensionsLeft: left }) };
    return { reservationId, operatorId, status, use };
  }

  async #rules({ systemId }: BookedVehicle): Promise<HoldRules> {
    const system = await this.#ports.setup.system(systemId);
    return system?.holds ?? { minutes: 0, extensionMinutes: 0, extensions: 0 };
  }
}

/** @param now the hold counts until then, and a moment longer for others alone */
function statusOf(vehicle: BookedVehicle, assignment: Assignment, now: number): ReservationStatus {
  if (assignment.startedAt === undefined) return now < assignment.expiresAt ? 'held' : 'expired';
  return groundOf(vehicle) === 'on_trip' ? 'driving' : 'paused';
}

function useOf({ heldAt, expiresAt, startedAt, packageId }: Assignment) {
  return {
    ...{ heldAt, expiresAt },
    ...(startedAt !== undefined && { startedAt }),
    ...(packageId !== undefined && { packageId }),
  };
}

function pastOf({ reservationId, operatorId, vehicleId, heldAt, expiresAt, terms, state, course }: Trip): Reservation {
  const { plan, packageId } = terms;
  const use = {
    ...{ vehicleId, heldAt, expiresAt, plan },
    ...(packageId !== undefined && { packageId }),
    ...(course !== undefined && { startedAt: course.start.at }),
  };
  return { reservationId, operatorId, status: pastStatus(state), use };
}

function pastStatus({ status }: Trip['state']): ReservationStatus {
  switch (status) {
    case 'held':
      return 'over';
    case 'under-way':
      return 'driving';
    case 'ended':
    case 'settled':
    case 'to-review':
      return 'ended';
    case 'cancelled':
    case 'expired':
      return status;
  }
}
