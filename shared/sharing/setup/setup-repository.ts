import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { ZoneSet } from '../zones/zone.ts';
import type { FleetVehicle, Operator, SharingSystem } from './system.ts';

/** What an operator has set up, as everything else in sharing reads it. */
export interface SharingSetup {
  operator(id: OperatorId): Promise<Operator | undefined>;
  system(id: SystemId): Promise<SharingSystem | undefined>;
  zones(id: SystemId): Promise<ZoneSet | undefined>;
  /** @param version the newest where absent */
  plan(systemId: SystemId, planId: string, version?: number): Promise<PricingPlan | undefined>;
  fleetVehicle(vehicleId: string): Promise<FleetVehicle | undefined>;
}

/** Each write is conditional: false where there was one already (`add…`), or where it is not as it was seen (`save…`). */
export interface SetupRepository extends SharingSetup {
  addOperator(operator: Operator): Promise<boolean>;
  saveOperator(operator: Operator, seenVersion: number): Promise<boolean>;
  operators(page: PageRequest): Promise<Page<Operator>>;

  addSystem(system: SharingSystem): Promise<boolean>;
  /** @param seenZones version of the zones that it was seen to suit, 0: none; absent: whichever */
  saveSystem(system: SharingSystem, seenVersion: number, seenZones?: number): Promise<boolean>;
  systems(operatorId: OperatorId, page: PageRequest): Promise<Page<SharingSystem>>;
  /** Of whichever operator. */
  allSystems(page: PageRequest): Promise<Page<SharingSystem>>;

  /**
   * A set's version is one more than the one it replaces; the first is 1.
   *
   * @param seenSystem version of the system that they were seen to suit; absent: whichever
   */
  saveZones(id: SystemId, zones: ZoneSet, seenSystem?: number): Promise<boolean>;
  /** A plan's version is one more than its newest; the first is 1. What was written is never changed. */
  addPlan(systemId: SystemId, plan: PricingPlan): Promise<boolean>;
  /** The newest version of each. */
  plans(systemId: SystemId, page: PageRequest): Promise<Page<PricingPlan>>;

  addVehicle(vehicle: FleetVehicle): Promise<VehicleWrite>;
  saveVehicle(vehicle: FleetVehicle, seen: FleetVehicle): Promise<VehicleWrite>;
  vehicles(systemId: SystemId, page: PageRequest): Promise<Page<FleetVehicle>>;
}

/** `label-taken`: another vehicle of the system has the label. */
export type VehicleWrite = 'written' | 'not-as-seen' | 'label-taken';
