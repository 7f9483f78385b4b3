import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, ReservationId } from '../../sharing/sharing-id.ts';
import type { TripEvent, TripEventKind } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { PartnerPackage, Vouched } from './partner-desk.ts';
import type { FeedName } from './partner-feed.ts';

/**
 * What became of a hold of a partner's asset at the partner. It is written before anybody is asked, so that whoever comes
 * after a crash knows what was asked, under which reference. Nothing of the person is in it.
 */
export interface PartnerUse extends FeedName {
  readonly reservationId: ReservationId;
  readonly vehicleId: string;
  readonly fence: number;
  readonly operatorId: OperatorId;
  readonly assetId: string;
  /** For the partner; says nothing of the person. */
  readonly travellerId: string;
  /** The same with each try, whatever day it is by then. Absent in what was written before. */
  readonly vouched?: Vouched;
  readonly since: Instant;
  readonly stage: UseStage;
  /** What the partner told of it, as lines of the asset's log: numbered once, recorded however often. */
  readonly events: readonly TripEvent[];
  /** The partner's own bill stands in the trip. */
  readonly isBilled: boolean;
  /** Its operator has to decide what it costs; since when. Looked after until then. */
  readonly doubtedAt?: Instant;
  /** How often in a row nothing was heard, or nothing new. */
  readonly looks: number;
  /** Rises with each write. */
  readonly version: number;
}

export type UseStage =
  /** Our person has it; the partner is being asked. */
  | { readonly status: 'asking'; readonly offerId?: string; readonly packageId?: string }
  | { readonly status: 'confirmed'; readonly packageId: string }
  /** Ours is over, and the partner may not know. */
  | { readonly status: 'giving-back'; readonly offerId: string; readonly packageId?: string; readonly since: Instant }
  | { readonly status: 'over'; readonly outcome: UseOutcome; readonly at: Instant };

/**
 * `decided`: an operator said what it costs, or that it costs nothing. `lost`: the partner did not say what became of it for a day, which is longer than it holds anything.
 */
export type UseOutcome = 'used' | 'given-back' | 'refused' | 'decided' | 'lost';

export type NewUse = Omit<PartnerUse, 'stage' | 'events' | 'isBilled' | 'doubtedAt' | 'looks' | 'version'>;

export function begun(use: NewUse): PartnerUse {
  return { ...use, stage: { status: 'asking' }, events: [], isBilled: false, looks: 0, version: 1 };
}

export function staged(use: PartnerUse, stage: UseStage): PartnerUse {
  return { ...use, stage, looks: 0, version: use.version + 1 };
}

export function lookedAgain(use: PartnerUse): PartnerUse {
  return { ...use, looks: use.looks + 1, version: use.version + 1 };
}

/** ms within which a hold that the partner does not know is given up. */
export const unknownAtMost = 45_000;
/** ms: longer nobody asks for what was given back. */
export const askedAtMost = 86_400_000;

/** ms between two looks at what an operator has to decide. */
const decidedBy = 3_600_000;

/** When it is to be looked at again: what may change soon soon, and what does not change ever more seldom. */
export function nextLook({ stage, looks, doubtedAt }: PartnerUse, now: Instant): Instant | undefined {
  switch (stage.status) {
    case 'asking':
      return now + Math.min(5_000 * 2 ** Math.min(looks, 3), 20_000);
    case 'confirmed':
      if (doubtedAt !== undefined) return now + (looks > 1 ? decidedBy : 10_000);
      return now + Math.min(10_000 * 2 ** Math.min(looks, 8), 60_000);
    case 'giving-back':
      return now + Math.min(10_000 * 2 ** Math.min(looks, 8), 900_000);
    case 'over':
      return undefined;
  }
}

/** The partner has taken away what was begun: nobody has it any more. */
export function endedNow(use: PartnerUse, now: Instant): readonly TripEvent[] {
  const last = use.events.at(-1);
  if (last === undefined || last.kind === 'ended') return [];
  const { boot, sequence } = last;
  return [{ ...last, kind: 'ended', at: Math.max(last.at, now), after: { boot, sequence }, sequence: sequence + 1 }];
}

/** A package that can neither be begun nor goes on any more. */
export function isGone({ status }: PartnerPackage): boolean {
  return status === 'EXPIRED' || status === 'RELEASED' || status === 'ROLLBACK' || status === 'CANCELLED';
}

export function isBegun({ status }: PartnerPackage): boolean {
  return status === 'STARTED' || status === 'ENDED' || status === 'SETTLED';
}

/**
 * What has happened since, as the partner's package tells it: it names states, and of times the first and the last. What
 * lay between two looks is taken to have happened at the second.
 *
 * @param after how far the asset's log is known
 */
export function newEvents(
  use: PartnerUse,
  { status, leg }: PartnerPackage,
  after: number,
  now: Instant,
): readonly TripEvent[] {
  const known = use.events.map(({ kind }) => kind);
  const kinds = newKinds(known, status, leg?.status);
  // Nobody rode it before they had it, whatever the partner's clock says.
  const within = (at: Instant = now) => Math.min(Math.max(at, use.since), now);
  const [startedAt, endedAt] = [within(leg?.startedAt), within(leg?.endedAt)];
  const first = use.events[0]?.sequence ?? after + 1;
  return kinds.map((kind, index): TripEvent => {
    const sequence = first + known.length + index;
    return {
      ...{ vehicleId: use.vehicleId, fence: use.fence, reservationId: use.reservationId, boot: 1, sequence },
      ...(sequence > 1 && { after: { boot: 1, sequence: sequence - 1 } }),
      ...{ kind, at: atOf(kind, startedAt, endedAt, now) },
      ...{ odometer: kind === 'ended' ? Math.max(0, Math.round(leg?.meters ?? 0)) : 0, charge: 100 },
    };
  });
}

function newKinds(
  known: readonly TripEventKind[],
  status: PartnerPackage['status'],
  leg: NonNullable<PartnerPackage['leg']>['status'],
): readonly TripEventKind[] {
  if (known.includes('ended')) return [];
  const isEnded = status === 'ENDED' || status === 'SETTLED' || leg === 'ENDED';
  if (status !== 'STARTED' && !isEnded) return [];
  const kinds: TripEventKind[] = known.includes('started') ? [] : ['started'];
  const isPaused = known.at(-1) === 'paused';
  if (!isEnded && leg === 'PAUSED' && !isPaused) kinds.push('paused');
  if (!isEnded && leg === 'IN_USE' && isPaused) kinds.push('resumed');
  if (isEnded) kinds.push('ended');
  return kinds;
}

function atOf(kind: TripEventKind, startedAt: Instant, endedAt: Instant, now: Instant): Instant {
  if (kind === 'started') return startedAt;
  return kind === 'ended' ? Math.max(startedAt, endedAt) : now;
}
