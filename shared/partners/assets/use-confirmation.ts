import type { Assigned } from '../../sharing/bookings/reservation.ts';
import type { PartnerPackage, PartnerTraveller, Told } from './partner-desk.ts';
import type { PartnerFeed } from './partner-feed.ts';
import { isBegun, isGone, type PartnerUse, staged, type UseStage } from './partner-use.ts';
import type { PartnerUsePorts } from './use-ports.ts';
import type { UseStep } from './use-step.ts';

type Asking = Extract<UseStage, { readonly status: 'asking' }>;
type GivingBack = Extract<UseStage, { readonly status: 'giving-back' }>;

/** From the hold to the partner's confirmation, and back. One call to the partner a step, written down before the next. */
export class UseConfirmation {
  readonly #ports: Pick<PartnerUsePorts, 'uses' | 'desk' | 'bookings' | 'listings' | 'clock'>;

  constructor(ports: Pick<PartnerUsePorts, 'uses' | 'desk' | 'bookings' | 'listings' | 'clock'>) {
    this.#ports = ports;
  }

  async step(feed: PartnerFeed, use: PartnerUse, stage: Asking, present: Assigned | undefined): Promise<UseStep> {
    const { offerId, packageId } = stage;
    if (present === undefined) return this.#abandoned(use, stage);
    if (offerId === undefined) return this.#offered(feed, use);
    if (packageId === undefined) return this.#purchased(feed, use, offerId);
    return this.#confirmed(feed, use, packageId);
  }

  /** Until the partner says that it is free again, or never knew of it. */
  async giveBack(feed: PartnerFeed, use: PartnerUse, stage: GivingBack): Promise<UseStep> {
    const { desk, clock } = this.#ports;
    const { packageId } = stage;
    const over = (outcome: 'given-back' | 'refused') => staged(use, { status: 'over', outcome, at: clock.now() });
    if (packageId === undefined) {
      // The same purchase again: it says which package there is, if there is one.
      const told = await this.#purchase(feed, use, stage.offerId);
      if (told.kind === 'refused') return this.#saved(use, over('refused'));
      if (told.kind === 'unknown') return { kind: 'unknown', use };
      return this.#saved(use, staged(use, { ...stage, packageId: told.value.packageId }));
    }
    const seen = await desk.look(feed, packageId);
    if (seen.kind === 'unknown') return { kind: 'unknown', use };
    if (seen.kind === 'refused' || isGone(seen.value)) return this.#saved(use, over('given-back'));
    // It was begun all the same: it is driven, and will be billed.
    if (isBegun(seen.value)) return this.#saved(use, staged(use, { status: 'confirmed', packageId }));
    const given = await desk.giveBack(feed, packageId, seen.value.status);
    if (given.kind === 'told' && isGone(given.value)) return this.#saved(use, over('given-back'));
    return { kind: 'unknown', use };
  }

  async #offered(feed: PartnerFeed, use: PartnerUse): Promise<UseStep> {
    const { desk, listings, clock } = this.#ports;
    const place = (await listings.listing(use.systemId, use.vehicleId))?.status?.place;
    if (place === undefined) return { kind: 'refused', use, detail: 'It is offered no more.' };
    const wish = { assetId: use.assetId, place, at: clock.now() };
    const told = await desk.offer(feed, wish, travellerOf(use));
    return this.#next(use, told, (offerId) => ({ status: 'asking', offerId }));
  }

  async #purchased(feed: PartnerFeed, use: PartnerUse, offerId: string): Promise<UseStep> {
    const told = await this.#purchase(feed, use, offerId);
    return this.#next(use, told, ({ packageId }) => ({ status: 'asking', offerId, packageId }));
  }

  async #confirmed(feed: PartnerFeed, use: PartnerUse, packageId: string): Promise<UseStep> {
    const { desk, bookings } = this.#ports;
    const told = await desk.confirm(feed, packageId);
    const isOurs = told.kind === 'told' && !isGone(told.value) && told.value.status !== 'PENDING';
    if (told.kind === 'told' && !isOurs) return { kind: 'refused', use, detail: 'It is not held any more.' };
    const step = await this.#next(use, told, () => ({ status: 'confirmed', packageId }));
    if (step.kind !== 'goes-on' || told.kind !== 'told') return step;
    const { expiresAt } = told.value;
    // What the partner holds no longer, we do not promise.
    if (expiresAt !== undefined) await bookings.shorten(use.vehicleId, use.reservationId, expiresAt);
    return { kind: 'waits', use: step.use };
  }

  /** Cancelled or expired while the partner was asked. */
  #abandoned(use: PartnerUse, { offerId, packageId }: Asking): Promise<UseStep> {
    const at = this.#ports.clock.now();
    if (offerId === undefined) return this.#saved(use, staged(use, { status: 'over', outcome: 'given-back', at }));
    const known = packageId === undefined ? {} : { packageId };
    return this.#saved(use, staged(use, { status: 'giving-back', offerId, since: at, ...known }));
  }

  #purchase(feed: PartnerFeed, use: PartnerUse, offerId: string): Promise<Told<PartnerPackage>> {
    return this.#ports.desk.purchase(feed, offerId, travellerOf(use), use.reservationId);
  }

  async #next<T>(use: PartnerUse, told: Told<T>, stage: (value: T) => UseStage): Promise<UseStep> {
    if (told.kind === 'refused') return { kind: 'refused', use, detail: told.detail };
    if (told.kind === 'unknown') return { kind: 'unknown', use };
    return this.#saved(use, staged(use, stage(told.value)));
  }

  async #saved(seen: PartnerUse, next: PartnerUse): Promise<UseStep> {
    const { uses } = this.#ports;
    if (await uses.save(next, seen)) return { kind: 'goes-on', use: next };
    // Somebody else goes on with it: theirs counts.
    return { kind: 'goes-on', use: (await uses.load(seen.reservationId)) ?? next };
  }
}

function travellerOf({ travellerId: id, vouched }: PartnerUse): PartnerTraveller {
  return { id, ...(vouched !== undefined && { vouched }) };
}
