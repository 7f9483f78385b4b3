import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import { cancelled } from '../updates/course.ts';
import { isFinal, isInstalling, isReleased } from '../updates/update.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import type { Campaign } from './campaign.ts';
import type { DueWork } from './due-work.ts';
import type { CounterRepository, Rollouts } from './ports.ts';
import { type Run, withWork } from './run.ts';
import type { RunStep, Stepped } from './run-service.ts';
import { countedAs, statisticsOf } from './statistics.ts';

const pageSize = 200;
/** A stream is behind its table by seconds; counters are judged when nothing has moved for so long. */
const quiet = 60_000;
const lookAgain = 300_000;
/** Looks for a quiet minute: for an hour. */
const mostTries = 12;

/** Takes back what a cancelled campaign has offered, except where it is being installed. */
export class WithdrawStep implements RunStep {
  readonly #updates: UpdateRepository;
  readonly #rollouts: Pick<Rollouts, 'end'>;

  constructor(updates: UpdateRepository, rollouts: Pick<Rollouts, 'end'>) {
    this.#updates = updates;
    this.#rollouts = rollouts;
  }

  async step(campaign: Campaign, run: Run, now: Instant): Promise<Stepped> {
    if (run.work.kind !== 'withdrawing') return { run };
    const page = await this.#updates.enlisted(campaign.campaignId, pageSize, run.work.from);
    const by = campaign.state.status === 'cancelled' ? campaign.state.by : 'campaign';
    await Promise.all(page.vehicles.map(({ vehicleId }) => this.#one(campaign, vehicleId, by, now)));
    if (page.next !== undefined) {
      return { run: withWork(run, { kind: 'withdrawing', from: page.next }), next: now };
    }
    await this.#rollouts.end(campaign.campaignId);
    return { run: withWork(run, { kind: 'counting', counted: {} }, { withdrawn: true }), next: now + quiet };
  }

  async #one({ campaignId }: Campaign, vehicleId: VehicleId, by: string, now: Instant): Promise<void> {
    await untilSaved(async () => {
      const seen = await this.#updates.load(vehicleId, campaignId);
      if (seen === undefined || isFinal(seen)) return true;
      try {
        return (await this.#updates.save(cancelled(seen, by, now), seen.version)) || undefined;
      } catch (error) {
        // What is being installed is finished, and ends by its own result.
        if (error instanceof Failure && error.code === 'update-installing') return true;
        throw error;
      }
    });
  }
}

/**
 * The one count of every update, which puts the counters right; on the way vehicles that are not installing yet are
 * handed to the rollout that stands, so that the campaign's own can go.
 */
export class CountStep implements RunStep {
  readonly #updates: UpdateRepository;
  readonly #counters: CounterRepository;
  readonly #rollouts: Pick<Rollouts, 'join'>;

  constructor(updates: UpdateRepository, counters: CounterRepository, rollouts: Pick<Rollouts, 'join'>) {
    this.#updates = updates;
    this.#counters = counters;
    this.#rollouts = rollouts;
  }

  async step(campaign: Campaign, run: Run, now: Instant): Promise<Stepped> {
    if (run.work.kind !== 'counting') return { run };
    const { from, counted, tries = 0 } = run.work;
    const { campaignId } = campaign;
    const page = await this.#updates.enlisted(campaignId, pageSize, from);
    const updates = await Promise.all(page.vehicles.map(({ vehicleId }) => this.#updates.load(vehicleId, campaignId)));
    const known = updates.filter((update) => update !== undefined);
    for (const update of known) {
      if (!isReleased(update) || isInstalling(update)) continue;
      await this.#rollouts.join(campaignId, update.vehicleId, { closed: true, order: update.version });
    }
    // Something moved a moment ago: its change may or may not be in the counters yet.
    if (tries < mostTries && known.some(({ changedAt }) => now - changedAt < quiet)) {
      return { run: withWork(run, { kind: 'counting', counted: {}, tries: tries + 1 }), next: now + lookAgain };
    }
    const tally: Record<string, number> = { ...counted };
    for (const name of known.flatMap(countedAs)) tally[name] = (tally[name] ?? 0) + 1;
    if (page.next !== undefined) {
      return { run: withWork(run, { kind: 'counting', from: page.next, counted: tally, tries }), next: now };
    }
    // A fleet that never rests is not counted: a count beside moving counters would put them wrong.
    if (tries < mostTries) await this.#counters.reconcile(campaignId, new Map(Object.entries(tally)));
    return { run: withWork(run, { kind: 'resting' }), next: now };
  }
}

/** After the end: what was consented to is still retried, and silence still noticed; then nothing is left behind. */
export class RestStep implements RunStep {
  readonly #due: DueWork;
  readonly #counters: Pick<CounterRepository, 'totals'>;
  readonly #rollouts: Pick<Rollouts, 'clear'>;

  constructor(due: DueWork, counters: Pick<CounterRepository, 'totals'>, rollouts: Pick<Rollouts, 'clear'>) {
    this.#due = due;
    this.#counters = counters;
    this.#rollouts = rollouts;
  }

  async step(campaign: Campaign, seen: Run, now: Instant): Promise<Stepped> {
    const { run, isWaiting } = await this.#cleared(campaign, seen);
    const { run: done, next } = await this.#due.done(campaign, run, now);
    const { accepted = 0, working = 0 } = statisticsOf(await this.#counters.totals(campaign.campaignId)).total;
    const look = isWaiting || accepted + working > 0 ? now + lookAgain : undefined;
    const soonest = next === undefined || look === undefined ? (next ?? look) : Math.min(next, look);
    return { run: withWork(done, { kind: 'resting' }), ...(soonest !== undefined && { next: soonest }) };
  }

  /** Hours after the end, where many vehicles had joined. */
  async #cleared({ campaignId, state }: Campaign, run: Run): Promise<{ run: Run; isWaiting: boolean }> {
    const isOver = state.status === 'closed' || state.status === 'cancelled';
    if (run.cleared === true || !isOver) return { run, isWaiting: false };
    if (!(await this.#rollouts.clear(campaignId))) return { run, isWaiting: true };
    return { run: { ...run, cleared: true }, isWaiting: false };
  }
}
