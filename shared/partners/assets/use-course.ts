import type { BookedVehicle } from '../../sharing/bookings/booked-vehicle.ts';
import { withPartnerDoubt, withPartnerPrice } from '../../sharing/trips/partner-word.ts';
import type { PartnerDoubt } from '../../sharing/trips/trip.ts';
import { partnerBill, priceFault } from './partner-bill.ts';
import type { PartnerPackage } from './partner-desk.ts';
import type { PartnerFeed } from './partner-feed.ts';
import {
  endedNow,
  isBegun,
  isGone,
  newEvents,
  type PartnerUse,
  staged,
  type UseOutcome,
  type UseStage,
} from './partner-use.ts';
import type { PartnerUsePorts } from './use-ports.ts';
import { presentOf, type UseStep } from './use-step.ts';

/** What becomes of a use that the partner has confirmed: ridden and billed, given back, or taken away by the partner. */
export class UseCourse {
  readonly #ports: PartnerUsePorts;

  constructor(ports: PartnerUsePorts) {
    this.#ports = ports;
  }

  async step(
    feed: PartnerFeed,
    use: PartnerUse,
    packageId: string,
    vehicle: BookedVehicle | undefined,
  ): Promise<UseStep> {
    if (use.doubtedAt !== undefined) {
      const decided = await this.#decided(feed, use, packageId);
      if (decided !== undefined) return decided;
    }
    const told = await this.#ports.desk.look(feed, packageId);
    if (told.kind === 'unknown') return this.#overdue(feed, { kind: 'unknown', use });
    // The partner knows it no more, or has taken it away.
    if (told.kind === 'refused' || isGone(told.value)) return this.#lost(feed, use);
    if (isBegun(told.value)) return this.#ridden(feed, use, told.value, vehicle);
    if (presentOf(vehicle, use) !== undefined) return { kind: 'waits', use };
    // It has ended: a partner that knows nothing of that any more still owes its price.
    if (endOf(use) !== undefined) return this.#overdue(feed, { kind: 'waits', use });
    const since = this.#ports.clock.now();
    return this.#saved(use, staged(use, { status: 'giving-back', offerId: '-', packageId, since }));
  }

  async #ridden(
    feed: PartnerFeed,
    use: PartnerUse,
    found: PartnerPackage,
    vehicle: BookedVehicle | undefined,
  ): Promise<UseStep> {
    const { logs, clock } = this.#ports;
    const events = newEvents(use, found, vehicle?.log?.sequence ?? 0, clock.now());
    // Written first: whoever records them again gives them the same numbers.
    const told = events.length === 0 ? use : await this.#written(use, { ...use, events: [...use.events, ...events] });
    if (told === undefined) return this.#elsewhere(use);
    if (told.events.length > 0) await logs.record(use.vehicleId, told.events);
    return this.#billed(feed, told, found);
  }

  /** Once it has ended and costs what it costs. */
  async #billed(feed: PartnerFeed, use: PartnerUse, { price, leg, status }: PartnerPackage): Promise<UseStep> {
    const { trips, setup, desk, warn, clock } = this.#ports;
    const end = endOf(use);
    if (end === undefined) return { kind: 'waits', use };
    if (price?.isFinal !== true) return this.#overdue(feed, { kind: 'waits', use });
    const system = await setup.system(use.systemId);
    if (system === undefined) return { kind: 'waits', use };
    const fault = priceFault(price, system.currency);
    if (fault !== undefined) {
      warn(use, `The partner's price is taken from nobody: ${fault}`);
      return this.#doubted(feed, use, 'partner-price-unusable');
    }
    const { issuer, priceCap: most } = feed;
    const said = { bill: partnerBill(price, issuer, system, end.at), issuer, most };
    // The trip's record is made by the stream of bookings, and may not be there yet.
    const trip = await trips.saidByPartner(use, (seen) => withPartnerPrice(seen, said, clock.now()));
    if (trip === undefined) return { kind: 'unknown', use };
    if (trip.partnerBill === undefined) return this.#atDesk(use);
    if (status !== 'SETTLED' && leg !== undefined) {
      const accepted = await desk.acceptPrice(feed, leg.legId);
      if (accepted.kind === 'unknown') return { kind: 'unknown', use };
    }
    return this.#over(use, 'used');
  }

  /** What was begun and is gone ends here and now; what it costs, nobody knows but the operator. */
  async #lost(feed: PartnerFeed, use: PartnerUse): Promise<UseStep> {
    const { bookings, clock, logs, warn } = this.#ports;
    await bookings.withdraw(use.vehicleId, use.reservationId, 'partner-withdrew');
    if (use.events.length === 0) {
      return this.#saved(use, staged(use, { status: 'over', outcome: 'given-back', at: clock.now() }));
    }
    const events = endedNow(use, clock.now());
    const ended = events.length === 0 ? use : await this.#written(use, { ...use, events: [...use.events, ...events] });
    if (ended === undefined) return this.#elsewhere(use);
    await logs.record(use.vehicleId, ended.events);
    if (use.doubtedAt === undefined) warn(use, 'The partner took a use away that it had told of');
    return this.#doubted(feed, ended, 'partner-withdrew');
  }

  /** It has ended, and its price is late: its operator is told, once. */
  async #overdue(feed: PartnerFeed, step: UseStep): Promise<UseStep> {
    const { use } = step;
    const end = endOf(use);
    const isLate = end !== undefined && end.at + feed.priceDueHours * 3_600_000 <= this.#ports.clock.now();
    return isLate && use.doubtedAt === undefined ? this.#doubted(feed, use, 'partner-price-missing') : step;
  }

  async #doubted(feed: PartnerFeed, use: PartnerUse, why: PartnerDoubt['why']): Promise<UseStep> {
    const { trips, clock } = this.#ports;
    const doubt = { why, at: clock.now(), issuer: feed.issuer };
    const trip = await trips.saidByPartner(use, (seen) => withPartnerDoubt(seen, doubt));
    return trip === undefined ? { kind: 'unknown', use } : this.#atDesk(use);
  }

  /** From now on it stands in its operator's list. */
  async #atDesk(use: PartnerUse): Promise<UseStep> {
    if (use.doubtedAt !== undefined) return { kind: 'waits', use };
    const doubted = await this.#written(use, { ...use, doubtedAt: this.#ports.clock.now() });
    return doubted === undefined ? this.#elsewhere(use) : { kind: 'waits', use: doubted };
  }

  /** Undefined while the operator has not said anything. What it takes over from the partner, the partner is told. */
  async #decided(feed: PartnerFeed, use: PartnerUse, packageId: string): Promise<UseStep | undefined> {
    const { trips, desk } = this.#ports;
    const trip = await trips.saidByPartner(use, (seen) => seen);
    if (trip?.partnerBill !== undefined) return undefined;
    const { verdict, partnerDoubt } = trip ?? {};
    if (verdict === undefined) return undefined;
    if (verdict.kind === 'settle' && verdict.amount === undefined && partnerDoubt?.bill !== undefined) {
      const told = await desk.look(feed, packageId);
      if (told.kind === 'unknown') return { kind: 'unknown', use };
      const { leg, status } = told.kind === 'told' ? told.value : {};
      const isOpen = status === 'ENDED' && leg !== undefined;
      if (isOpen && (await desk.acceptPrice(feed, leg.legId)).kind === 'unknown') return { kind: 'unknown', use };
    }
    return this.#over(use, 'decided');
  }

  #over(use: PartnerUse, outcome: UseOutcome): Promise<UseStep> {
    const stage: UseStage = { status: 'over', outcome, at: this.#ports.clock.now() };
    return this.#saved(use, { ...staged(use, stage), isBilled: outcome === 'used' });
  }

  async #saved(seen: PartnerUse, next: PartnerUse): Promise<UseStep> {
    if (await this.#ports.uses.save(next, seen)) return { kind: 'goes-on', use: next };
    return this.#elsewhere(seen);
  }

  /** Undefined where somebody else was faster. */
  async #written(seen: PartnerUse, next: PartnerUse): Promise<PartnerUse | undefined> {
    const saved = { ...next, looks: 0, version: seen.version + 1 };
    return (await this.#ports.uses.save(saved, seen)) ? saved : undefined;
  }

  /** Somebody else goes on with it. */
  async #elsewhere(use: PartnerUse): Promise<UseStep> {
    return { kind: 'waits', use: (await this.#ports.uses.load(use.reservationId)) ?? use };
  }
}

function endOf({ events }: PartnerUse) {
  return events.find(({ kind }) => kind === 'ended');
}
