import type { Instant } from '../../kernel/clock.ts';
import type { ReservationId } from '../../sharing/sharing-id.ts';
import type { PartnerFeed } from './partner-feed.ts';
import {
  askedAtMost,
  begun,
  lookedAgain,
  type NewUse,
  nextLook,
  type PartnerUse,
  staged,
  type UseStage,
  unknownAtMost,
} from './partner-use.ts';
import { UseConfirmation } from './use-confirmation.ts';
import { UseCourse } from './use-course.ts';
import type { PartnerLook, PartnerUsePorts } from './use-ports.ts';
import { presentOf, type UseStep } from './use-step.ts';

/** ms that whoever crashed has been given to go on by themselves. */
const crashed = 15_000;
/** Steps of one look: a use that goes on for longer has something wrong with it. */
const mostSteps = 8;

/**
 * What our people have of partners. Our own item decides among them, and then the partner is asked, step by step, each
 * written down before the next. What nobody knows is asked again, with the same reference.
 */
export class PartnerUseService {
  readonly #ports: PartnerUsePorts;
  readonly #confirmation: UseConfirmation;
  readonly #course: UseCourse;

  constructor(ports: PartnerUsePorts) {
    this.#ports = ports;
    this.#confirmation = new UseConfirmation(ports);
    this.#course = new UseCourse(ports);
  }

  /** Before the partner is asked for anything. The same again finds what there is. */
  async begin(use: NewUse): Promise<PartnerUse> {
    const { uses, looks, clock } = this.#ports;
    const fresh = begun(use);
    const isNew = await uses.save(fresh, undefined);
    const look: PartnerLook = { kind: 'use', reservationId: use.reservationId };
    await looks.call(look, clock.now() + crashed, clock.now());
    return isNew ? fresh : ((await uses.load(use.reservationId)) ?? fresh);
  }

  of(reservationId: ReservationId): Promise<PartnerUse | undefined> {
    return this.#ports.uses.load(reservationId);
  }

  /** As far as it goes now. */
  async advance(first: PartnerUse): Promise<UseStep> {
    const feed = await this.#ports.feeds.load(first);
    if (feed === undefined) return { kind: 'unknown', use: first };
    let use = first;
    for (let step = 0; step < mostSteps; step += 1) {
      const taken = await this.#step(feed, use);
      if (taken.kind !== 'goes-on') return taken;
      use = taken.use;
    }
    return { kind: 'waits', use };
  }

  /** Ours is over, whatever the partner says: it is told, now or later. */
  async giveUp(use: PartnerUse, why: 'partner-refused' | 'partner-unavailable'): Promise<PartnerUse> {
    const { bookings, clock } = this.#ports;
    // Ours first: who dies in between finds a use that nobody of ours has, and gives it back.
    await bookings.withdraw(use.vehicleId, use.reservationId, why);
    const { stage } = use;
    if (stage.status !== 'asking') return use;
    const now = clock.now();
    const { offerId, packageId } = stage;
    const next: UseStage =
      offerId === undefined || (why === 'partner-refused' && packageId === undefined)
        ? { status: 'over', outcome: why === 'partner-refused' ? 'refused' : 'given-back', at: now }
        : { status: 'giving-back', offerId, since: now, ...(packageId !== undefined && { packageId }) };
    return this.#saved(use, staged(use, next));
  }

  async look(look: PartnerLook): Promise<void> {
    if (look.kind === 'use') return this.#lookAt(look.reservationId);
    const vehicle = await this.#ports.bookings.vehicle(look.vehicleId);
    if (vehicle?.assignment === undefined || vehicle.partner === undefined) return;
    const { reservationId, heldAt } = vehicle.assignment;
    if ((await this.#ports.uses.load(reservationId)) !== undefined) return this.#lookAt(reservationId);
    // Whoever held it died before the partner was asked.
    const isLost = heldAt + crashed < this.#ports.clock.now();
    if (isLost) await this.#ports.bookings.withdraw(look.vehicleId, reservationId, 'partner-unavailable');
    else await this.#again(look, heldAt + crashed + 1);
  }

  async #lookAt(reservationId: ReservationId): Promise<void> {
    const { clock, uses } = this.#ports;
    const use = await uses.load(reservationId);
    if (use === undefined || use.stage.status === 'over') return;
    const taken = await this.advance(use);
    const after = await this.#judged(taken, clock.now());
    if (after.doubtedAt !== undefined && after.stage.status === 'confirmed') this.#ports.undecided(after);
    const at = nextLook(after, clock.now());
    if (at !== undefined) await this.#again({ kind: 'use', reservationId }, at);
  }

  /** What has been asked for too often is given up. */
  async #judged(taken: UseStep, now: Instant): Promise<PartnerUse> {
    const { use } = taken;
    if (taken.kind === 'refused') return this.giveUp(use, 'partner-refused');
    if (taken.kind === 'goes-on') return use;
    const { stage } = use;
    if (stage.status === 'asking' && use.since + unknownAtMost < now) return this.giveUp(use, 'partner-unavailable');
    const isLost = stage.status === 'giving-back' && stage.since + askedAtMost < now;
    if (!isLost) return stage.status === 'over' ? use : this.#saved(use, lookedAgain(use));
    this.#ports.warn(use, 'The partner never said whether it was given back');
    return this.#saved(use, staged(use, { status: 'over', outcome: 'lost', at: now }));
  }

  async #step(feed: PartnerFeed, use: PartnerUse): Promise<UseStep> {
    if (use.stage.status === 'over') return { kind: 'waits', use };
    const vehicle = await this.#ports.bookings.vehicle(use.vehicleId);
    switch (use.stage.status) {
      case 'asking':
        return this.#confirmation.step(feed, use, use.stage, presentOf(vehicle, use));
      case 'confirmed':
        return this.#course.step(feed, use, use.stage.packageId, vehicle);
      case 'giving-back':
        return this.#confirmation.giveBack(feed, use, use.stage);
    }
  }

  async #again(look: PartnerLook, at: Instant): Promise<void> {
    const { looks, clock } = this.#ports;
    await looks.call(look, at, clock.now());
  }

  /** Somebody else went on meanwhile: theirs counts, and a look will come. */
  async #saved(seen: PartnerUse, next: PartnerUse): Promise<PartnerUse> {
    const { uses } = this.#ports;
    return (await uses.save(next, seen)) ? next : ((await uses.load(seen.reservationId)) ?? next);
  }
}
