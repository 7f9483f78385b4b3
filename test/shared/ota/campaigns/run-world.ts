import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { CountStep, RestStep, WithdrawStep } from '#shared/ota/campaigns/closing-steps.ts';
import { DueWork } from '#shared/ota/campaigns/due-work.ts';
import { OfferStep } from '#shared/ota/campaigns/offer-step.ts';
import type { OfferedRelease } from '#shared/ota/campaigns/offered-release.ts';
import type { Due } from '#shared/ota/campaigns/ports.ts';
import { EnlistStep, EstimateStep, enlistment } from '#shared/ota/campaigns/registry-scan.ts';
import { freshRun, nothingFound, type Run, type Work } from '#shared/ota/campaigns/run.ts';
import { RunService } from '#shared/ota/campaigns/run-service.ts';
import type { Rollout } from '#shared/ota/campaigns/schedule.ts';
import { countedAs, type Statistics, statisticsOf } from '#shared/ota/campaigns/statistics.ts';
import { removed } from '#shared/ota/updates/course.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import type { Inventory } from '#shared/registry/inventory.ts';
import type { Market } from '#shared/registry/market.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import { aBrand, aCertificate, aVehicle } from '../../../contract/samples.ts';
import { noneShared } from '../../../support/none-shared.ts';
import { aCampaignId, aRunningCampaign, now } from '../updates/updates.ts';

const release: OfferedRelease = {
  ...{ releaseId: 'rel-1', brand: aBrand(), softwareVersion: '5.0.0', texts: {}, minutes: 20, bytes: 1 },
  ...{ preconditions: [], images: [{ ecuId: 'gateway', hardwareIds: ['hw'], releaseCounter: 2 }], approved: true },
};

const minute = 60_000;

interface Call {
  readonly campaignId: CampaignId;
  readonly call: string | undefined;
  readonly at: number;
  readonly asked: number;
}

/** A campaign over so many vehicles, whose run is killed at any of its calls, and time that passes by itself. */
export class RunWorld {
  readonly campaignId = aCampaignId();
  campaign: Campaign;
  time = now;
  readonly updates = new Map<VehicleId, Update>();
  /** When each vehicle was offered it, and how often. */
  readonly offers = new Map<VehicleId, number[]>();
  run: Run | undefined;
  readonly #vehicles: Vehicle[];
  /** What the counters were put right to, each time. */
  readonly reconciled: ReadonlyMap<string, number>[] = [];
  /** Updates that were read one by one. */
  readonly looked: VehicleId[] = [];
  /** How often somebody went through all that are enlisted, from the first. */
  waysThrough = 0;
  /** What came of each call. */
  readonly results: string[] = [];
  #calls: Call[] = [];
  readonly #due = new Set<string>();
  #steps = 0;
  readonly #deaths: ReadonlySet<number>;

  /** @param markets of the vehicles, in turn */
  constructor(vehicles: number, rollout: Rollout, deaths: readonly number[] = [], markets: readonly Market[] = []) {
    this.#deaths = new Set(deaths);
    const lifeCycle = { status: 'active', certificate: aCertificate() } as const;
    this.#vehicles = Array.from({ length: vehicles }, (_, place) => {
      const market = markets[place % markets.length];
      return aVehicle({ lifeCycle, ...(market !== undefined && { market }) });
    });
    this.campaign = aRunningCampaign({ campaignId: this.campaignId, rollout });
  }

  /** What the device cloud answers who would clear the rollout away. */
  clear = (): boolean => true;

  begin(work: Work = { kind: 'enlisting' }): void {
    this.run = freshRun(this.campaignId, work, this.time);
    this.wake();
  }

  /** It is registered in another country. */
  moveTo(place: number, market: Market): VehicleId | undefined {
    const vehicle = this.#vehicles[place];
    if (vehicle !== undefined) this.#vehicles[place] = { ...vehicle, market };
    return vehicle?.vehicleId;
  }

  /** By country, what the counters say. */
  get statistics(): Statistics {
    return statisticsOf(this.#totals());
  }

  /** A vehicle comes after the one look at the registry. */
  join(): VehicleId {
    const vehicle = aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() } });
    const { vehicleId } = vehicle;
    this.updates.set(vehicleId, enlistment(this.campaign, vehicle, new Set(), this.time));
    this.#due.add(`${this.time + minute} ${vehicleId}`);
    return vehicleId;
  }

  /** It has its software from elsewhere. */
  leave(vehicleId: VehicleId): void {
    const update = this.updates.get(vehicleId);
    if (update !== undefined) this.updates.set(vehicleId, removed(update, 'not-needed', this.time));
  }

  joinAgain(vehicleId: VehicleId): void {
    this.#due.add(`${this.time + minute + 1} ${vehicleId}`);
  }

  /** @param asked when somebody wanted it: the call took so long */
  wake(asked: number = this.time): void {
    this.#calls.push({ campaignId: this.campaignId, call: undefined, at: this.time, asked });
  }

  /** Delivers calls in their time, again where a run died, until none is left or the time has come. */
  async live(until = now + 30 * 24 * 3_600_000, mostCalls = 3_000): Promise<void> {
    const service = this.#service();
    for (let calls = 0; calls < mostCalls; calls++) {
      this.#calls.sort((one, other) => one.at - other.at);
      const next = this.#calls[0];
      if (next === undefined || next.at > until) return;
      this.time = Math.max(this.time, next.at);
      let steps = 3;
      const time = { mayGoOn: () => steps-- > 0, goneAt: this.time + 30_000 };
      try {
        this.results.push((await service.run(next.campaignId, next.call, time, next.asked)).kind);
        this.#calls = this.#calls.filter((call) => call !== next);
      } catch {
        // It died, and with it nothing that was written: the message comes again when nobody deletes it.
        this.#calls = this.#calls.filter((call) => call !== next).concat({ ...next, at: this.time + 35_000 });
      }
    }
    throw new Error('it does not come to an end');
  }

  /** The process may die before a call or right after it. */
  async #risky<T>(happen: () => T): Promise<T> {
    this.#steps += 1;
    if (this.#deaths.has(2 * this.#steps)) throw new Killed();
    const result = happen();
    if (this.#deaths.has(2 * this.#steps + 1)) throw new Killed();
    return result;
  }

  #service(): RunService {
    const clock = { now: () => this.time };
    const campaigns = {
      load: () => this.#risky(() => this.campaign),
      add: async () => false,
      list: async () => ({ items: [] }),
      save: (next: Campaign, seen: number) =>
        this.#risky(() => {
          if (this.campaign.version !== seen) return false;
          this.campaign = next;
          return true;
        }),
    };
    const updates = this.#repository();
    const counters = {
      fold: async () => true,
      isCounted: async () => true,
      totals: async () => this.#totals(),
      reconcile: async (_: CampaignId, counted: ReadonlyMap<string, number>) => void this.reconciled.push(counted),
    };
    const due = new DueWork({
      due: this.#dueRepository(),
      updates,
      presences: { loadMany: async () => new Map() },
    });
    const rollouts = {
      join: async () => {},
      end: async () => {},
      clear: async () => this.clear(),
    };
    const scan = { registry: this.#registry(), inventories: { loadMany: this.#inventories }, updates, campaigns };
    const releases = { load: async () => release };
    return new RunService({
      ...{ campaigns, clock, newHolder: () => 'holder' },
      runs: {
        load: () => this.#risky(() => this.run),
        save: (run, seen) =>
          this.#risky(() => {
            if (this.run?.version !== seen) return false;
            this.run = run;
            return true;
          }),
      },
      calls: {
        call: (campaignId, call, at, time, asked = time) =>
          this.#risky(() => void this.#calls.push({ campaignId, call, at: Math.max(at, this.time), asked })),
      },
      steps: {
        estimating: new EstimateStep({ ...scan, releases }),
        enlisting: new EnlistStep({ ...scan, releases, shared: noneShared }),
        offering: new OfferStep({ campaigns, updates, counters, due }),
        withdrawing: new WithdrawStep(updates, rollouts),
        counting: new CountStep(updates, counters, rollouts),
        resting: new RestStep(due, counters, rollouts),
      },
    });
  }

  #repository() {
    const { updates } = this;
    const save = (update: Update, seen: number) =>
      this.#risky(() => {
        if (updates.get(update.vehicleId)?.version !== seen) return false;
        updates.set(update.vehicleId, update);
        const { vehicleId, state } = update;
        if (state.status === 'offered') this.offers.set(vehicleId, [...(this.offers.get(vehicleId) ?? []), this.time]);
        return true;
      });
    return {
      ...{ save, claim: save },
      load: async (vehicleId: VehicleId) => {
        this.looked.push(vehicleId);
        return updates.get(vehicleId);
      },
      ofVehicle: async (vehicleId: VehicleId) => [...updates.values()].filter((one) => one.vehicleId === vehicleId),
      add: (update: Update) =>
        this.#risky(() => {
          if (updates.has(update.vehicleId)) return false;
          updates.set(update.vehicleId, update);
          return true;
        }),
      enlisted: async (_: CampaignId, limit: number, from = '-1') => {
        if (from === '-1') this.waysThrough += 1;
        const all = [...updates.keys()];
        const start = Number(from) + 1;
        const vehicles = all.slice(start, start + limit).map((vehicleId, place) => ({
          ...{ vehicleId, position: String(start + place) },
        }));
        const last = start + vehicles.length - 1;
        return last < all.length - 1 ? { vehicles, next: String(last) } : { vehicles };
      },
    };
  }

  /** Everything that is due stands alone, as where each was written by somebody else. */
  #dueRepository() {
    const after = (position = '') => [...this.#due].sort().filter((entry) => entry > position);
    const entryOf = (position: string) => {
      const [at = '', vehicleId = ''] = position.split(' ');
      if (!isVehicleId(vehicleId)) throw new RangeError(position);
      return { vehicleIds: [vehicleId], at: Number(at), position };
    };
    return {
      add: async ({ vehicleId, at }: Due) => void this.#due.add(`${at} ${vehicleId}`),
      page: async (_: CampaignId, until: number, limit: number, position?: string) => ({
        items: after(position)
          .slice(0, limit)
          .map(entryOf)
          .filter(({ at }) => at <= until),
      }),
      next: async (_: CampaignId, position?: string) => {
        const [first] = after(position);
        return first === undefined ? undefined : entryOf(first).at;
      },
    };
  }

  #registry() {
    return {
      search: async (_: unknown, { from = '0' }: { readonly from?: string }) => {
        const start = Number(from);
        const items = this.#vehicles.slice(start, start + 7);
        return start + 7 < this.#vehicles.length ? { items, next: String(start + 7) } : { items };
      },
    };
  }

  #inventories = async (ids: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, Inventory>> =>
    new Map(
      ids.map((vehicleId) => [
        vehicleId,
        {
          ...{ vehicleId, reportedAt: 1, sequence: 1, softwareVersion: '4' },
          ecus: [{ ecuId: 'gateway', hardwareId: 'hw', softwareVersion: '1', releaseCounter: 1 }],
        },
      ]),
    );

  #totals(): Map<string, number> {
    const totals = new Map<string, number>();
    for (const name of [...this.updates.values()].flatMap(countedAs)) totals.set(name, (totals.get(name) ?? 0) + 1);
    return totals;
  }
}

class Killed extends Error {}

export const estimating: Work = { kind: 'estimating', found: nothingFound };
