import { actsFor, type Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import {
  approved,
  type Campaign,
  type CampaignChange,
  type CampaignPlan,
  cancelled,
  closed,
  isBegun,
  paused,
  resumed,
  started,
  stopped,
} from './campaign.ts';
import { type CampaignId, campaignIdOf } from './campaign-id.ts';
import { overlap } from './eligibility.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { OfferedRelease, ReleaseSource } from './offered-release.ts';
import type { CampaignRepository, CounterRepository, Rollouts, RunCalls, RunRepository } from './ports.ts';
import { freshRun, nothingFound, type Run, standingOf, type Work } from './run.ts';
import { outcomesOf, type Statistics, statisticsOf } from './statistics.ts';

export interface CampaignPorts {
  readonly campaigns: CampaignRepository;
  readonly runs: RunRepository;
  readonly counters: CounterRepository;
  readonly calls: RunCalls;
  readonly releases: ReleaseSource;
  readonly rollouts: Pick<Rollouts, 'open'>;
  readonly clock: Clock;
  /** Random bytes out of an operation: the same operation drafts the same campaign. */
  readonly bytesOf: (operationId: string) => Uint8Array;
}

export interface Progress {
  readonly campaign: Campaign;
  readonly statistics: Statistics;
  /** Undefined before the start, and where nothing more is offered. */
  readonly forecast: Forecast | undefined;
}

/** What release managers do with campaigns. */
export class CampaignService {
  readonly #ports: CampaignPorts;

  constructor(ports: CampaignPorts) {
    this.#ports = ports;
  }

  async draft(caller: Caller, plan: CampaignPlan, { operationId, startedAt: now }: Operation): Promise<Campaign> {
    const { campaigns, bytesOf } = this.#ports;
    const release = await this.requireRelease(caller, plan.releaseId);
    const campaign: Campaign = {
      ...plan,
      campaignId: campaignIdOf(now, bytesOf(operationId)),
      ...{ brand: release.brand, softwareVersion: release.softwareVersion, hardwareIds: hardwareOf(release) },
      ...{ author: caller.clientId, createdAt: now, changedAt: now, approvals: [] },
      ...{ state: { status: 'draft' }, version: 1 },
    };
    if (await campaigns.add(campaign)) return campaign;
    return this.require(caller, campaign.campaignId);
  }

  async requireRelease(caller: Caller, releaseId: string): Promise<OfferedRelease> {
    const release = await this.#ports.releases.load(releaseId);
    if (release === undefined || !actsFor(caller, release.brand)) throw releaseNotFound();
    return release;
  }

  /** The campaign, if the caller acts for its brand: for everybody else it does not exist. */
  async require(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    const campaign = await this.#ports.campaigns.load(campaignId);
    if (campaign !== undefined && actsFor(caller, campaign.brand)) return campaign;
    throw campaignNotFound();
  }

  list(caller: Caller, page: PageRequest): Promise<Page<Campaign>> {
    return this.#ports.campaigns.list(caller.brands, page);
  }

  async statistics(caller: Caller, campaignId: CampaignId): Promise<Progress> {
    const campaign = await this.require(caller, campaignId);
    const [counters, run] = await Promise.all([
      this.#ports.counters.totals(campaignId),
      this.#ports.runs.load(campaignId),
    ]);
    const statistics = statisticsOf(counters);
    return { campaign, statistics, forecast: this.#forecast(campaign, statistics, run) };
  }

  /** How many accept is taken from those who have decided; before that, every second one. */
  #forecast({ state, rollout }: Campaign, statistics: Statistics, run: Run | undefined): Forecast | undefined {
    if (state.status !== 'running' || run?.work.kind !== 'offering') return undefined;
    const {
      declined = 0,
      muted = 0,
      accepted = 0,
      working = 0,
      retrying = 0,
      installed = 0,
      failed = 0,
    } = statistics.total;
    const yes = accepted + working + retrying + installed + failed;
    const share = yes + declined + muted === 0 ? 0.5 : yes / (yes + declined + muted);
    return forecast(rollout, standingOf(run, outcomesOf(statistics)), share, this.#ports.clock.now());
  }

  /** Has the fleet counted, and says at once beside which campaign this one could not be started. */
  async estimate(caller: Caller, campaignId: CampaignId): Promise<Campaign & { readonly collidesWith?: CampaignId }> {
    const campaign = await this.require(caller, campaignId);
    if (isBegun(campaign)) {
      throw new Failure('conflict', 'campaign-begun', 'The campaign has begun: its statistics say whom it reaches.');
    }
    await this.#begin(campaignId, { kind: 'estimating', found: nothingFound });
    const rival = await this.#rivalOf(campaign);
    return { ...campaign, ...(rival !== undefined && { collidesWith: rival.campaignId }) };
  }

  async approve(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    await this.#requireApproved(await this.require(caller, campaignId));
    return this.#changed(caller, campaignId, approved);
  }

  async start(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    const seen = await this.require(caller, campaignId);
    // What the campaign itself forbids is said before what others do: a cancelled one collides with nobody.
    started(seen, caller.clientId, this.#ports.clock.now());
    await this.#requireApproved(seen);
    const rival = await this.#rivalOf(seen);
    if (rival !== undefined) throw campaignsCollide(rival);
    const campaign = await this.#changed(caller, campaignId, started);
    await this.#ports.rollouts.open(campaignId);
    await this.#begin(campaignId, { kind: 'enlisting' });
    return campaign;
  }

  pause(caller: Caller, campaignId: CampaignId, reason?: string): Promise<Campaign> {
    return this.#changed(caller, campaignId, paused(reason));
  }

  async resume(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    await this.#requireApproved(await this.require(caller, campaignId));
    return this.#called(await this.#changed(caller, campaignId, resumed));
  }

  stop(caller: Caller, campaignId: CampaignId, reason?: string): Promise<Campaign> {
    return this.#changed(caller, campaignId, stopped(reason));
  }

  async cancel(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    return this.#called(await this.#changed(caller, campaignId, cancelled));
  }

  async close(caller: Caller, campaignId: CampaignId): Promise<Campaign> {
    return this.#called(await this.#changed(caller, campaignId, closed));
  }

  async #changed(caller: Caller, campaignId: CampaignId, change: CampaignChange): Promise<Campaign> {
    const { campaigns, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(caller, campaignId);
      const next = change(seen, caller.clientId, clock.now());
      return next === seen || (await campaigns.save(next, seen.version)) ? next : undefined;
    });
  }

  /** Work for the run, unless it is at it already. */
  async #begin(campaignId: CampaignId, work: Work): Promise<void> {
    const { runs, calls, clock } = this.#ports;
    await untilSaved(async () => {
      const seen = await runs.load(campaignId);
      const now = clock.now();
      if (seen !== undefined && isFurther(seen.work, work)) return true;
      const run = { ...freshRun(campaignId, work, now), version: (seen?.version ?? 0) + 1 };
      return (await runs.save(run, seen?.version)) || undefined;
    });
    await calls.call(campaignId, undefined, clock.now(), clock.now());
  }

  async #called(campaign: Campaign): Promise<Campaign> {
    const now = this.#ports.clock.now();
    await this.#ports.calls.call(campaign.campaignId, undefined, now, now);
    return campaign;
  }

  async #requireApproved({ releaseId }: Campaign): Promise<void> {
    const release = await this.#ports.releases.load(releaseId);
    if (release?.approved === true) return;
    throw new Failure('conflict', 'release-not-approved', 'The release of this campaign is not approved.', {
      resolution: 'Have the release approved first; a withdrawn one never is again.',
    });
  }

  /** Two campaigns of one urgency must not want the same control unit of the same vehicle. */
  async #rivalOf(campaign: Campaign): Promise<Campaign | undefined> {
    let from: string | undefined;
    do {
      const page: Page<Campaign> = await this.#ports.campaigns.list([campaign.brand], {
        limit: 100,
        ...(from !== undefined && { from }),
      });
      const rival = page.items.find((other) => rivals(campaign, other));
      if (rival !== undefined) return rival;
      from = page.next;
    } while (from !== undefined);
    return undefined;
  }
}

function rivals(campaign: Campaign, other: Campaign): boolean {
  const { status } = other.state;
  return (
    other.campaignId !== campaign.campaignId &&
    (status === 'running' || status === 'paused' || status === 'stopped') &&
    other.priority === campaign.priority &&
    other.hardwareIds.some((hardwareId) => campaign.hardwareIds.includes(hardwareId)) &&
    overlap(campaign.query, other.query)
  );
}

/** Starting twice begins once. */
function isFurther(present: Work, wanted: Work): boolean {
  return wanted.kind === 'enlisting' && !['estimating', 'resting'].includes(present.kind);
}

function hardwareOf({ images }: OfferedRelease): readonly string[] {
  return [...new Set(images.flatMap(({ hardwareIds }) => hardwareIds))].sort();
}

function campaignNotFound(): Failure {
  return new Failure('not-found', 'campaign-not-found', 'There is no such campaign.');
}

function releaseNotFound(): Failure {
  return new Failure('unacceptable', 'release-not-known', 'There is no such release.', {
    errors: [{ pointer: '/releaseId', detail: 'names no release' }],
  });
}

function campaignsCollide({ campaignId, name }: Campaign): Failure {
  return new Failure('conflict', 'campaigns-collide', `The campaign ${campaignId} (${name}) wants the same ECUs.`, {
    resolution: 'Close or cancel that one, or draft this one again with a higher priority, so that it comes first.',
  });
}
