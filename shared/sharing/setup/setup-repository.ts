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
