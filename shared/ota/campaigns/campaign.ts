import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Brand } from '../../registry/brand.ts';
import type { Market } from '../../registry/market.ts';
import type { RetryPolicy } from '../updates/retry-policy.ts';
import type { AbortCriterion } from './abort.ts';
import type { CampaignId } from './campaign-id.ts';
import type { CampaignQuery } from './eligibility.ts';
import type { Rollout } from './schedule.ts';

/** What whoever drafts a campaign says of it. */
export interface CampaignPlan extends RetryPolicy {
  readonly name: string;
  readonly releaseId: string;
  readonly query: CampaignQuery;
  readonly rollout: Rollout;
  /** The higher, the more urgent. */
  readonly priority: number;
  /** Cannot be muted. */
  readonly recall: boolean;
  /** `operator`: fleet and sharing vehicles, whose drivers are not asked. */
  readonly consentBy: 'owner' | 'operator';
  readonly abort: readonly AbortCriterion[];
  /** Countries in which nothing is offered before the instant; never where it is null. */
  readonly countries?: Readonly<Partial<Record<Market, Instant | null>>>;
}

export interface Campaign extends CampaignPlan {
  readonly campaignId: CampaignId;
  /** Of the release. */
  readonly brand: Brand;
  readonly softwareVersion: string;
  /** What the release has images for. */
  readonly hardwareIds: readonly string[];
  readonly author: string;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  readonly approvals: readonly Approval[];
  readonly estimate?: Estimate;
  readonly state: CampaignState;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

/** Who did it: as the audit names them. */
export interface Approval {
  readonly by: string;
  readonly at: Instant;
}

/** What a count of the fleet found. */
export interface Estimate {
  readonly at: Instant;
  readonly vehicles: number;
  readonly looked: number;
  readonly byMarket: Readonly<Record<string, number>>;
  readonly byModel: Readonly<Record<string, number>>;
  /** Why the others are not in it. */
  readonly others: Readonly<Record<string, number>>;
}

export type CampaignState =
  | { readonly status: 'draft' }
  | { readonly status: 'approved' }
  | { readonly status: 'running'; readonly since: Instant }
  /** Nothing more is offered, and nothing more begins to be downloaded. */
  | { readonly status: 'paused'; readonly since: Instant; readonly by: string; readonly reason?: string }
  /** Nothing more begins to be installed, anywhere. `closed`: it had ended before, and resumed it has again. */
  | {
      readonly status: 'stopped';
      readonly since: Instant;
      readonly by: string;
      readonly reason?: string;
      readonly closed?: true;
    }
  | { readonly status: 'cancelled'; readonly at: Instant; readonly by: string; readonly closed?: true }
  /** Nobody is offered it any more, except who asks. */
  | { readonly status: 'closed'; readonly at: Instant };

export type CampaignStatus = CampaignState['status'];

export const campaignStatuses = [
  'draft',
  'approved',
  'running',
  'paused',
  'stopped',
  'cancelled',
  'closed',
] as const satisfies readonly CampaignStatus[];

/** Two people who did not draft it. */
const approvalsNeeded = 2;

/** A change of a campaign. Carried out a second time it returns the very same campaign. */
export type CampaignChange = (campaign: Campaign, by: string, now: Instant) => Campaign;

export const approved: CampaignChange = (campaign, by, now) => {
  const { state, approvals, author } = campaign;
  if (state.status !== 'draft' && state.status !== 'approved') throw notPossible(campaign, 'approved');
  if (by === author) throw ownCampaign();
  if (approvals.some((approval) => approval.by === by)) return campaign;
  const all = [...approvals, { by, at: now }];
  const status = all.length >= approvalsNeeded ? 'approved' : 'draft';
  return { ...moved(campaign, { status }, now), approvals: all };
};

export const started: CampaignChange = (campaign, _, now) => {
  const { state, estimate, approvals } = campaign;
  if (state.status === 'running') return campaign;
  if (state.status !== 'draft' && state.status !== 'approved') throw notPossible(campaign, 'started');
  if (state.status === 'draft') throw notApproved(approvals.length);
  if (estimate === undefined) throw notEstimated();
  if (estimate.vehicles === 0) throw targetsNobody(estimate);
  if (campaign.rollout.endAt !== undefined && campaign.rollout.endAt <= now) throw overAlready();
  return moved(campaign, { status: 'running', since: now }, now);
};

export function paused(reason?: string): CampaignChange {
  return (campaign, by, now) => {
    if (campaign.state.status === 'paused') return campaign;
    if (campaign.state.status !== 'running') throw notPossible(campaign, 'paused');
    return moved(campaign, { status: 'paused', since: now, by, ...(reason !== undefined && { reason }) }, now);
  };
}

export const resumed: CampaignChange = (campaign, _, now) => {
  const { state } = campaign;
  if (state.status === 'running') return campaign;
  if (state.status !== 'paused' && state.status !== 'stopped') throw notPossible(campaign, 'resumed');
  if (state.status === 'stopped' && state.closed === true) return moved(campaign, { status: 'closed', at: now }, now);
  return moved(campaign, { status: 'running', since: now }, now);
};

export function stopped(reason?: string): CampaignChange {
  return (campaign, by, now) => {
    const { status } = campaign.state;
    if (status === 'stopped') return campaign;
    if (status !== 'running' && status !== 'paused' && status !== 'closed') throw notPossible(campaign, 'stopped');
    const more = { ...(reason !== undefined && { reason }), ...(status === 'closed' && { closed: true as const }) };
    return moved(campaign, { status: 'stopped', since: now, by, ...more }, now);
  };
}

export const cancelled: CampaignChange = (campaign, by, now) => {
  if (campaign.state.status === 'cancelled') return campaign;
  const before = hasClosed(campaign) ? { closed: true as const } : {};
  return moved(campaign, { status: 'cancelled', at: now, by, ...before }, now);
};

export const closed: CampaignChange = (campaign, _, now) => {
  if (campaign.state.status === 'closed') return campaign;
  if (campaign.state.status !== 'running' && campaign.state.status !== 'paused') throw notPossible(campaign, 'closed');
  return moved(campaign, { status: 'closed', at: now }, now);
};

export function estimated(campaign: Campaign, estimate: Estimate, now: Instant): Campaign {
  return { ...moved(campaign, campaign.state, now), estimate };
}

/** Whether vehicles are still being worked on: a plan is not changed any more. */
export function isBegun({ state }: Pick<Campaign, 'state'>): boolean {
  return state.status !== 'draft' && state.status !== 'approved';
}

/** Nobody is offered it any more, except who asked before it was stopped or cancelled for good. */
export function hasClosed({ state }: Pick<Campaign, 'state'>): boolean {
  return state.status === 'closed' || ('closed' in state && state.closed === true);
}

/** When it may be offered in this country; undefined where it may be now, null where never. */
export function opensAt({ countries }: Pick<Campaign, 'countries'>, market: Market, now: Instant) {
  const from = countries?.[market];
  return typeof from === 'number' && from <= now ? undefined : from;
}

function moved(campaign: Campaign, state: CampaignState, now: Instant): Campaign {
  return { ...campaign, state, changedAt: now, version: campaign.version + 1 };
}

function notPossible({ state }: Campaign, change: string): Failure {
  const resolution = state.status === 'cancelled' ? { resolution: 'Draft another campaign.' } : {};
  return new Failure(
    'conflict',
    `campaign-${state.status}`,
    `The campaign is ${state.status} and cannot be ${change}.`,
    resolution,
  );
}

function ownCampaign(): Failure {
  return new Failure('forbidden', 'own-campaign', 'Nobody approves what they have drafted.', {
    resolution: 'Have two others approve it.',
  });
}

function notApproved(approvals: number): Failure {
  return new Failure('conflict', 'campaign-not-approved', `Two have to approve it; so far ${approvals} did.`, {
    resolution: 'Have it approved by two who did not draft it: POST /v1/campaigns/{campaignId}/approve.',
  });
}

function notEstimated(): Failure {
  return new Failure('conflict', 'campaign-not-estimated', 'Nobody has looked yet whom this campaign would reach.', {
    resolution: 'POST /v1/campaigns/{campaignId}/estimate, and look at it before you start.',
  });
}

function targetsNobody({ looked }: Estimate): Failure {
  return new Failure(
    'conflict',
    'campaign-targets-nobody',
    `Of ${looked} vehicles none is what this campaign is for.`,
    {
      resolution: 'Look at `estimate.others`, and draft a campaign with another query.',
    },
  );
}

function overAlready(): Failure {
  return new Failure('conflict', 'campaign-over', 'The end of its schedule has passed.', {
    resolution: 'Draft a campaign with a later end.',
  });
}
