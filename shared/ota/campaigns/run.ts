import type { Instant } from '../../kernel/clock.ts';
import type { Lease } from '../../transfers/task.ts';
import type { Campaign, Estimate } from './campaign.ts';
import type { CampaignId } from './campaign-id.ts';
import type { Pace, Standing } from './schedule.ts';

/** How far the work on a campaign has come: a checkpoint from which anybody can go on. */
export interface Run {
  readonly campaignId: CampaignId;
  readonly lease: Lease;
  /** Two that begin at the same millisecond do not write the same: whoever finds their own was not overtaken. */
  readonly holder?: string;
  /** When the last run began. */
  readonly begun?: Instant;
  /** The chain of calls that is to go on; another call of an older chain is over. */
  readonly call: string;
  readonly work: Work;
  /** Vehicles that the campaign is for. */
  readonly enlisted: number;
  /** Vehicles whose turn has come. */
  readonly offered: number;
  readonly pace: Pace;
  /** The last of what was due. */
  readonly duePosition?: string;
  /** It was cancelled, and every offer is taken back. */
  readonly withdrawn?: true;
  /** Nothing of it is left in the device cloud. */
  readonly cleared?: true;
  readonly version: number;
}

export type Work =
  /** Counts whom it would reach. */
  | { readonly kind: 'estimating'; readonly from?: string; readonly found: Found }
  /** The one look at the whole registry. */
  | { readonly kind: 'enlisting'; readonly from?: string }
  | { readonly kind: 'offering'; readonly pass: Pass }
  /** Takes every offer back that is not being installed. */
  | { readonly kind: 'withdrawing'; readonly from?: string }
  /** Counts every update once, and puts the counters right. */
  | {
      readonly kind: 'counting';
      readonly from?: string;
      readonly counted: Readonly<Record<string, number>>;
      readonly tries?: number;
    }
  /** Only what is due is done. */
  | { readonly kind: 'resting' };

export type Found = Omit<Estimate, 'at'>;

/** One way through the enlisted vehicles. */
export interface Pass {
  readonly from?: string;
  readonly seen: number;
  /** Seen by the way before this one. */
  readonly before?: number;
  /** The earliest opening of a country that was passed over. */
  readonly again?: Instant;
  /** Not before. */
  readonly at?: Instant;
}

export const nothingFound: Found = { vehicles: 0, looked: 0, byMarket: {}, byModel: {}, others: {} };

export function freshRun(campaignId: CampaignId, work: Work, now: Instant): Run {
  return {
    ...{ campaignId, work, lease: { until: 0, attempts: 0 }, call: '0' },
    ...{ enlisted: 0, offered: 0, pace: { credit: 1, at: now }, version: 1 },
  };
}

/** What there is to do now, after what somebody decided of the campaign meanwhile. */
export function workFor(run: Run, { state }: Pick<Campaign, 'state'>): Work {
  const { work } = run;
  if (state.status === 'cancelled' && run.withdrawn !== true && work.kind !== 'withdrawing') {
    return { kind: 'withdrawing' };
  }
  if (state.status === 'closed' && (work.kind === 'offering' || work.kind === 'enlisting')) {
    return { kind: 'counting', counted: {} };
  }
  return work;
}

export function standingOf(
  { enlisted, offered, pace }: Run,
  through: Pick<Standing, 'installed' | 'failed'>,
): Standing {
  return { enlisted, offered, pace, ...through };
}

export function withWork(run: Run, work: Work, more: Partial<Run> = {}): Run {
  return { ...run, work, ...more, version: run.version + 1 };
}

/** One vehicle more that was looked at. */
export function foundOne(found: Found, one: { market: string; model: string } | { reason: string }): Found {
  const looked = found.looked + 1;
  if ('reason' in one) return { ...found, looked, others: plusOne(found.others, one.reason) };
  return {
    ...{ ...found, looked, vehicles: found.vehicles + 1 },
    byMarket: plusOne(found.byMarket, one.market),
    byModel: plusOne(found.byModel, one.model),
  };
}

function plusOne(counts: Readonly<Record<string, number>>, name: string): Readonly<Record<string, number>> {
  return { ...counts, [name]: (counts[name] ?? 0) + 1 };
}
