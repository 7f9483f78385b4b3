import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import { offered } from '../updates/course.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import { type Campaign, closed, opensAt } from './campaign.ts';
import type { DueWork } from './due-work.ts';
import type { CampaignRepository, CounterRepository } from './ports.ts';
import { type Pass, type Run, standingOf, withWork } from './run.ts';
import type { RunStep, Stepped } from './run-service.ts';
import { nextStep, type Step } from './schedule.ts';
import { outcomesOf, statisticsOf } from './statistics.ts';

export interface OfferPorts {
  readonly campaigns: CampaignRepository;
  readonly updates: UpdateRepository;
  readonly counters: CounterRepository;
  readonly due: DueWork;
}

/** Offers that one step makes at the most: a checkpoint stands between two. */
const mostAtOnce = 200;
/** Retries and the ends of patience are written by others: they are looked for so often. */
const look = 300_000;
/** An index shows what was written a moment later. */
const indexLag = 10_000;

/** Makes offers at the campaign's rate, and does what is due. */
export class OfferStep implements RunStep {
  readonly #ports: OfferPorts;

  constructor(ports: OfferPorts) {
    this.#ports = ports;
  }

  async step(campaign: Campaign, seen: Run, now: Instant): Promise<Stepped> {
    const { campaigns, counters } = this.#ports;
    if (seen.work.kind !== 'offering') return { run: seen };
    const { endAt } = campaign.rollout;
    if (endAt !== undefined && now >= endAt && campaign.state.status === 'running') {
      await campaigns.save(closed(campaign, 'schedule', now), campaign.version);
      return { run: withWork(seen, seen.work), next: now };
    }
    const { run, next: nextDue } = await this.#ports.due.done(campaign, seen, now);
    const others = [nextDue, endAt, now + look];
    if (campaign.state.status !== 'running') return { run: withWork(run, seen.work), ...at(earliest(...others)) };
    const { pass } = seen.work;
    if (pass.at !== undefined && pass.at > now) {
      return { run: withWork(run, seen.work), ...at(earliest(pass.at, ...others)) };
    }
    const through = outcomesOf(statisticsOf(await counters.totals(campaign.campaignId)));
    const step = nextStep(campaign.rollout, standingOf(run, through), now, mostAtOnce);
    if (step.offers === 0) return this.#idle(run, pass, step, others);
    return this.#offer(campaign, run, pass, step, others, now);
  }

  #idle(run: Run, pass: Pass, step: Step, others: readonly (Instant | undefined)[]): Stepped {
    return {
      run: withWork(run, { kind: 'offering', pass }, { pace: step.pace }),
      ...at(earliest(step.next, ...others)),
    };
  }

  async #offer(
    campaign: Campaign,
    run: Run,
    pass: Pass,
    step: Step,
    others: readonly (Instant | undefined)[],
    now: Instant,
  ): Promise<Stepped> {
    const page = await this.#ports.updates.enlisted(campaign.campaignId, step.offers, pass.from);
    const outcomes = await Promise.all(page.vehicleIds.map((vehicleId) => this.#one(campaign, vehicleId, now)));
    const made = outcomes.filter((outcome) => outcome === 'made').length;
    const openings = outcomes.filter((outcome) => typeof outcome === 'number');
    const again = earliest(pass.again, ...openings);
    const seen = pass.seen + page.vehicleIds.length;
    const counted = {
      offered: run.offered + made,
      // What the page had no use for is left for the next one.
      pace: { ...step.pace, credit: step.pace.credit + step.offers - made },
    };
    if (page.next !== undefined) {
      const next = made < step.offers ? now : step.next;
      const on = { ...pass, from: page.next, seen, ...(again !== undefined && { again }) };
      return { run: withWork(run, { kind: 'offering', pass: on }, counted), ...at(earliest(next, ...others)) };
    }
    // Another look finds what the index did not show yet, unless the last one found no more either.
    const isShort = seen < run.enlisted && seen !== pass.before;
    const fresh = afterPass(isShort ? now + indexLag : again, seen);
    return {
      run: withWork(run, { kind: 'offering', pass: fresh }, counted),
      ...at(counted.offered < run.enlisted ? earliest(fresh.at, ...others) : earliest(...others)),
    };
  }

  /** What came of one vehicle's turn: made, over before, or the opening of its country. */
  async #one(campaign: Campaign, vehicleId: VehicleId, now: Instant): Promise<'made' | 'over' | Instant> {
    const { updates } = this.#ports;
    return untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const mine = all.find(({ campaignId }) => campaignId === campaign.campaignId);
      if (mine === undefined || mine.state.status !== 'waiting' || mine.state.behind === true) return 'over';
      const opening = opensAt(campaign, mine.market, now);
      if (opening === null) return 'over';
      if (opening !== undefined) return opening;
      const next = offered(
        mine,
        all.filter((one) => one !== mine),
        now,
      );
      return (await updates.save(next, mine.version)) ? 'made' : undefined;
    });
  }
}

function afterPass(start: Instant | undefined, before: number): Pass {
  return { seen: 0, before, ...(start !== undefined && { at: start }) };
}

function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function at(next: Instant | undefined): { readonly next?: Instant } {
  return next === undefined ? {} : { next };
}
