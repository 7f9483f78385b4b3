import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import type { SetupRepository, VehicleWrite } from '#shared/sharing/setup/setup-repository.ts';
import type { FleetVehicle, Operator, SharingSystem } from '#shared/sharing/setup/system.ts';
import type { OperatorId, SystemId } from '#shared/sharing/sharing-id.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';

type Versioned = { readonly version: number };

/** What is set up, without a table; it passes the same contract. */
export class MemorySharingSetup implements SetupRepository {
  readonly #operators = new Map<string, Operator>();
  readonly #systems = new Map<string, SharingSystem>();
  readonly #zones = new Map<string, ZoneSet>();
  readonly #plans = new Map<string, readonly PricingPlan[]>();
  readonly #vehicles = new Map<string, FleetVehicle>();

  operator = async (id: OperatorId) => this.#operators.get(id);
  system = async (id: SystemId) => this.#systems.get(id);
  zones = async (id: SystemId) => this.#zones.get(id);
  fleetVehicle = async (vehicleId: string) => this.#vehicles.get(vehicleId);

  async plan(id: SystemId, planId: string, version?: number): Promise<PricingPlan | undefined> {
    return this.#plans.get(`${id} ${planId}`)?.findLast((plan) => version === undefined || plan.version === version);
  }

  addOperator = async (operator: Operator) => put(this.#operators, operator.operatorId, operator, 0);
  saveOperator = async (operator: Operator, seen: number) => put(this.#operators, operator.operatorId, operator, seen);
  addSystem = async (system: SharingSystem) => put(this.#systems, system.systemId, system, 0);
  async saveSystem(system: SharingSystem, seen: number, zones?: number): Promise<boolean> {
    if (zones !== undefined && (this.#zones.get(system.systemId)?.version ?? 0) !== zones) return false;
    return put(this.#systems, system.systemId, system, seen);
  }

  async saveZones(id: SystemId, zones: ZoneSet, system?: number): Promise<boolean> {
    if (system !== undefined && this.#systems.get(id)?.version !== system) return false;
    return put(this.#zones, id, zones, zones.version - 1);
  }

  async addPlan(id: SystemId, plan: PricingPlan): Promise<boolean> {
    const versions = this.#plans.get(`${id} ${plan.planId}`) ?? [];
    if ((versions.at(-1)?.version ?? 0) !== plan.version - 1) return false;
    this.#plans.set(`${id} ${plan.planId}`, [...versions, plan]);
    return true;
  }

  operators = async (page: PageRequest) => paged([...this.#operators.values()], ({ operatorId }) => operatorId, page);

  async systems(operatorId: OperatorId, page: PageRequest): Promise<Page<SharingSystem>> {
    const its = [...this.#systems.values()].filter((system) => system.operatorId === operatorId);
    return paged(its, ({ systemId }) => systemId, page);
  }

  allSystems = async (page: PageRequest) => paged([...this.#systems.values()], ({ systemId }) => systemId, page);

  async plans(id: SystemId, page: PageRequest): Promise<Page<PricingPlan>> {
    const newest = [...this.#plans].filter(([key]) => key.startsWith(`${id} `)).flatMap(([, all]) => all.slice(-1));
    return paged(newest, ({ planId }) => planId, page);
  }

  async vehicles(id: SystemId, page: PageRequest): Promise<Page<FleetVehicle>> {
    const its = [...this.#vehicles.values()].filter(({ systemId }) => systemId === id);
    return paged(its, ({ vehicleId }) => vehicleId, page);
  }

  addVehicle = async (vehicle: FleetVehicle) => this.#write(vehicle, 0);
  saveVehicle = async (vehicle: FleetVehicle, seen: FleetVehicle) => this.#write(vehicle, seen.version);

  #write(vehicle: FleetVehicle, seen: number): VehicleWrite {
    if ((this.#vehicles.get(vehicle.vehicleId)?.version ?? 0) !== seen) return 'not-as-seen';
    const plate = vehicle.label.toUpperCase();
    const others = [...this.#vehicles.values()].filter(({ vehicleId }) => vehicleId !== vehicle.vehicleId);
    const isTaken = others.some(
      ({ systemId, label }) => systemId === vehicle.systemId && label.toUpperCase() === plate,
    );
    if (isTaken) return 'label-taken';
    this.#vehicles.set(vehicle.vehicleId, vehicle);
    return 'written';
  }
}

function put<T extends Versioned>(map: Map<string, T>, key: string, value: T, seen: number): boolean {
  if ((map.get(key)?.version ?? 0) !== seen) return false;
  map.set(key, value);
  return true;
}

function paged<T>(all: readonly T[], nameOf: (one: T) => string, { limit, from = '' }: PageRequest): Page<T> {
  const left = all.filter((one) => nameOf(one) > from).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const items = left.slice(0, limit);
  const last = items.at(-1);
  return left.length > limit && last !== undefined ? { items, next: nameOf(last) } : { items };
}
