import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import { type VehicleId, vehicleIdOf } from '../../registry/vehicle-id.ts';
import type { VehicleService } from '../../registry/vehicle-service.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SystemId } from '../sharing-id.ts';
import type { SharingDoor } from './acting.ts';
import { type Finding, onlyIf, refuse } from './finding.ts';
import type { AwayReason, FleetChanges, FleetOrder } from './fleet-order.ts';
import { labelTaken, sharedOtherwise } from './fleet-refusals.ts';
import { type ServiceStep, wayBack, wayOut } from './service-course.ts';
import type { SetupRepository, VehicleWrite } from './setup-repository.ts';
import type { FleetVehicle, SharingSystem } from './system.ts';

export interface SharedFleetPorts {
  readonly setup: SetupRepository;
  readonly door: SharingDoor;
  readonly bookings: Pick<BookingService, 'vehicle' | 'enterService' | 'move'>;
  readonly registry: Pick<VehicleService, 'require'>;
  readonly owners: { load(vehicleId: VehicleId): Promise<{ readonly owner?: unknown } | undefined> };
  readonly listings: Pick<ListingRepository, 'relabel'>;
}

export interface SharedVehicle {
  readonly vehicle: FleetVehicle;
  /** Absent for the moment between the two writes that take it in. */
  readonly booking?: BookedVehicle;
}

/** The vehicles that an operator shares. */
export class SharedFleetService {
  readonly #ports: SharedFleetPorts;

  constructor(ports: SharedFleetPorts) {
    this.#ports = ports;
  }

  async get(caller: Caller, vehicleId: string): Promise<SharedVehicle> {
    const vehicle = await this.#ports.door.vehicle(caller, vehicleId);
    return this.#withBooking(vehicle);
  }

  async list(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<FleetVehicle>> {
    await this.#ports.door.system(caller, systemId);
    return this.#ports.setup.vehicles(systemId, page);
  }

  /** `created` is false when it was there before, as the very same: then a crash in between is made good. */
  async takeIn(caller: Caller, systemId: SystemId, order: FleetOrder, { operationId }: Operation) {
    const system = await this.#ports.door.system(caller, systemId);
    refuse(await this.#findings(system, order));
    if (order.vehicleId !== undefined) await this.#requireTheirs(caller, order.vehicleId);
    const { operatorId } = system;
    const vehicleId = order.vehicleId ?? vehicleIdOf(operationId);
    const speaks = order.vehicleId === undefined ? 'operator' : 'device';
    const wanted: FleetVehicle = { ...order, vehicleId, systemId, operatorId, speaks, version: 1 };
    const { created, vehicle } = await this.#enrolled(wanted);
    const { booking } = await this.#withBooking(vehicle);
    // Not what somebody has taken out of service since.
    if (created || booking === undefined || booking.outOfService === 'not-yet-in-service') {
      await this.#enter(vehicle);
    }
    return { created, ...(await this.#withBooking(vehicle)) };
  }

  async change(caller: Caller, vehicleId: string, changes: FleetChanges): Promise<SharedVehicle> {
    const changed = await untilSaved(async () => {
      const seen = await this.#ports.door.vehicle(caller, vehicleId);
      const next = withChanges(seen, changes);
      if (next === seen) return seen;
      const system = await this.#ports.door.system(caller, seen.systemId);
      refuse(await this.#planFindings(system, next));
      const written = await this.#ports.setup.saveVehicle(next, seen);
      if (written === 'label-taken') throw labelTaken(next);
      return written === 'written' ? next : undefined;
    });
    // Also when nothing changed: whoever wrote it may have died before this line.
    const { systemId, label, planId } = changed;
    await this.#ports.listings.relabel(systemId, vehicleId, { label, ...(planId !== undefined && { planId }) });
    return this.#withBooking(changed);
  }

  /** @throws Failure `conflict` (`vehicle-in-use`) while somebody has it */
  async takeOut(caller: Caller, vehicleId: string, reason: AwayReason): Promise<SharedVehicle> {
    const { vehicle, booking } = await this.get(caller, vehicleId);
    if (booking !== undefined) await this.#walk(booking, wayOut(booking, reason));
    return this.#withBooking(vehicle);
  }

  /** Whatever it was out of service for. */
  async bringBack(caller: Caller, vehicleId: string): Promise<SharedVehicle> {
    const vehicle = await this.#ports.door.vehicle(caller, vehicleId);
    await this.#enter(vehicle);
    return this.#withBooking(vehicle);
  }

  async #enter(vehicle: FleetVehicle): Promise<void> {
    const booking = await this.#ports.bookings.vehicle(vehicle.vehicleId);
    if (booking !== undefined) await this.#walk(booking, wayBack(booking));
    await this.#ports.bookings.enterService(vehicle);
  }

  /** Step by step: who died on the way goes on from where it is. */
  async #walk({ vehicleId }: BookedVehicle, steps: readonly ServiceStep[]): Promise<void> {
    for (const { event, reason } of steps) await this.#ports.bookings.move(vehicleId, event, reason);
  }

  async #withBooking(vehicle: FleetVehicle): Promise<SharedVehicle> {
    const booking = await this.#ports.bookings.vehicle(vehicle.vehicleId);
    return { vehicle, ...(booking !== undefined && { booking }) };
  }

  /** A vehicle of the registry that the caller acts for, and that no person owns. */
  async #requireTheirs(caller: Caller, vehicleId: VehicleId): Promise<void> {
    const { lifeCycle } = await this.#ports.registry.require(caller, vehicleId);
    if (lifeCycle.status === 'retired') {
      throw new Failure('conflict', 'vehicle-retired', 'The vehicle is retired and cannot be shared.');
    }
    const ownership = await this.#ports.owners.load(vehicleId);
    if (ownership?.owner === undefined) return;
    throw new Failure('conflict', 'vehicle-owned', 'The vehicle has an owner and cannot be shared.', {
      resolution: 'Its owner gives it up first (DELETE /v1/me/vehicles/{vehicleId}).',
    });
  }

  async #findings(system: SharingSystem, order: FleetOrder): Promise<Finding[]> {
    const type = system.vehicleTypes.find(({ vehicleTypeId }) => vehicleTypeId === order.vehicleTypeId);
    const known = system.vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId).join(', ');
    const unknown = `${system.systemId} has no vehicle type "${order.vehicleTypeId}", but ${known}.`;
    if (type === undefined) return onlyIf(true, 'vehicle-type-unknown', '/vehicleTypeId', unknown);
    const nameless = type.formFactor === 'car' && order.vehicleId === undefined;
    return [
      ...onlyIf(nameless, 'registration-missing', '/vehicleId', 'A car is registered first, and named by its id.'),
      ...(await this.#planFindings(system, order)),
    ];
  }

  async #planFindings(system: SharingSystem, { vehicleTypeId, planId }: Pick<FleetOrder, 'vehicleTypeId' | 'planId'>) {
    const type = system.vehicleTypes.find((one) => one.vehicleTypeId === vehicleTypeId);
    const name = planId ?? type?.planId ?? '';
    const plan = await this.#ports.setup.plan(system.systemId, name);
    const pointer = planId === undefined ? '/vehicleTypeId' : '/planId';
    return onlyIf(plan === undefined, 'plan-unknown', pointer, `${system.systemId} has no plan "${name}" yet.`);
  }

  async #enrolled(wanted: FleetVehicle): Promise<{ created: boolean; vehicle: FleetVehicle }> {
    return untilSaved(async () => {
      const known = await this.#ports.setup.fleetVehicle(wanted.vehicleId);
      if (known === undefined) {
        return told(wanted, await this.#ports.setup.addVehicle(wanted));
      }
      if (isSameVehicle(known, wanted)) return { created: false, vehicle: known };
      const booking = await this.#ports.bookings.vehicle(known.vehicleId);
      if (booking?.outOfService !== 'decommissioned') throw sharedOtherwise(known, wanted);
      // Its new operator has it sign with a new key.
      return told(wanted, await this.#ports.setup.saveVehicle({ ...wanted, version: known.version + 1 }, known));
    });
  }
}

function told(vehicle: FleetVehicle, written: VehicleWrite) {
  if (written === 'label-taken') throw labelTaken(vehicle);
  return written === 'written' ? { created: true, vehicle } : undefined;
}

function isSameVehicle(one: FleetVehicle, other: FleetVehicle): boolean {
  return (
    one.systemId === other.systemId &&
    one.vehicleTypeId === other.vehicleTypeId &&
    one.label === other.label &&
    one.planId === other.planId
  );
}

/** The very same where nothing changes. */
function withChanges(seen: FleetVehicle, { label = seen.label, planId = seen.planId, logKey }: FleetChanges) {
  const { planId: _, logKey: known, ...rest } = seen;
  const kept = logKey === undefined ? known : undefined;
  if (label === seen.label && (planId ?? undefined) === seen.planId && kept === known) return seen;
  const next: FleetVehicle = {
    ...{ ...rest, label, version: seen.version + 1 },
    ...(typeof planId === 'string' && { planId }),
    ...(kept !== undefined && { logKey: kept }),
  };
  return next;
}
