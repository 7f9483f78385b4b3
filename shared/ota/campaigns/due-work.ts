import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { retried, timedOut } from '../updates/course.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import type { Campaign } from './campaign.ts';
import type { Due, DueRepository } from './ports.ts';
import type { Run } from './run.ts';

export interface DuePorts {
  readonly due: DueRepository;
  readonly updates: UpdateRepository;
}

const atOnce = 50;
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
    await Promise.all(items.map((one) => this.#one(campaign, one, now)));
    const position = items.at(-1)?.position;
    const next = items.length === atOnce ? now : await due.next(campaign.campaignId, position ?? run.duePosition);
    return {
      run: position === undefined ? run : { ...run, duePosition: position },
      ...(next !== undefined && { next }),
    };
  }

  async #one(campaign: Campaign, { campaignId, vehicleId }: Due, now: Instant): Promise<void> {
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
