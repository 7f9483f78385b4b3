import type { FleetVehicle, SharingSystem } from '#shared/sharing/setup/system.ts';
import type { OperatorId, SystemId } from '#shared/sharing/sharing-id.ts';

/** The one author of the keys of what is set up, in the Sharing table. A system's partition holds all of the system. */
export const setupKeys = {
  /** Dozens in all: one partition holds them. */
  operator: (id: OperatorId) => ({ pk: operatorList, sk: id }),
  system: (id: SystemId) => ({ pk: systemPartition(id), sk: 'system' }),
  systemLine: ({ operatorId, systemId: id }: SharingSystem) => ({ pk: systemList(operatorId), sk: id }),
  /** For whoever looks for a city: hundreds in all. */
  cityLine: (id: SystemId) => ({ pk: cityList, sk: id }),
  zones: (id: SystemId) => ({ pk: systemPartition(id), sk: 'zones' }),
  newestPlan: (id: SystemId, planId: string) => ({ pk: systemPartition(id), sk: `${prefixes.plan}${planId}` }),
  planVersion: (id: SystemId, planId: string, version: number) => ({
    pk: systemPartition(id),
    sk: `version#${planId}#${String(version).padStart(6, '0')}`,
  }),
  vehicle: (vehicleId: string) => ({ pk: `fleet#${vehicleId}`, sk: 'vehicle' }),
  vehicleLine: ({ systemId: id, vehicleId }: FleetVehicle) => ({
    pk: systemPartition(id),
    sk: `${prefixes.vehicle}${vehicleId}`,
  }),
  /** `B-FL 123` and `b-fl 123` are one plate. */
  label: ({ systemId: id, label }: Pick<FleetVehicle, 'systemId' | 'label'>) => ({
    pk: systemPartition(id),
    sk: `label#${label.toUpperCase()}`,
  }),
};

export const prefixes = { plan: 'plan#', vehicle: 'vehicle#' } as const;

const ofSystem = 'system#';
export const operatorList = 'operators';
export const cityList = 'systems';

export function systemList(id: OperatorId): string {
  return `operator#${id}`;
}

export function systemPartition(id: SystemId): string {
  return `${ofSystem}${id}`;
}

/** Whose system, zones or newest plan it is; undefined for everything else. */
export function systemSetUpBy({ pk, sk }: { readonly pk: string; readonly sk: string }): string | undefined {
  const isSetup = sk === 'system' || sk === 'zones' || sk.startsWith(prefixes.plan);
  return isSetup && pk.startsWith(ofSystem) ? pk.slice(ofSystem.length) : undefined;
}
