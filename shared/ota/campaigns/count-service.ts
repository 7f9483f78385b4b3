import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { breached } from './abort.ts';
import { type Campaign, stopped } from './campaign.ts';
import type { CampaignId } from './campaign-id.ts';
import type { CampaignRepository, CounterRepository } from './ports.ts';
import { outcomesOf, statisticsOf, summed, type Tally } from './statistics.ts';

export interface CountPorts {
  readonly counters: CounterRepository;
  readonly campaigns: Pick<CampaignRepository, 'load' | 'save'>;
  readonly clock: Clock;
}

/** What one record of the updates' stream changes in the counters of its campaign. */
export interface CountedChange {
  readonly campaignId: CampaignId;
  readonly sequence: string;
  readonly tally: Tally;
}

/** Counts changes of updates, each once however often it comes, and stops a campaign in which too many fail. */
export class CountService {
  readonly #ports: CountPorts;

  constructor(ports: CountPorts) {
    this.#ports = ports;
  }

  /** @param changes of one shard of the stream, in its order */
  async count(shardId: string, changes: readonly CountedChange[]): Promise<void> {
    const byCampaign = new Map<CampaignId, CountedChange[]>();
    for (const change of changes) {
      byCampaign.set(change.campaignId, [...(byCampaign.get(change.campaignId) ?? []), change]);
    }
    for (const [campaignId, some] of byCampaign) {
      await this.#fold(campaignId, shardId, some);
      // Also when they were counted before: who counted them may have died before this line.
      const ends = summed(some.map(({ tally }) => tally)).get('s/installed') ?? 0;
      if (some.some(({ tally }) => hasFailure(tally))) await this.#watch(campaignId, Number.POSITIVE_INFINITY);
      else if (ends > 0) await this.#watch(campaignId, ends);
    }
  }

  async #fold(campaignId: CampaignId, shardId: string, changes: readonly CountedChange[]): Promise<void> {
    const { counters } = this.#ports;
    const [first, last] = [changes[0], changes.at(-1)];
    if (first === undefined || last === undefined) return;
    const fold = { campaignId, shardId, first: first.sequence, last: last.sequence };
    if (await counters.fold({ ...fold, tally: summed(changes.map(({ tally }) => tally)) })) return;
    const counted = await Promise.all(changes.map(({ sequence }) => counters.isCounted(campaignId, shardId, sequence)));
    await this.#fold(
      campaignId,
      shardId,
      changes.filter((_, place) => counted[place] === false),
    );
  }

  /** @param newest ends that were counted just now: without a failure they can complete a sample, and nothing else */
  async #watch(campaignId: CampaignId, newest: number): Promise<void> {
    const { campaigns, counters, clock } = this.#ports;
    await untilSaved(async () => {
      const seen = await campaigns.load(campaignId);
      if (seen === undefined || !goesOn(seen)) return true;
      const outcomes = outcomesOf(statisticsOf(await counters.totals(campaignId)));
      const before = outcomes.installed + outcomes.failed - newest;
      const reason = breached(
        seen.abort.filter(({ minimumSample }) => before < minimumSample),
        outcomes,
      );
      if (reason === undefined) return true;
      const next = stopped(reason)(seen, 'abort-threshold', clock.now());
      return (await campaigns.save(next, seen.version)) || undefined;
    });
  }
}

/** Vehicles may begin an installation, or are about to: also those that were under way at the close. */
function goesOn({ state: { status } }: Campaign): boolean {
  return status === 'running' || status === 'paused' || status === 'closed';
}

function hasFailure(tally: Tally): boolean {
  return [...tally].some(([name, change]) => name.startsWith('e/') && change > 0);
}
