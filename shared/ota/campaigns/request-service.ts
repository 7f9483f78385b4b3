import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page } from '../../kernel/paging.ts';
import type { Inventory } from '../../registry/inventory.ts';
import type { Vehicle } from '../../registry/vehicle.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import { offered, removed } from '../updates/course.ts';
import { isFinal, isUnderWay, type RemovalReason } from '../updates/update.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import { type Campaign, opensAt } from './campaign.ts';
import type { CampaignId } from './campaign-id.ts';
import { type Ineligible, ineligible } from './eligibility.ts';
import type { ReleaseSource } from './offered-release.ts';
import type { CampaignRepository, DueRepository } from './ports.ts';
import { enlistment } from './registry-scan.ts';
import type { SharedFleet } from './shared-fleet.ts';

export interface RequestPorts {
  readonly vehicles: { load(vehicleId: VehicleId): Promise<Vehicle | undefined> };
  readonly inventories: { load(vehicleId: VehicleId): Promise<Inventory | undefined> };
  readonly campaigns: Pick<CampaignRepository, 'list' | 'load'>;
  readonly releases: ReleaseSource;
  readonly updates: UpdateRepository;
  readonly due: Pick<DueRepository, 'add'>;
  readonly shared: SharedFleet;
  readonly clock: Clock;
}

/** A run that is looking just now would miss what is due sooner. */
const joinedTurn = 60_000;

/**
 * What there is for one vehicle: whoever came after a campaign's one look at the registry joins it, and who asks is
 * offered it at once, also after it has closed. Each call may come twice.
 */
export class RequestService {
  readonly #ports: RequestPorts;

  constructor(ports: RequestPorts) {
    this.#ports = ports;
  }

  /** What the vehicle has become: what it need not have any more, or is not for it, goes. */
  async judge(vehicleId: VehicleId): Promise<void> {
    const { vehicles, inventories, updates, releases, campaigns, clock } = this.#ports;
    const [vehicle, inventory, all] = await Promise.all([
      vehicles.load(vehicleId),
      inventories.load(vehicleId),
      updates.ofVehicle(vehicleId),
    ]);
    for (const { campaignId, releaseId } of all.filter((update) => !isFinal(update) && !isUnderWay(update))) {
      const [campaign, release] = await Promise.all([campaigns.load(campaignId), releases.load(releaseId)]);
      if (vehicle === undefined || campaign === undefined || release === undefined) continue;
      const reason = removalOf(ineligible(vehicle, inventory, campaign.query, release));
      if (reason === undefined) continue;
      await untilSaved(async () => {
        const seen = await updates.load(vehicleId, campaignId);
        if (seen === undefined || isUnderWay(seen)) return true;
        const next = removed(seen, reason, clock.now());
        return next === seen || (await updates.save(next, seen.version)) || undefined;
      });
    }
  }

  /**
   * @param asked by somebody who is waiting: out of turn, and of closed campaigns too. Otherwise the vehicle joins those
   * that run, and is offered them in their turn.
   */
  async look(vehicleId: VehicleId, asked: boolean): Promise<void> {
    const { vehicles, inventories } = this.#ports;
    const [vehicle, inventory] = await Promise.all([vehicles.load(vehicleId), inventories.load(vehicleId)]);
    if (vehicle === undefined || inventory === undefined) return;
    for (const campaign of await this.#open(vehicle, asked)) {
      const release = await this.#ports.releases.load(campaign.releaseId);
      if (release?.approved !== true) continue;
      if (ineligible(vehicle, inventory, campaign.query, release) !== undefined) continue;
      const now = this.#ports.clock.now();
      const { campaignId } = campaign;
      const shared = await this.#ports.shared.among([vehicleId]);
      const isNew = await this.#ports.updates.add(enlistment(campaign, vehicle, shared, now));
      if (asked) await this.#offer(campaign, vehicleId);
      // Its turn comes when that of those before it has; also where whoever enlisted it died before this line.
      else if (isNew || (await this.#waits(vehicleId, campaignId))) {
        await this.#ports.due.add({ campaignId, vehicleId, at: now + joinedTurn });
      }
    }
  }

  async #waits(vehicleId: VehicleId, campaignId: CampaignId): Promise<boolean> {
    return (await this.#ports.updates.load(vehicleId, campaignId))?.state.status === 'waiting';
  }

  async #open({ brand }: Vehicle, asked: boolean): Promise<readonly Campaign[]> {
    const found: Campaign[] = [];
    let from: string | undefined;
    do {
      const page: Page<Campaign> = await this.#ports.campaigns.list([brand], {
        ...{ limit: 100, ...(from !== undefined && { from }) },
      });
      const open = page.items.filter(({ state }) => state.status === 'running' || (asked && state.status === 'closed'));
      found.push(...open);
      from = page.next;
    } while (from !== undefined);
    return found.sort((one, other) => other.priority - one.priority);
  }

  async #offer(campaign: Campaign, vehicleId: VehicleId): Promise<void> {
    const { updates, clock } = this.#ports;
    await untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const seen = all.find(({ campaignId }) => campaignId === campaign.campaignId);
      const now = clock.now();
      if (seen === undefined || opensAt(campaign, seen.market, now) !== undefined) return true;
      const others = all.filter((one) => one !== seen);
      const next = offered(seen, others, now);
      return next === seen || (await updates.save(next, seen.version)) || undefined;
    });
  }
}

/**
 * A vehicle that is suspended comes back, one whose control units are not known tells them, and what has to come first
 * may come.
 */
function removalOf(reason: Ineligible | undefined): RemovalReason | undefined {
  switch (reason) {
    case 'not-needed':
      return 'not-needed';
    case 'not-asked-for':
    case 'no-image-fits':
      return 'not-eligible';
    case 'not-active':
    case 'unknown-hardware':
    case 'requires-another':
    case undefined:
      return undefined;
  }
}
