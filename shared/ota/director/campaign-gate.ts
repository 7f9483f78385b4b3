import type { Instant } from '../../kernel/clock.ts';

import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { NotInstallable } from '../../sharing/bookings/installation.ts';
import type { InstallationService } from '../../sharing/bookings/installation-service.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import { isReleased, type Update } from '../updates/update.ts';
import type { Ask, CampaignGate, GateAnswer, GateRefusal } from './director-ports.ts';

/** A campaign that rests may go on at any time. */
const rest = 15 * 60_000;
/** Somebody takes it out of service, and waits. */
const serviceRest = 2 * 60_000;

/** As much of them as decides. */
interface Campaigns {
  load(campaignId: CampaignId): Promise<Pick<Campaign, 'state'> | undefined>;
}
interface Updates {
  load(vehicleId: VehicleId, campaignId: CampaignId): Promise<Pick<Update, 'state' | 'releaseId'> | undefined>;
}
type Installations = Pick<InstallationService, 'begin'>;

/** Looks at the campaign and at the vehicle's update themselves: a stop holds from the moment it is written. */
export class ReleasedUpdates implements CampaignGate {
  readonly #campaigns: Campaigns;
  readonly #updates: Updates;
  readonly #installations: Installations;

  constructor(campaigns: Campaigns, updates: Updates, installations: Installations) {
    this.#campaigns = campaigns;
    this.#updates = updates;
    this.#installations = installations;
  }

  async ask(vehicleId: VehicleId, campaignId: CampaignId, purpose: Ask['purpose'], now: Instant): Promise<GateAnswer> {
    const [campaign, update] = await Promise.all([
      this.#campaigns.load(campaignId),
      this.#updates.load(vehicleId, campaignId),
    ]);
    const answer = gateAnswer(campaign, update, purpose, now);
    if (answer.kind === 'refused' || purpose === 'download') return answer;
    return (await this.#notInService(vehicleId, campaignId, now)) ?? answer;
  }

  /** Nobody finds a car that installs where they have reserved one, and no trip is interrupted. */
  async #notInService(vehicleId: VehicleId, campaignId: CampaignId, now: Instant): Promise<GateAnswer | undefined> {
    const reason = await this.#installations.begin(vehicleId, campaignId, now);
    return reason && { ...refused('in-service', whyNot[reason]), retryAt: now + serviceRest };
  }
}

const whyNot: Readonly<Record<NotInstallable, string>> = {
  'in-service': 'the vehicle is in service for sharing',
  'in-use': 'somebody has reserved the vehicle, or is driving it',
  'key-not-void': 'a former driver still has a key to the vehicle',
};

/**
 * Paused, nothing more begins to be downloaded; stopped, nothing more begins to be installed, anywhere: whoever has
 * downloaded gets no fresh Timestamp. Closed, those who were released come to their end.
 */
function gateAnswer(
  campaign: Pick<Campaign, 'state'> | undefined,
  update: Pick<Update, 'state' | 'releaseId'> | undefined,
  purpose: Ask['purpose'],
  now: Instant,
): GateAnswer {
  if (campaign === undefined || update === undefined || !isReleased(update)) {
    return refused('not-released', 'the campaign has not released this vehicle');
  }
  const { status } = campaign.state;
  switch (status) {
    case 'stopped':
      return { ...refused('stopped', 'the campaign is stopped'), retryAt: now + rest };
    case 'paused':
      if (purpose === 'install') return { kind: 'released', releaseId: update.releaseId };
      return { ...refused('paused', 'the campaign is paused'), retryAt: now + rest };
    case 'running':
    case 'closed':
      return { kind: 'released', releaseId: update.releaseId };
    case 'draft':
    case 'approved':
    case 'cancelled':
      return refused('not-released', `the campaign is ${status}`);
  }
}

function refused(reason: GateRefusal, detail: string) {
  return { kind: 'refused' as const, reason, detail };
}
