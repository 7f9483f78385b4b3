import type { OfferState, UpdateOffer } from '../../vehicle-cloud/update-envelopes.ts';
import type { CampaignStatus } from '../campaigns/campaign.ts';
import type { OfferedRelease } from '../campaigns/offered-release.ts';
import { isUnderWay, type Update } from './update.ts';

/** The one object that car and app show. Undefined for an update that is not offered, or over. */
export function offerOf(update: Update, release: OfferedRelease, campaign?: CampaignStatus): UpdateOffer | undefined {
  const state = offerStateOf(update, campaign);
  if (state === undefined) return undefined;
  const { campaignId, releaseId, revision, softwareVersion, recall, consentBy } = update;
  const { texts, minutes, bytes, preconditions } = release;
  return {
    ...{ campaignId, releaseId, revision, softwareVersion, texts, minutes, bytes, preconditions },
    ...{ recall, consentBy, state },
  };
}

export function offerStateOf({ state }: Pick<Update, 'state'>, campaign?: CampaignStatus): OfferState | undefined {
  if (campaign === 'stopped' && !isFinalState(state) && state.status !== 'waiting') return { status: 'stopped' };
  switch (state.status) {
    case 'offered':
    case 'muted':
      return { status: state.status };
    case 'declined':
      return { status: 'declined', remindAt: state.remindAt };
    case 'accepted':
    case 'working':
    case 'retrying':
      return { status: 'accepted', from: state.consent.from, to: state.consent.to };
    case 'waiting':
    case 'installed':
    case 'failed':
    case 'cancelled':
    case 'removed':
      return undefined;
  }
}

function isFinalState(state: Update['state']): boolean {
  return ['installed', 'failed', 'cancelled', 'removed'].includes(state.status);
}

/** Which of a vehicle's updates its screen shows: what is under way, else what is new to the driver and most urgent. */
export function shown(updates: readonly Update[]): Update | undefined {
  return updates
    .filter((update) => offerStateOf(update) !== undefined)
    .sort((one, other) => rank(one) - rank(other) || other.priority - one.priority)[0];
}

function rank(update: Update): number {
  if (isUnderWay(update)) return 0;
  return update.state.status === 'muted' ? 2 : 1;
}
