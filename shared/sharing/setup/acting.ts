import type { Caller } from '../../access/caller.ts';
import { actsFor } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Brand } from '../../registry/brand.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { SharingSetup } from './setup-repository.ts';
import type { FleetVehicle, Operator, SharingSystem } from './system.ts';

/** Who may act for an operator: its own clients, and those of the platform team, who act for every brand. */
export function mayActFor(caller: Caller, operator: Operator, brands: readonly Brand[]): boolean {
  return operator.clientIds.includes(caller.clientId) || actsForAll(caller, brands);
}

function actsForAll(caller: Caller, brands: readonly Brand[]): boolean {
  return brands.every((brand) => actsFor(caller, brand));
}

/** Finds what callers name: what is another operator's does not exist for them. */
export class SharingDoor {
  readonly #setup: SharingSetup;
  readonly #brands: readonly Brand[];

  constructor(setup: SharingSetup, brands: readonly Brand[]) {
    this.#setup = setup;
    this.#brands = brands;
  }

  async operator(caller: Caller, operatorId: OperatorId): Promise<Operator> {
    const operator = await this.#setup.operator(operatorId);
    if (operator !== undefined && mayActFor(caller, operator, this.#brands)) return operator;
    throw new Failure('not-found', 'operator-not-found', `There is no operator ${operatorId}.`, {
      resolution: 'GET /v1/sharing/operators lists those that this client acts for.',
    });
  }

  async system(caller: Caller, systemId: SystemId): Promise<SharingSystem> {
    const system = await this.#setup.system(systemId);
    if (system !== undefined && (await this.#isTheirs(caller, system.operatorId))) return system;
    throw systemNotFound(systemId);
  }

  /** For whom its city has named, too. */
  async systemForCity(caller: Caller, systemId: SystemId): Promise<SharingSystem> {
    const system = await this.#setup.system(systemId);
    const isNamed = system?.agencyClientIds?.includes(caller.clientId) === true;
    if (system !== undefined && (isNamed || (await this.#isTheirs(caller, system.operatorId)))) return system;
    throw systemNotFound(systemId);
  }

  async vehicle(caller: Caller, vehicleId: string): Promise<FleetVehicle> {
    const vehicle = await this.#setup.fleetVehicle(vehicleId);
    if (vehicle !== undefined && (await this.#isTheirs(caller, vehicle.operatorId))) return vehicle;
    throw new Failure('not-found', 'shared-vehicle-not-found', 'There is no such vehicle in a sharing service.', {
      resolution: 'GET /v1/sharing/systems/{systemId}/vehicles lists those of a system.',
    });
  }

  async #isTheirs(caller: Caller, operatorId: OperatorId): Promise<boolean> {
    if (actsForAll(caller, this.#brands)) return true;
    const operator = await this.#setup.operator(operatorId);
    return operator !== undefined && mayActFor(caller, operator, this.#brands);
  }
}

export function systemNotFound(systemId: SystemId): Failure {
  return new Failure('not-found', 'system-not-found', `There is no system ${systemId}.`, {
    resolution: 'GET /v1/sharing/operators/{operatorId}/systems lists those of an operator.',
  });
}
