import type { PersonId } from '../../access/person.ts';
import type { Instant } from '../../kernel/clock.ts';
import type { Market } from '../../registry/market.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { UpdateErrorClass, UpdatePhase } from '../../vehicle-cloud/update-envelopes.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import { type Moment, type Story, told } from './story.ts';

/** What becomes of one vehicle in one campaign. */
export interface Update {
  readonly vehicleId: VehicleId;
  readonly campaignId: CampaignId;
  readonly releaseId: string;
  /** The software that the vehicle is to have; a consent is to this one. */
  readonly softwareVersion: string;
  /** The higher, the more urgent. */
  readonly priority: number;
  readonly recall: boolean;
  readonly consentBy: 'owner' | 'operator';
  /** As they were at the enlistment, so that the statistics add up when a car moves to another country. */
  readonly market: Market;
  readonly model: string;
  readonly state: UpdateState;
  /** What happened to it; empty where it was written before stories were. */
  readonly story: Story;
  /** Rises with each change of what the vehicle is offered; a decision names the one it was made of. */
  readonly revision: number;
  /** The revision that the last decision was made of: the same one again changes nothing. */
  readonly decidedOf?: number;
  /** The vehicle's latest attempt that was heard of: it counts them. 0 before the first. */
  readonly attempt: number;
  /** The highest sequence of that attempt's reports; -1 before the first. */
  readonly heard: number;
  /** Attempts up to this one are over: what comes of them still says nothing any more. */
  readonly over: number;
  readonly failures: number;
  /** The change of owner that was taken in last. */
  readonly ownerSince?: Instant;
  readonly enlistedAt: Instant;
  readonly changedAt: Instant;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

/** Failed in the vehicle, by its own word, or never heard of again. */
export type FailureClass = UpdateErrorClass | 'timed-out';

/**
 * waiting → offered ⇄ declined, muted → accepted → working → installed or failed. A failure may be retried, a consent
 * taken back; cancelled and removed from wherever nothing is being installed. The last four are final.
 */
export type UpdateState =
  /** Not its turn yet. `behind`: it was, but something more urgent is in the way. */
  | { readonly status: 'waiting'; readonly behind?: true }
  | { readonly status: 'offered' }
  /** Not shown again by itself before `remindAt`. */
  | { readonly status: 'declined'; readonly remindAt: Instant }
  | { readonly status: 'muted' }
  /** Released to the vehicle, which has not said anything of this attempt yet. */
  | { readonly status: 'accepted'; readonly consent: Consent }
  | Working
  | { readonly status: 'retrying'; readonly consent: Consent; readonly error: FailureClass; readonly due: Instant }
  | { readonly status: 'installed' }
  | Failed
  | { readonly status: 'cancelled'; readonly by: string }
  | { readonly status: 'removed'; readonly reason: RemovalReason };

export interface Working {
  readonly status: 'working';
  readonly consent: Consent;
  readonly phase: UpdatePhase;
  readonly percent: number;
  /** When the vehicle began to write its control units: from then on nobody interrupts it. */
  readonly installingSince?: Instant;
}

export interface Failed {
  readonly status: 'failed';
  readonly error: FailureClass;
  readonly safety: Safety;
  readonly detail?: string;
  readonly ecuId?: string;
  readonly attack?: string;
  readonly consent: Consent;
}

/** Whether it may be driven, as the vehicle says; unknown where it says nothing any more. */
export type Safety = 'safe' | 'unsafe-to-drive' | 'unknown';

/** `not-needed`: it has the software already; `not-eligible`: it is not what the campaign is for any more. */
export type RemovalReason = 'not-needed' | 'not-eligible' | 'vehicle-retired';

/** Bound to vehicle, version and campaign by the update that it stands in. */
export interface Consent {
  readonly by: 'owner' | 'driver' | 'operator';
  /** The owner at that time: also where it was given on the screen of a car that has one. */
  readonly personId?: PersonId;
  /** The client that consented for the operator of a fleet. */
  readonly clientId?: string;
  readonly at: Instant;
  /** To be installed between the two instants. */
  readonly from: Instant;
  readonly to: Instant;
  /** The owner changed while it was being installed: it is finished, but not tried again. */
  readonly voided?: true;
}

export type UpdateStatus = UpdateState['status'];

export const updateStatuses = [
  'waiting',
  'offered',
  'declined',
  'muted',
  'accepted',
  'working',
  'retrying',
  'installed',
  'failed',
  'cancelled',
  'removed',
] as const satisfies readonly UpdateStatus[];

const finals: readonly UpdateStatus[] = ['installed', 'failed', 'cancelled', 'removed'];

export function isFinal({ state }: Pick<Update, 'state'>): boolean {
  return finals.includes(state.status);
}

/** Somebody has consented and it is not over: of these a vehicle has one at a time. */
export function isUnderWay({ state }: Pick<Update, 'state'>): boolean {
  return state.status === 'accepted' || state.status === 'working' || state.status === 'retrying';
}

/** The control units are being written: it is finished, whatever anybody decides meanwhile. */
export function isInstalling({ state }: Pick<Update, 'state'>): boolean {
  return state.status === 'working' && state.installingSince !== undefined;
}

/** The vehicle belongs to the group that the campaign's job is for. */
export function isReleased({ state }: Pick<Update, 'state'>): boolean {
  return state.status === 'accepted' || state.status === 'working';
}

export type Enlistment = Pick<
  Update,
  | 'vehicleId'
  | 'campaignId'
  | 'releaseId'
  | 'softwareVersion'
  | 'priority'
  | 'recall'
  | 'consentBy'
  | 'market'
  | 'model'
>;

export function enlisted(enlistment: Enlistment, now: Instant): Update {
  return {
    ...enlistment,
    ...{ state: { status: 'waiting' }, story: [] },
    ...{ revision: 0, attempt: 0, heard: -1, over: 0, failures: 0 },
    ...{ enlistedAt: now, changedAt: now, version: 1 },
  };
}

/** Next state, where what the vehicle is offered changes with it. */
export function reoffered(update: Update, state: UpdateState, moment: Moment, more: Partial<Update> = {}): Update {
  return { ...moved(update, state, moment), revision: update.revision + 1, ...more };
}

export function moved(update: Update, state: UpdateState, moment: Moment): Update {
  const story = told(update.story, moment);
  return { ...update, state, story, changedAt: moment.at, version: update.version + 1 };
}
