import { actsFor, type Caller, requireBrand } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import { enrolled } from './enrolment.ts';
import type { Homes } from './home.ts';
import type { Inventory } from './inventory.ts';
import type { InventoryRepository } from './inventory-repository.ts';
import { type Connection, connectionOf } from './presence.ts';
import type { PresenceRepository } from './presence-repository.ts';
import { type LifeCycleChange, type RegistrationOrder, registered, type Vehicle } from './vehicle.ts';
import { type VehicleId, vehicleIdOf } from './vehicle-id.ts';
import type { VehicleQuery, VehicleRepository } from './vehicle-repository.ts';
import type { Vin } from './vin.ts';

export interface VehiclePorts {
  readonly vehicles: VehicleRepository;
  readonly presences: PresenceRepository;
  readonly inventories: InventoryRepository;
  readonly clock: Clock;
  readonly homes?: Homes;
}

export interface KnownVehicle {
  readonly vehicle: Vehicle;
  readonly connection: Connection;
}

export class VehicleService {
  readonly #ports: VehiclePorts;

  constructor(ports: VehiclePorts) {
    this.#ports = ports;
  }

  /** `created` is false when the very same registration was there before. */
  async register(caller: Caller, order: RegistrationOrder, operation: Operation) {
    requireBrand(caller, order.brand);
    const { clock, homes } = this.#ports;
    const vehicle = registered(order, vehicleIdOf(operation.operationId), clock.now(), homes);
    const enrolment = await enrolled(this.#ports.vehicles, vehicle, order.home);
    if (enrolment.kind === 'taken') throw vinTaken();
    if (enrolment.kind === 'retired') throw vinRetired();
    return { created: enrolment.kind === 'created', vehicle: enrolment.vehicle };
  }

  /** The vehicle, if the caller acts for its brand: for everybody else it does not exist. */
  async require(caller: Caller, vehicleId: VehicleId): Promise<Vehicle> {
    const vehicle = await this.#ports.vehicles.load(vehicleId);
    if (vehicle !== undefined && actsFor(caller, vehicle.brand)) return vehicle;
    if (vehicle === undefined) await this.#sayErased(caller, vehicleId);
    throw vehicleNotFound();
  }

  /** As above, but content with what is left of an erased vehicle. */
  async requireTrace(caller: Caller, vehicleId: VehicleId): Promise<void> {
    const trace = (await this.#ports.vehicles.load(vehicleId)) ?? (await this.#ports.vehicles.erased(vehicleId));
    if (trace === undefined || !actsFor(caller, trace.brand)) throw vehicleNotFound();
  }

  async get(caller: Caller, vehicleId: VehicleId): Promise<KnownVehicle> {
    const [vehicle, presence] = await Promise.all([
      this.require(caller, vehicleId),
      this.#ports.presences.load(vehicleId),
    ]);
    return { vehicle, connection: connectionOf(presence) };
  }

  async search(query: VehicleQuery, page: PageRequest): Promise<Page<KnownVehicle>> {
    const found = await this.#ports.vehicles.search(query, page);
    return { ...found, items: await this.#withConnections(found.items) };
  }

  async findByVin(query: VehicleQuery, vin: Vin): Promise<readonly KnownVehicle[]> {
    const vehicle = await this.#ports.vehicles.findByVin(vin);
    return vehicle !== undefined && answers(query, vehicle) ? this.#withConnections([vehicle]) : [];
  }

  async change(caller: Caller, vehicleId: VehicleId, change: LifeCycleChange): Promise<KnownVehicle> {
    const vehicle = await untilSaved(async () => {
      const seen = await this.require(caller, vehicleId);
      const next = change(seen, this.#ports.clock.now());
      return next === seen || (await this.#ports.vehicles.save(next, seen.version)) ? next : undefined;
    });
    return { vehicle, connection: connectionOf(await this.#ports.presences.load(vehicleId)) };
  }

  async inventory(caller: Caller, vehicleId: VehicleId): Promise<Inventory | undefined> {
    await this.require(caller, vehicleId);
    return this.#ports.inventories.load(vehicleId);
  }

  async #sayErased(caller: Caller, vehicleId: VehicleId): Promise<void> {
    const erased = await this.#ports.vehicles.erased(vehicleId);
    if (erased === undefined || !actsFor(caller, erased.brand)) return;
    throw new Failure('not-found', 'vehicle-erased', 'The data of this vehicle have been erased.', {
      resolution: `GET /v1/erasures/${erased.erasureId} shows what was erased and what is kept.`,
    });
  }

  async #withConnections(vehicles: readonly Vehicle[]): Promise<readonly KnownVehicle[]> {
    const presences = await this.#ports.presences.loadMany(vehicles.map((vehicle) => vehicle.vehicleId));
    return vehicles.map((vehicle) => ({ vehicle, connection: connectionOf(presences.get(vehicle.vehicleId)) }));
  }
}

function answers(query: VehicleQuery, vehicle: Vehicle): boolean {
  return (
    query.brands.includes(vehicle.brand) &&
    (query.model ?? vehicle.model) === vehicle.model &&
    (query.market ?? vehicle.market) === vehicle.market &&
    (query.status ?? vehicle.lifeCycle.status) === vehicle.lifeCycle.status &&
    (query.softwareVersion === undefined || query.softwareVersion === vehicle.softwareVersion)
  );
}

function vehicleNotFound(): Failure {
  return new Failure('not-found', 'vehicle-not-found', 'There is no such vehicle.');
}

function vinRetired(): Failure {
  return new Failure('conflict', 'vehicle-retired', 'The vehicle with this VIN is retired, and retirement is final.', {
    resolution:
      'If it must connect again, have its data erased (POST /v1/vehicles/{vehicleId}/erasure); after that its VIN can be registered as a new vehicle.',
    errors: [{ pointer: '/vin', detail: 'belongs to a retired vehicle' }],
  });
}

function vinTaken(): Failure {
  return new Failure('conflict', 'vin-already-registered', 'This VIN is registered with other data.', {
    resolution: 'Look the vehicle up by its VIN and compare; a registration is never changed by another one.',
    errors: [{ pointer: '/vin', detail: 'belongs to a vehicle with other data' }],
  });
}
