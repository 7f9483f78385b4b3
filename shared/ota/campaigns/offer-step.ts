import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import { offered } from '../updates/course.ts';
import type { Update } from '../updates/update.ts';
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
    const statistics = statisticsOf(await counters.totals(campaign.campaignId));
    const step = nextStep(campaign.rollout, standingOf(run, outcomesOf(statistics)), now, mostAtOnce);
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
    // On the first way through, each vehicle's turn comes for the first time; later most are passed over.
    const limit = pass.before === undefined ? step.offers : mostAtOnce;
    const page = await this.#ports.updates.enlisted(campaign.campaignId, limit, pass.from);
    const met = await Promise.all(page.vehicles.map(({ vehicleId }) => this.#met(campaign, vehicleId, now)));
    const turns = met.map(({ turn }) => turn);
    const last = lastTurn(turns, step.offers);
    const isThrough = last < 0 || turns.slice(last + 1).every((turn) => turn !== 'now');
    const taken = isThrough ? page.vehicles : page.vehicles.slice(0, last + 1);
    const reached = isThrough ? page.next : page.vehicles[last]?.position;
    const due = met.slice(0, taken.length).filter(({ turn }) => turn === 'now');
    await Promise.all(due.map((one) => this.#make(campaign, one, now)));
    const openings = turns.slice(0, taken.length).filter((turn) => typeof turn === 'number');
    const again = earliest(pass.again, ...openings);
    const seen = pass.seen + taken.length;
    const offered = run.offered + due.length;
    const counted = {
      offered,
      // What the page had no use for is left for the next one.
      pace: { ...step.pace, credit: step.pace.credit + step.offers - due.length },
    };
    if (reached !== undefined) {
      const next = due.length < step.offers ? now : step.next;
      const on = { ...pass, from: reached, seen, ...(again !== undefined && { again }) };
      return { run: withWork(run, { kind: 'offering', pass: on }, counted), ...at(earliest(next, ...others)) };
    }
    // Another look finds what the index did not show yet, unless the last one found no more either.
    const isShort = seen < run.enlisted && seen !== pass.before;
    const fresh = afterPass(isShort ? now + indexLag : again, seen);
    // Who left or asked before their turn, or was offered it by a run that died, is counted by no page: a second way
    // through that leaves nobody for later shows that everybody's turn has come.
    const isOver = pass.before !== undefined && seen >= run.enlisted && again === undefined;
    const through = { ...counted, offered: isOver ? Math.max(offered, run.enlisted) : offered };
    return {
      run: withWork(run, { kind: 'offering', pass: fresh }, through),
      ...at(through.offered < run.enlisted ? earliest(fresh.at, ...others) : earliest(...others)),
    };
  }

  async #met(campaign: Campaign, vehicleId: VehicleId, now: Instant): Promise<Met> {
    const all = await this.#ports.updates.ofVehicle(vehicleId);
    return { vehicleId, all, turn: turnOf(campaign, all, now) };
  }

  async #make({ campaignId }: Campaign, { vehicleId, all: seen }: Met, now: Instant): Promise<void> {
    const { updates } = this.#ports;
    let known: readonly Update[] | undefined = seen;
    await untilSaved(async () => {
      // What was seen a moment ago is as good as what would be read now: a save names the version.
      const all = known ?? (await updates.ofVehicle(vehicleId));
      known = undefined;
      const mine = all.find((one) => one.campaignId === campaignId);
      if (mine === undefined) return true;
      const next = offered(
        mine,
        all.filter((one) => one !== mine),
        now,
      );
      return next === mine || (await updates.save(next, mine.version)) || undefined;
    });
  }
}

/** A vehicle on the way through the enlisted ones. */
interface Met {
  readonly vehicleId: VehicleId;
  readonly all: readonly Update[];
  /** Whether it is its turn: now, over before, or at the opening of its country. */
  readonly turn: 'now' | 'over' | Instant;
}

function turnOf(campaign: Campaign, all: readonly Update[], now: Instant): Met['turn'] {
  const mine = all.find(({ campaignId }) => campaignId === campaign.campaignId);
  if (mine === undefined || mine.state.status !== 'waiting' || mine.state.behind === true) return 'over';
  const opening = opensAt(campaign, mine.market, now);
  return opening === undefined ? 'now' : (opening ?? 'over');
}

/** Where the last of so many turns stands. */
function lastTurn(turns: readonly unknown[], offers: number): number {
  let left = offers;
  for (const [place, turn] of turns.entries()) {
    if (turn !== 'now') continue;
    left -= 1;
    if (left === 0) return place;
  }
  return -1;
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
