import type { Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignId } from './campaign-id.ts';
import type { Run } from './run.ts';
import type { Tally } from './statistics.ts';

export interface CampaignRepository {
  load(campaignId: CampaignId): Promise<Campaign | undefined>;
  /** False when it is there already. */
  add(campaign: Campaign): Promise<boolean>;
  /** False when it is no longer at the version that was seen. */
  save(campaign: Campaign, seenVersion: number): Promise<boolean>;
  /** The newest first. Throws `bad-cursor`. */
  list(brands: readonly Brand[], page: PageRequest): Promise<Page<Campaign>>;
}

export interface RunRepository {
  load(campaignId: CampaignId): Promise<Run | undefined>;
  /**
   * @param seen undefined where there is none yet
   * @returns false when it is not at this version; true also where its holder wrote just this before, and was not told
   */
  save(run: Run, seen: number | undefined): Promise<boolean>;
}

/** What changed in a stretch of one shard of the updates' stream. */
export interface Fold {
  readonly campaignId: CampaignId;
  /** Of the stream: each has counters of its own, and a checkpoint. */
  readonly shardId: string;
  /** Sequence numbers of the first and the last change in it. */
  readonly first: string;
  readonly last: string;
  readonly tally: Tally;
}

export interface CounterRepository {
  /** Counters and checkpoint in one write; false when the checkpoint has passed the first change already. */
  fold(fold: Fold): Promise<boolean>;
  /** Whether the shard's checkpoint has passed this change. */
  isCounted(campaignId: CampaignId, shardId: string, sequence: string): Promise<boolean>;
  totals(campaignId: CampaignId): Promise<Tally>;
  /** Makes the totals these, after a count of everything. */
  reconcile(campaignId: CampaignId, counted: Tally): Promise<void>;
}

/** That something is to be looked at again. */
export interface Due {
  readonly campaignId: CampaignId;
  readonly vehicleId: VehicleId;
  readonly at: Instant;
}

/** What was written down together. */
export interface DueEntry {
  readonly vehicleIds: readonly VehicleId[];
  readonly at: Instant;
  readonly position: string;
}

export interface DueRepository {
  /** The same again changes nothing. */
  add(due: Due): Promise<void>;
  /**
   * In the order of their instants, up to `until`; those that come after `after` where it is given.
   *
   * @param limit of entries, each of which names one vehicle or several
   */
  page(
    campaignId: CampaignId,
    until: Instant,
    limit: number,
    after?: string,
  ): Promise<{ readonly items: readonly DueEntry[] }>;
  /** The instant of the first one after the position. */
  next(campaignId: CampaignId, after?: string): Promise<Instant | undefined>;
}

/** Under which a vehicle joins a rollout, or leaves it. */
export interface RolloutTerms {
  /** A campaign that has closed shares a rollout with all that have, where a device cloud limits how many there are. */
  readonly closed: boolean;
  /** The version of the vehicle's update: what is older changes nothing. */
  readonly order: number;
}

/** Which vehicles may go on with a campaign's update: those that have consented. Each call may be repeated. */
export interface Rollouts {
  open(campaignId: CampaignId): Promise<void>;
  join(campaignId: CampaignId, vehicleId: VehicleId, terms: RolloutTerms): Promise<void>;
  leave(campaignId: CampaignId, vehicleId: VehicleId, terms: RolloutTerms): Promise<void>;
  /** Nobody joins any more; what is being installed is finished. */
  end(campaignId: CampaignId): Promise<void>;
  /** Takes away what has ended. False where the device cloud is not through with it yet: that takes hours. */
  clear(campaignId: CampaignId): Promise<boolean>;
}

/** Calls the campaign's run. */
export interface RunCalls {
  /**
   * @param call which chain of calls it belongs to; a chain that another one has taken the place of ends
   * @param asked when somebody first wanted it, where it is a call again
   */
  call(campaignId: CampaignId, call: string | undefined, at: Instant, now: Instant, asked?: Instant): Promise<void>;
}
