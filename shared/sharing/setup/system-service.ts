import type { Caller } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { StatementCalls } from '../keys/statement-service.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import { contradictedZones } from '../zones/zone-checks.ts';
import { type SharingDoor, systemNotFound } from './acting.ts';
import { type Finding, onlyIf, refuse } from './finding.ts';
import type { SetupRepository } from './setup-repository.ts';
import type { SharingSystem } from './system.ts';
import { systemFindings } from './system-checks.ts';
import { contentOf, isSame, type SystemContent, type SystemFixture } from './system-order.ts';

export interface SystemPorts {
  readonly setup: SetupRepository;
  readonly door: SharingDoor;
  /** Vehicles hear of the charge that their type needs with the next statement of their keys. */
  readonly statements: StatementCalls;
}

/** A city and its rules. */
export class SystemService {
  readonly #ports: SystemPorts;

  constructor(ports: SystemPorts) {
    this.#ports = ports;
  }

  /** `created` is false when the very same one was there before. */
  async create(caller: Caller, systemId: SystemId, operatorId: OperatorId, order: SystemContent & SystemFixture) {
    await this.#ports.door.operator(caller, operatorId);
    refuse(systemFindings(order));
    const { market, currency } = order;
    const system: SharingSystem = { systemId, operatorId, ...order, version: 1 };
    if (await this.#ports.setup.addSystem(system)) return { created: true, system };
    const known = await this.#known(caller, systemId);
    const same = known?.operatorId === operatorId && known.market === market && known.currency === currency;
    if (known !== undefined && same && isSame(contentOf(known), contentOf(system))) {
      return { created: false, system: known };
    }
    throw new Failure('conflict', 'system-known-otherwise', `There is a system ${systemId} already, with other data.`, {
      resolution: `PATCH /v1/sharing/systems/${systemId} changes it where it is yours; another one needs another id.`,
    });
  }

  /** Operator, market and currency stay. A vehicle type may change, and does not go: vehicles, zones and trips name it. */
  async change(caller: Caller, systemId: SystemId, changes: Partial<SystemContent>): Promise<SharingSystem> {
    const system = await untilSaved(async () => {
      const seen = await this.#ports.door.system(caller, systemId);
      const next: SharingSystem = { ...seen, ...changes, version: seen.version + 1 };
      if (isSame(contentOf(next), contentOf(seen))) return seen;
      const zones = await this.#ports.setup.zones(systemId);
      refuse([
        ...systemFindings({ ...contentOf(next), market: next.market, currency: next.currency }),
        ...gone(seen, next),
        ...(await this.#withoutPlan(seen, next)),
        ...(zones === undefined ? [] : contradictedZones(zones, next)),
      ]);
      return (await this.#ports.setup.saveSystem(next, seen.version, zones?.version ?? 0)) ? next : undefined;
    });
    // Also when nothing changed: whoever wrote it may have died before this line.
    await this.#ports.statements.call({ kind: 'city', systemId });
    return system;
  }

  async list(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<SharingSystem>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.setup.systems(operatorId, page);
  }

  /** Where persons may ride: anybody may join any operator. */
  offered(page: PageRequest): Promise<Page<SharingSystem>> {
    return this.#ports.setup.allSystems(page);
  }

  /** A new system names plans that can only follow, and takes in no vehicle before they have; from then on they come first. */
  async #withoutPlan({ systemId, vehicleTypes: seen }: SharingSystem, { vehicleTypes }: SharingSystem) {
    const known = new Set(seen.map(({ planId }) => planId));
    const findings = vehicleTypes.map(async ({ planId }, index) => {
      const plan = known.has(planId) || (await this.#ports.setup.plan(systemId, planId));
      const detail = `${systemId} has no plan "${planId}" yet.`;
      return onlyIf(plan === undefined, 'plan-unknown', `/vehicleTypes/${index}/planId`, detail);
    });
    return (await Promise.all(findings)).flat();
  }

  /** Undefined where it is another operator's: that it exists is all that its name says. */
  async #known(caller: Caller, systemId: SystemId): Promise<SharingSystem | undefined> {
    try {
      return await this.#ports.door.system(caller, systemId);
    } catch (error) {
      if (error instanceof Failure && error.code === systemNotFound(systemId).code) return undefined;
      throw error;
    }
  }
}

function gone(seen: SharingSystem, next: SharingSystem): Finding[] {
  const left = new Set(next.vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId));
  return seen.vehicleTypes.flatMap(({ vehicleTypeId }) => {
    const detail = `"${vehicleTypeId}" is missing: vehicles, zones and trips name it.`;
    return onlyIf(!left.has(vehicleTypeId), 'vehicle-type-gone', '/vehicleTypes', detail);
  });
}
