import type { Operation } from '../../access/idempotent-operation.ts';
import { base32 } from '../../kernel/base32.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { BookingService, Claimant } from '../../sharing/bookings/booking-service.ts';
import { type DepositPorts, setAside } from '../../sharing/bookings/deposit.ts';
import type { Held, HoldService, KeyedWish } from '../../sharing/bookings/hold-service.ts';
import { isAssigned } from '../../sharing/bookings/reservation.ts';
import type { Terms } from '../../sharing/bookings/terms.ts';
import type { KeptSetup } from '../../sharing/setup/kept-setup.ts';
import { dayIn } from '../../sharing/setup/local-day.ts';
import type { Digest } from './asset.ts';
import type { AssetEntry } from './asset-entry.ts';
import type { Vouched } from './partner-desk.ts';
import { isFeedId } from './partner-feed.ts';
import { partnerRefused, partnerUnavailable } from './partner-refusals.ts';
import type { PartnerUseService } from './partner-use-service.ts';
import type { PartnerLooks } from './use-ports.ts';

export interface PartnerHoldPorts {
  readonly holds: Pick<HoldService, 'hold'>;
  readonly setup: Pick<KeptSetup, 'fleetVehicle' | 'forgetVehicle'>;
  readonly entry: Pick<AssetEntry, 'enter'>;
  readonly uses: Pick<PartnerUseService, 'begin' | 'advance' | 'giveUp'>;
  readonly bookings: Pick<BookingService, 'vehicle' | 'driver' | 'withdraw'>;
  readonly deposits: DepositPorts;
  readonly looks: PartnerLooks;
  readonly digest: Digest;
  readonly clock: Clock;
}

const day = 86_400_000;
/** How often a partner is asked while somebody waits for the answer. */
const attempts = 2;
/** ms after which a hold of which nobody asked the partner is looked at. */
const lookedAt = 20_000;

/** Holds vehicles, the operator's own and partners': for those the partner is asked once our own item has decided. */
export class PartnerHolds implements Pick<HoldService, 'hold'> {
  readonly #ports: PartnerHoldPorts;

  constructor(ports: PartnerHoldPorts) {
    this.#ports = ports;
  }

  async hold(claimant: Claimant, wish: KeyedWish, operation: Operation): Promise<Held> {
    const { holds, setup, entry } = this.#ports;
    const { vehicleId } = wish;
    const known = await setup.fleetVehicle(vehicleId);
    if (known !== undefined && known.speaks !== 'partner') return holds.hold(claimant, wish, operation);
    if (known === undefined && !(await entry.enter(claimant.operatorId, vehicleId))) {
      return holds.hold(claimant, wish, operation);
    }
    await this.#lookLater(vehicleId);
    return this.#confirmed(claimant, await this.#held(claimant, wish, operation));
  }

  /** Its partner may have offered it again under the name that it had. */
  async #held(claimant: Claimant, wish: KeyedWish, operation: Operation): Promise<Held> {
    const { holds, entry, setup } = this.#ports;
    try {
      return await holds.hold(claimant, wish, operation);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'vehicle-not-in-service')) throw error;
      if (!(await entry.enter(claimant.operatorId, wish.vehicleId))) throw error;
      setup.forgetVehicle(wish.vehicleId);
      return holds.hold(claimant, wish, operation);
    }
  }

  async #confirmed(claimant: Claimant, held: Held): Promise<Held> {
    if (held.kind === 'repeated') return held;
    const { reservationId } = held.assignment;
    const { vehicleId, operatorId, systemId, partner = '', assetId = '' } = held.terms.vehicle;
    const since = this.#ports.clock.now();
    const vehicle = await this.#ports.bookings.vehicle(vehicleId);
    // Whoever looked after it has given it up meanwhile.
    if (vehicle === undefined || !isAssigned(vehicle, reservationId)) throw partnerUnavailable();
    if (!isFeedId(partner)) throw new TypeError('A vehicle of a partner names no feed');
    await this.#paidFor(vehicle.vehicleId, held, () => setAside(this.#ports.deposits, vehicle));
    const use = await this.#ports.uses.begin({
      ...{ reservationId, vehicleId, fence: vehicle.fence, operatorId, systemId, feedId: partner, assetId },
      ...{ travellerId: this.#travellerOf(claimant, partner), since },
      vouched: await this.#vouchedFor(claimant, held.terms, since),
    });
    await this.#agreed(use);
    const after = await this.#ports.bookings.vehicle(vehicleId);
    if (after === undefined || !isAssigned(after, reservationId)) throw partnerUnavailable();
    return { ...held, assignment: after.assignment };
  }

  async #agreed(first: Parameters<PartnerUseService['advance']>[0]): Promise<void> {
    const { uses } = this.#ports;
    let use = first;
    // A step that was made is no failed attempt: the next one has its own.
    for (let attempt = 1; attempt <= attempts; ) {
      const step = await uses.advance(use);
      if (step.kind === 'refused') {
        await uses.giveUp(step.use, 'partner-refused');
        throw partnerRefused(step.detail);
      }
      if (step.kind !== 'unknown') return;
      attempt = step.use.version > use.version && attempt > 1 ? attempt : attempt + 1;
      use = step.use;
    }
    await uses.giveUp(use, 'partner-unavailable');
    throw partnerUnavailable();
  }

  /** Nobody is asked for what our person cannot pay. */
  async #paidFor(vehicleId: string, held: Extract<Held, { kind: 'held' }>, pay: () => Promise<void>): Promise<void> {
    try {
      await pay();
    } catch (error) {
      await this.#ports.bookings.withdraw(vehicleId, held.assignment.reservationId, 'payment-declined');
      throw error;
    }
  }

  async #lookLater(vehicleId: string): Promise<void> {
    const { looks, clock } = this.#ports;
    const now = clock.now();
    await looks.call({ kind: 'hold', vehicleId }, now + lookedAt, now);
  }

  /** The hold was given, so that its rules are met. Of a licence no later day than the next is told: it would be theirs alone. */
  async #vouchedFor({ operatorId, personId }: Claimant, { type, system }: Terms, at: Instant): Promise<Vouched> {
    const { minimumAge: age, licence: wanted } = type;
    if (wanted === undefined) return { age };
    const { licence } = (await this.#ports.bookings.driver(operatorId, personId)) ?? {};
    // The partner's clock may be past midnight by then, or stand in another zone.
    const next = dayIn(system.timeZone, at + day);
    const { validUntil = next } = licence ?? {};
    return { age, licence: { class: wanted, until: validUntil < next ? validUntil : next } };
  }

  /** Another name with each partner: two of them know nothing of each other's rides. */
  #travellerOf({ personId }: Claimant, feedId: string): string {
    return base32(this.#ports.digest(`traveller/${feedId}/${personId}`), 20);
  }
}
