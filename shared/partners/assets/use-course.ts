import type { BookedVehicle } from '../../sharing/bookings/booked-vehicle.ts';
import { partnerBill, priceFault } from './partner-bill.ts';
import type { PartnerPackage } from './partner-desk.ts';
import type { PartnerFeed } from './partner-feed.ts';
import { isBegun, isGone, newEvents, type PartnerUse, staged, type UseStage } from './partner-use.ts';
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
    const told = await this.#ports.desk.look(feed, packageId);
    if (told.kind === 'unknown') return { kind: 'unknown', use };
    // The partner knows it no more, or has taken it away.
    if (told.kind === 'refused' || isGone(told.value)) return this.#lost(use);
    if (isBegun(told.value)) return this.#ridden(feed, use, told.value, vehicle);
    if (presentOf(vehicle, use) !== undefined) return { kind: 'waits', use };
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
    const end = use.events.find(({ kind }) => kind === 'ended');
    if (end === undefined || price?.isFinal !== true) return { kind: 'waits', use };
    const system = await setup.system(use.systemId);
    if (system === undefined) return { kind: 'waits', use };
    const fault = priceFault(price, system.currency);
    if (fault !== undefined) {
      warn(use, `The partner's price is taken from nobody: ${fault}`);
      return { kind: 'waits', use };
    }
    const bill = partnerBill(price, feed.issuer, system, end.at);
    // The trip's record is made by the stream of bookings, and may not be there yet.
    if (!(await trips.billedByPartner(use, bill))) return { kind: 'unknown', use };
    if (status !== 'SETTLED' && leg !== undefined) {
      const accepted = await desk.acceptPrice(feed, leg.legId);
      if (accepted.kind === 'unknown') return { kind: 'unknown', use };
    }
    const over: UseStage = { status: 'over', outcome: 'used', at: clock.now() };
    return this.#saved(use, { ...staged(use, over), isBilled: true });
  }

  async #lost(use: PartnerUse): Promise<UseStep> {
    const { bookings, clock, warn } = this.#ports;
    await bookings.withdraw(use.vehicleId, use.reservationId, 'partner-withdrew');
    if (use.events.length > 0) warn(use, 'The partner took a use away that it had told of');
    return this.#saved(use, staged(use, { status: 'over', outcome: 'given-back', at: clock.now() }));
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
