import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { connectionOf } from '../../registry/presence.ts';
import type { PresenceRepository } from '../../registry/presence-repository.ts';
import { offered, retried, timedOut } from '../updates/course.ts';
import { couldSpeak, silenceOf, silent, silentFrom } from '../updates/silence.ts';
import type { Update } from '../updates/update.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import type { Campaign } from './campaign.ts';
import type { Due, DueRepository } from './ports.ts';
import type { Run } from './run.ts';
import { creditAt, type Pace, perMinuteOf } from './schedule.ts';

export interface DuePorts {
  readonly due: DueRepository;
  readonly updates: UpdateRepository;
  readonly presences: Pick<PresenceRepository, 'loadMany'>;
}

const minute = 60_000;
/** Entries of one step: a checkpoint stands behind them. */
const atOnce = 10;
/** Of a campaign without a rate. */
const joinersOfUnlimited = 100;
/** Who joined later is looked at again after it where those before it have not all been offered the update. */
const laterTurn = 300_000;
/** A retry of a campaign that rests is looked at again after it. */
const restedRetry = 600_000;

/** Does what is due in a campaign: retries, and the ends of patience with vehicles that say nothing. */
export class DueWork {
  readonly #ports: DuePorts;

  constructor(ports: DuePorts) {
    this.#ports = ports;
  }

  /** The run behind what was done, and when the next is due. */
  async done(campaign: Campaign, run: Run, now: Instant): Promise<{ readonly run: Run; readonly next?: Instant }> {
    const { due } = this.#ports;
    const { items } = await due.page(campaign.campaignId, now, atOnce, run.duePosition);
    const joiners = new Joiners(campaign, run, now);
    const { campaignId } = campaign;
    for (const { vehicleIds, at } of items) {
      const dues = vehicleIds.map((vehicleId) => ({ campaignId, vehicleId, at }));
      await Promise.all(dues.map((one) => this.#one(campaign, one, now, joiners)));
    }
    const position = items.at(-1)?.position;
    const next = items.length === atOnce ? now : await due.next(campaign.campaignId, position ?? run.duePosition);
    const joined = { ...run, pace: joiners.pace };
    return {
      run: position === undefined ? joined : { ...joined, duePosition: position },
      ...(next !== undefined && { next }),
    };
  }

  async #one(campaign: Campaign, { campaignId, vehicleId }: Due, now: Instant, joiners: Joiners): Promise<void> {
    const { updates, due } = this.#ports;
    const seen = await updates.load(vehicleId, campaignId);
    if (seen?.state.status !== 'waiting' || seen.state.behind === true) return this.#go(campaign, seen, now);
    const pause = joiners.pauseOfNext();
    if (pause > 0) return due.add({ campaignId, vehicleId, at: now + pause });
    await untilSaved(async () => {
      const all = await updates.ofVehicle(vehicleId);
      const mine = all.find((one) => one.campaignId === campaignId);
      if (mine === undefined) return true;
      const others = all.filter((one) => one !== mine);
      const next = offered(mine, others, now);
      return next === mine || (await updates.save(next, mine.version)) || undefined;
    });
  }

  async #go(campaign: Campaign, found: Update | undefined, now: Instant): Promise<void> {
    if (found === undefined) return;
    const { vehicleId, campaignId } = found;
    const { updates, due } = this.#ports;
    await untilSaved(async () => {
      const seen = await updates.load(vehicleId, campaignId);
      if (seen === undefined) return true;
      if (rests(campaign) && seen.state.status === 'retrying') {
        await due.add({ campaignId, vehicleId, at: now + restedRetry });
        return true;
      }
      const moved = retried(timedOut(seen, campaign, now), now);
      const next = moved === seen ? await this.#unlessSilent(campaign, seen, now) : moved;
      return next === seen || (await updates.save(next, seen.version)) || undefined;
    });
  }

  /** A vehicle that should have said something is looked for; one that is parked without a line, less and less often. */
  async #unlessSilent(campaign: Campaign, seen: Update, now: Instant): Promise<Update> {
    const { due, presences } = this.#ports;
    const { vehicleId, campaignId, changedAt } = seen;
    const from = silentFrom(seen, campaign);
    if (from === undefined) return seen;
    if (rests(campaign) || from > now) {
      await due.add({ campaignId, vehicleId, at: Math.max(from, now + silenceOf(campaign) / 2) });
      return seen;
    }
    const presence = (await presences.loadMany([vehicleId])).get(vehicleId);
    if (couldSpeak(seen, connectionOf(presence), now)) return silent(seen, now);
    await due.add({ campaignId, vehicleId, at: now + Math.max(silenceOf(campaign), now - changedAt) });
    return seen;
  }
}

/** Nothing begins: vehicles may have nothing to say. */
function rests({ state }: Campaign): boolean {
  return state.status === 'paused' || state.status === 'stopped';
}

/**
 * Those who joined later: none before everybody else's turn has come, and then out of the same credit, so that joining
 * is no way around the rate, however many come and however often one looks.
 */
class Joiners {
  readonly #perMinute: number | undefined;
  readonly #isTheirTurn: boolean;
  readonly #now: Instant;
  readonly #before: Pace;
  #left: number;
  #used = 0;

  constructor({ state, rollout }: Campaign, { work, offered: made, enlisted, pace }: Run, now: Instant) {
    this.#perMinute = perMinuteOf(rollout.rate, { offered: made, installed: 0 });
    this.#isTheirTurn = state.status === 'running' && work.kind === 'offering' && made >= enlisted;
    this.#now = now;
    this.#before = pace;
    this.#left = this.#perMinute === undefined ? joinersOfUnlimited : creditAt(this.#perMinute, pace, now);
  }

  /** As it is after those whose turn it was. */
  get pace(): Pace {
    if (!this.#isTheirTurn || this.#perMinute === undefined) return this.#before;
    return { ...this.#before, credit: creditAt(this.#perMinute, this.#before, this.#now) - this.#used, at: this.#now };
  }

  /** Milliseconds until the next one's turn: 0 for now; the later, the more are before it. */
  pauseOfNext(): number {
    if (!this.#isTheirTurn) return laterTurn;
    this.#left -= 1;
    if (this.#left < 0) return minute * Math.ceil(Math.max(1, -this.#left / (this.#perMinute ?? joinersOfUnlimited)));
    this.#used += 1;
    return 0;
  }
}
