import type { Caller } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { StatementCalls } from '../keys/statement-service.ts';
import type { PricingPlan } from '../prices/plan.ts';
import { planFindings } from '../prices/plan-checks.ts';
import { type PlanContent, planContentOf } from '../prices/plan-order.ts';
import type { SystemId } from '../sharing-id.ts';
import type { ZoneSet } from '../zones/zone.ts';
import { zoneFindings } from '../zones/zone-checks.ts';
import { type ZoneContent, zoneContentOf } from '../zones/zone-order.ts';
import type { SharingDoor } from './acting.ts';
import { refuse } from './finding.ts';
import type { SetupRepository } from './setup-repository.ts';
import { isSame } from './system-order.ts';

export interface CityPorts {
  readonly setup: SetupRepository;
  readonly door: SharingDoor;
  /** Vehicles hear what they judge by with the next statement of their keys. */
  readonly statements: StatementCalls;
}

/** Where one may drive in a city, and what it costs there. */
export class CityService {
  readonly #ports: CityPorts;

  constructor(ports: CityPorts) {
    this.#ports = ports;
  }

  async zones(caller: Caller, systemId: SystemId): Promise<ZoneSet> {
    await this.#ports.door.system(caller, systemId);
    const zones = await this.#ports.setup.zones(systemId);
    if (zones !== undefined) return zones;
    throw new Failure('not-found', 'zones-not-found', `${systemId} has no zones yet.`, {
      resolution: `POST /v1/sharing/systems/${systemId}/zones sets them.`,
    });
  }

  /**
   * Replaces them all; the very same again changes nothing.
   *
   * @param seenVersion of those that are to be replaced; absent: whichever there are
   */
  async setZones(caller: Caller, systemId: SystemId, content: ZoneContent, seenVersion?: number) {
    const set = await untilSaved(async () => {
      const system = await this.#ports.door.system(caller, systemId);
      refuse(zoneFindings(content, system));
      const seen = await this.#ports.setup.zones(systemId);
      if (seen !== undefined && isSame(zoneContentOf(seen), content)) return { changed: false, zones: seen };
      const version = seen?.version ?? 0;
      if (seenVersion !== undefined && seenVersion !== version) throw zonesChanged(seenVersion, version);
      const zones: ZoneSet = { systemId, version: version + 1, ...content };
      return (await this.#ports.setup.saveZones(systemId, zones, system.version))
        ? { changed: true, zones }
        : undefined;
    });
    // Also when nothing changed: whoever wrote it may have died before this line.
    await this.#ports.statements.call({ kind: 'city', systemId });
    return set;
  }

  /** The newest version where none is named. */
  async plan(caller: Caller, systemId: SystemId, planId: string, version?: number): Promise<PricingPlan> {
    await this.#ports.door.system(caller, systemId);
    const plan = await this.#ports.setup.plan(systemId, planId, version);
    if (plan !== undefined) return plan;
    throw planNotFound(systemId, planId);
  }

  async plans(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<PricingPlan>> {
    await this.#ports.door.system(caller, systemId);
    return this.#ports.setup.plans(systemId, page);
  }

  /** A new version, unless the newest says the very same: who holds a vehicle keeps the price they saw. */
  async setPlan(caller: Caller, systemId: SystemId, content: PlanContent) {
    const { currency } = await this.#ports.door.system(caller, systemId);
    refuse(planFindings(content, currency));
    return untilSaved(async () => {
      const newest = await this.#ports.setup.plan(systemId, content.planId);
      if (newest !== undefined && isSame(planContentOf(newest), content)) return { changed: false, plan: newest };
      const plan: PricingPlan = { ...content, version: (newest?.version ?? 0) + 1 };
      return (await this.#ports.setup.addPlan(systemId, plan)) ? { changed: true, plan } : undefined;
    });
  }
}

function planNotFound(systemId: SystemId, planId: string): Failure {
  return new Failure('not-found', 'plan-not-found', `${systemId} has no such version of a plan "${planId}".`, {
    resolution: `GET /v1/sharing/systems/${systemId}/plans lists the newest of each.`,
  });
}

function zonesChanged(seen: number, now: number): Failure {
  return new Failure('stale', 'zones-changed', `The zones are of version ${now}, not ${seen}.`, {
    resolution: 'Read them again, look whether your change still makes sense, and name their version.',
  });
}
