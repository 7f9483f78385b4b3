import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { InstallationService } from '../../sharing/bookings/installation-service.ts';
import { hasClosed } from '../campaigns/campaign.ts';
import type { ReleaseSource } from '../campaigns/offered-release.ts';
import type { CampaignRepository, DueRepository, Rollouts, RunCalls } from '../campaigns/ports.ts';
import type { EvidenceDesk } from '../evidence/evidence-service.ts';
import { endedUpdate } from '../evidence/update-record.ts';
import { nextBehind, offered } from './course.ts';
import { offerStateOf } from './offer.ts';
import { isSilent, silenceOf } from './silence.ts';
import { isFinal, isInstalling, isReleased, isUnderWay, type Update } from './update.ts';
import type { UpdateRepository } from './update-repository.ts';
import { type OfferChannel, VehicleOffers } from './vehicle-offers.ts';

export interface ConsequencePorts {
  readonly updates: UpdateRepository;
  readonly campaigns: Pick<CampaignRepository, 'load'>;
  readonly releases: ReleaseSource;
  readonly rollouts: Pick<Rollouts, 'join' | 'leave'>;
  readonly due: Pick<DueRepository, 'add'>;
  readonly calls: RunCalls;
  readonly channel: OfferChannel;
  readonly evidence: Pick<EvidenceDesk, 'ended'>;
  readonly installations: Pick<InstallationService, 'end'>;
  readonly clock: Clock;
}

/** What is added now is due so much later at least: whoever reads what is due may be ahead by it. */
const soonest = 60_000;

/** What has to happen because an update changed. Each change may come twice, and then finds everything done. */
export class ConsequenceService {
  readonly #ports: ConsequencePorts;
  readonly #offers: VehicleOffers;

  constructor(ports: ConsequencePorts) {
    this.#ports = ports;
    this.#offers = new VehicleOffers(ports);
  }

  async follow(before: Update | undefined, after: Update): Promise<void> {
    const ended = endedUpdate(before, after);
    if (ended !== undefined) await this.#ports.evidence.ended(ended);
    await this.#remember(before, after);
    await this.#group(before, after);
    await this.#backToService(before, after);
    if (before !== undefined && isFinal(after) && !isFinal(before)) await this.#letNextIn(after.vehicleId);
    if (changesOffer(before, after)) await this.#offers.show(after);
  }

  /** A retry, or the end of patience with an installation, or with a vehicle that says nothing. */
  async #remember(before: Update | undefined, after: Update): Promise<void> {
    const [retries, installs] = [entersRetry(before, after), entersInstallation(before, after)];
    if (!retries && !installs && !isAwaited(before, after)) return;
    const { campaigns, due, calls, clock } = this.#ports;
    const { campaignId, vehicleId, state } = after;
    const campaign = await campaigns.load(campaignId);
    if (campaign === undefined) return;
    const now = clock.now();
    const patience = installs ? campaign.installMinutes * 60_000 : silenceOf(campaign);
    const at = state.status === 'retrying' ? state.due : now + patience;
    await due.add({ campaignId, vehicleId, at: Math.max(at, now + soonest) });
    // The run of a campaign that goes on looks by itself; the one of a closed campaign may have nothing to do.
    if (campaign.state.status === 'closed') await calls.call(campaignId, undefined, now, now);
  }

  /** The group is what the device cloud's job is for. By the present state: of two changes the later one decides. */
  async #group(before: Update | undefined, after: Update): Promise<void> {
    const { rollouts, updates, campaigns } = this.#ports;
    const was = before !== undefined && isReleased(before);
    if (was === isReleased(after)) return;
    const { vehicleId, campaignId } = after;
    const [present, campaign] = await Promise.all([updates.load(vehicleId, campaignId), campaigns.load(campaignId)]);
    const closed = campaign !== undefined && hasClosed(campaign);
    const terms = { closed, order: (present ?? after).version };
    if (present !== undefined && isReleased(present)) await rollouts.join(campaignId, vehicleId, terms);
    else await rollouts.leave(campaignId, vehicleId, terms);
  }

  /** A shared vehicle may come back, unless what was installed left it unsafe: then somebody looks first. */
  async #backToService(before: Update | undefined, { state, consentBy, ...after }: Update): Promise<void> {
    if (consentBy !== 'operator' || before === undefined || !isReleased(before) || isReleased({ state })) return;
    if (state.status === 'failed' && state.safety === 'unsafe-to-drive') return;
    await this.#ports.installations.end(after.vehicleId, after.campaignId);
  }

  async #letNextIn(vehicleId: VehicleId): Promise<void> {
    const { updates, campaigns, clock } = this.#ports;
    await untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const next = nextBehind(all);
      if (next === undefined || all.some(isUnderWay)) return true;
      const campaign = await campaigns.load(next.campaignId);
      if (campaign?.state.status !== 'running') return true;
      const update = offered(withoutBehind(next), others(all, next), clock.now());
      return (await updates.save(update, next.version)) || undefined;
    });
  }
}

function entersRetry(before: Update | undefined, { state }: Update): boolean {
  return state.status === 'retrying' && before?.state.status !== 'retrying';
}

function entersInstallation(before: Update | undefined, after: Update): boolean {
  return isInstalling(after) && (before === undefined || !isInstalling(before));
}

/** It has been consented to, or is heard of again: from now on it is expected to say something. */
function isAwaited(before: Update | undefined, after: Update): boolean {
  if (!isUnderWay(after) || isSilent(after)) return false;
  return before === undefined || !isUnderWay(before) || isSilent(before);
}

function changesOffer(before: Update | undefined, after: Update): boolean {
  if (before?.revision === after.revision) return false;
  return offerStateOf(after) !== undefined || (before !== undefined && offerStateOf(before) !== undefined);
}

function withoutBehind(update: Update): Update {
  return { ...update, state: { status: 'waiting' } };
}

function others(all: readonly Update[], update: Update): readonly Update[] {
  return all.filter((one) => one !== update);
}
