import type { Caller } from '../../access/caller.ts';
import type { PersonId } from '../../access/person.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { Decision, UpdateOffer } from '../../vehicle-cloud/update-envelopes.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { ReleaseSource } from '../campaigns/offered-release.ts';
import type { CampaignRepository } from '../campaigns/ports.ts';
import type { SharedFleet } from '../campaigns/shared-fleet.ts';
import type { EvidenceDesk } from '../evidence/evidence-service.ts';
import { cancelled, concluded, ownerChanged, progressed, repaired, retriedByHand } from './course.ts';
import { type Decided, decided } from './decision.ts';
import { offerOf } from './offer.ts';
import { isFinal, isUnderWay, type Update } from './update.ts';
import type { KnownReport } from './update-report.ts';
import type { UpdateRepository } from './update-repository.ts';

/** Whose a vehicle is, and since when. */
export interface Owners {
  ownerOf(vehicleId: VehicleId): Promise<{ readonly personId: PersonId; readonly since: Instant } | undefined>;
}

export interface UpdatePorts {
  readonly updates: UpdateRepository;
  readonly campaigns: Pick<CampaignRepository, 'load'>;
  readonly releases: ReleaseSource;
  readonly owners: Owners;
  readonly shared: SharedFleet;
  readonly clock: Clock;
  /** Where vehicles are heard. */
  readonly evidence?: Pick<EvidenceDesk, 'stated'>;
}

/** A vehicle's update, and what is shown of it. */
export interface ShownUpdate {
  readonly update: Update;
  readonly offer: UpdateOffer | undefined;
}

/** What came of a report: nothing where it was late, repeated, or of something that is over. */
export type Heard = 'taken' | 'nothing-new' | 'unknown-update';

/** What becomes of the updates of vehicles: car, app, operator and assistance decide through the same door. */
export class UpdateService {
  readonly #ports: UpdatePorts;

  constructor(ports: UpdatePorts) {
    this.#ports = ports;
  }

  /** The newest first. */
  async ofVehicle(vehicleId: VehicleId): Promise<readonly ShownUpdate[]> {
    return this.#allShown(await this.#ports.updates.ofVehicle(vehicleId));
  }

  /**
   * As its owner since then sees it: what was over before is a former owner's, and what that one decided is void, also
   * where the news of the change is still on its way.
   */
  async forOwner(vehicleId: VehicleId, personId: PersonId, since: Instant): Promise<readonly ShownUpdate[]> {
    const all = await this.#ports.updates.ofVehicle(vehicleId);
    const theirs = all.filter((update) => !isFinal(update) || update.changedAt >= since);
    const now = this.#ports.clock.now();
    const seen = theirs.map((update) => {
      const next = ownerChanged(update, since, now, personId);
      return next.state.status === update.state.status ? update : next;
    });
    return this.#allShown(seen);
  }

  async get(vehicleId: VehicleId, campaignId: CampaignId): Promise<ShownUpdate> {
    const update = await this.#ports.updates.load(vehicleId, campaignId);
    if (update === undefined) throw updateNotFound();
    return this.#shown(update);
  }

  /** By the owner, in the app: that the vehicle is theirs is known. */
  decideAsOwner(
    vehicleId: VehicleId,
    campaignId: CampaignId,
    personId: PersonId,
    decision: Decision,
    revision: number,
  ): Promise<ShownUpdate> {
    return this.#decide(vehicleId, campaignId, { decision, revision, by: { by: 'owner', personId } });
  }

  /** By the operator of a fleet, for vehicles whose drivers are not asked. */
  decideAsOperator(
    vehicleId: VehicleId,
    campaignId: CampaignId,
    { clientId }: Caller,
    decision: Decision,
    revision: number,
  ): Promise<ShownUpdate> {
    return this.#decide(vehicleId, campaignId, { decision, revision, by: { by: 'operator', clientId } });
  }

  cancel(vehicleId: VehicleId, campaignId: CampaignId, by: string): Promise<ShownUpdate> {
    return this.#changed(vehicleId, campaignId, (update, now) => cancelled(update, by, now, 'assistance'));
  }

  /** @param inWorkshop where a vehicle that must not be driven may be tried again, too */
  retry(vehicleId: VehicleId, campaignId: CampaignId, inWorkshop = false): Promise<ShownUpdate> {
    return this.#changed(vehicleId, campaignId, (update, now, others) =>
      retriedByHand(update, others, now, inWorkshop),
    );
  }

  /** What a vehicle says of its update; it comes twice, late and out of order. */
  async hear(vehicleId: VehicleId, report: Exclude<KnownReport, { kind: 'ask' }>): Promise<Heard> {
    const { updates, campaigns, evidence } = this.#ports;
    const { campaignId } = report;
    if (report.kind === 'decision') return this.#hearDecision(vehicleId, report);
    return untilSaved(async () => {
      const seen = await updates.load(vehicleId, campaignId);
      if (seen === undefined) return 'unknown-update';
      const next = await this.#after(seen, report, () => campaigns.load(campaignId));
      if (next === seen) return 'nothing-new';
      if (report.kind === 'result') await evidence?.stated(vehicleId, report);
      return (await updates.save(next, seen.version)) ? 'taken' : undefined;
    });
  }

  /** Nothing that a former owner decided binds the vehicle any more. */
  async ownerChanged(vehicleId: VehicleId, since: Instant): Promise<void> {
    const { updates, owners, clock } = this.#ports;
    const open = (await updates.ofVehicle(vehicleId)).filter((update) => !isFinal(update));
    if (open.length === 0) return;
    const owner = (await owners.ownerOf(vehicleId))?.personId;
    for (const { campaignId } of open) {
      await untilSaved(async () => {
        const seen = await updates.load(vehicleId, campaignId);
        if (seen === undefined) return true;
        const next = ownerChanged(seen, since, clock.now(), owner);
        return next === seen || (await updates.save(next, seen.version)) || undefined;
      });
    }
  }

  async #after(
    seen: Update,
    report: Extract<KnownReport, { kind: 'progress' | 'result' | 'repaired' }>,
    campaign: () => Promise<Campaign | undefined>,
  ): Promise<Update> {
    const now = this.#ports.clock.now();
    if (report.kind === 'progress') return progressed(seen, report, now);
    if (report.kind === 'repaired') return repaired(seen, report, now);
    const policy = (await campaign()) ?? { retries: {}, installMinutes: 0 };
    return concluded(seen, report, policy, now);
  }

  /** On the screen: by whoever sits in the car, in the name of the owner where it has one. */
  async #hearDecision(vehicleId: VehicleId, report: Extract<KnownReport, { kind: 'decision' }>): Promise<Heard> {
    const { campaignId, decision, revision, at } = report;
    const owner = await this.#ports.owners.ownerOf(vehicleId);
    // What was decided before the vehicle changed hands, and arrives behind it, is nobody's consent.
    if (owner !== undefined && at < owner.since) return 'nothing-new';
    const by = { by: 'driver', ...(owner !== undefined && { personId: owner.personId }) } as const;
    try {
      await this.#decide(vehicleId, campaignId, { decision, revision, by });
      return 'taken';
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'unavailable') throw error;
      return error.code === 'update-not-found' ? 'unknown-update' : 'nothing-new';
    }
  }

  async #decide(vehicleId: VehicleId, campaignId: CampaignId, made: Decided): Promise<ShownUpdate> {
    const { updates, campaigns, clock, shared } = this.#ports;
    const isShared = (await shared.among([vehicleId])).has(vehicleId);
    const update = await untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const seen = all.find((one) => one.campaignId === campaignId);
      if (seen === undefined) throw updateNotFound();
      const others = all.filter((one) => one !== seen);
      // Shared since it was enlisted: the driver of the day is not asked.
      const asked: Update = isShared && seen.consentBy === 'owner' ? { ...seen, consentBy: 'operator' } : seen;
      const next = decided(asked, others, made, clock.now());
      if (next === asked) return seen;
      if (made.decision.kind === 'accept') requireOpen(await campaigns.load(campaignId));
      return (await this.#saved(seen, next, others)) ? next : undefined;
    });
    return this.#shown(update);
  }

  async #changed(
    vehicleId: VehicleId,
    campaignId: CampaignId,
    change: (update: Update, now: Instant, others: readonly Update[]) => Update,
  ): Promise<ShownUpdate> {
    const { updates, clock } = this.#ports;
    const update = await untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const seen = all.find((one) => one.campaignId === campaignId);
      if (seen === undefined) throw updateNotFound();
      const others = all.filter((one) => one !== seen);
      const next = change(seen, clock.now(), others);
      return next === seen || (await this.#saved(seen, next, others)) ? next : undefined;
    });
    return this.#shown(update);
  }

  /** App and screen may accept two updates of one vehicle at the same instant: what goes under way does so alone. */
  #saved(seen: Update, next: Update, others: readonly Update[]): Promise<boolean> {
    const { updates } = this.#ports;
    if (isUnderWay(seen) || !isUnderWay(next)) return updates.save(next, seen.version);
    const open = others.filter((other) => !isFinal(other));
    return updates.claim(next, seen.version, open);
  }

  async #allShown(updates: readonly Update[]): Promise<readonly ShownUpdate[]> {
    const shown = await Promise.all(updates.map((update) => this.#shown(update)));
    return shown.sort((one, other) => other.update.enlistedAt - one.update.enlistedAt);
  }

  async #shown(update: Update): Promise<ShownUpdate> {
    const { campaigns, releases } = this.#ports;
    const [campaign, release] = await Promise.all([campaigns.load(update.campaignId), releases.load(update.releaseId)]);
    return { update, offer: release === undefined ? undefined : offerOf(update, release, campaign?.state.status) };
  }
}

/** Nobody begins what was stopped. */
function requireOpen(campaign: Campaign | undefined): void {
  const status = campaign?.state.status;
  if (status === 'running' || status === 'paused' || status === 'closed') return;
  throw new Failure('conflict', 'offer-withdrawn', 'The maker has taken this update back.', {
    resolution: 'Wait until it is offered again.',
  });
}

function updateNotFound(): Failure {
  return new Failure('not-found', 'update-not-found', 'The vehicle has no such update.');
}
