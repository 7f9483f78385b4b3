import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { offered, retried, timedOut } from '../updates/course.ts';
import type { Update } from '../updates/update.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import type { Campaign } from './campaign.ts';
import type { Due, DueRepository } from './ports.ts';
import type { Run } from './run.ts';
import { perMinuteOf } from './schedule.ts';

export interface DuePorts {
  readonly due: DueRepository;
  readonly updates: UpdateRepository;
}

/** Entries of one step: a checkpoint stands behind them. */
const atOnce = 10;
/** Of a campaign without a rate. */
const joinersOfUnlimited = 100;
/** A vehicle that joined later and whose turn has not come is looked at again after it. */
const laterTurn = 300_000;
/** A retry of a campaign that rests is looked at again after it. */
const restedRetry = 600_000;

/** Does what is due in a campaign: retries, and installations that were silent for too long. */
export class DueWork {
  readonly #ports: DuePorts;

  constructor(ports: DuePorts) {
    this.#ports = ports;
  }

  /** The run behind what was done, and when the next is due. */
  async done(campaign: Campaign, run: Run, now: Instant): Promise<{ readonly run: Run; readonly next?: Instant }> {
    const { due } = this.#ports;
    const { items } = await due.page(campaign.campaignId, now, atOnce, run.duePosition);
    let joiners = joinersAtOnce(campaign, run);
    const { campaignId } = campaign;
    for (const { vehicleIds, at } of items) {
      const dues = vehicleIds.map((vehicleId) => ({ campaignId, vehicleId, at }));
      await Promise.all(dues.map((one) => this.#one(campaign, one, now, () => joiners-- > 0)));
    }
    const position = items.at(-1)?.position;
    const next = items.length === atOnce ? now : await due.next(campaign.campaignId, position ?? run.duePosition);
    return {
      run: position === undefined ? run : { ...run, duePosition: position },
      ...(next !== undefined && { next }),
    };
  }

  async #one(campaign: Campaign, { campaignId, vehicleId }: Due, now: Instant, mayJoin: () => boolean): Promise<void> {
    const { updates, due } = this.#ports;
    const seen = await updates.load(vehicleId, campaignId);
    if (seen?.state.status !== 'waiting' || seen.state.behind === true) return this.#go(campaign, seen, now);
    if (!mayJoin()) return due.add({ campaignId, vehicleId, at: now + laterTurn });
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
    const rests = campaign.state.status === 'paused' || campaign.state.status === 'stopped';
    await untilSaved(async () => {
      const seen = await updates.load(vehicleId, campaignId);
      if (seen === undefined) return true;
      if (rests && seen.state.status === 'retrying') {
        await due.add({ campaignId, vehicleId, at: now + restedRetry });
        return true;
      }
      const next = retried(timedOut(seen, campaign, now), now);
      return next === seen || (await updates.save(next, seen.version)) || undefined;
    });
  }
}

/**
 * How many of those that joined later are offered it in one step: none before everybody else's turn has come, and no
 * more than the rate allows in ten seconds, so that joining is no way around it.
 */
function joinersAtOnce({ state, rollout }: Campaign, { work, offered: made, enlisted }: Run): number {
  if (state.status !== 'running' || work.kind !== 'offering' || made < enlisted) return 0;
  const perMinute = perMinuteOf(rollout.rate, { offered: made, installed: 0 });
  return perMinute === undefined ? joinersOfUnlimited : Math.max(1, Math.floor(perMinute / 6));
}
