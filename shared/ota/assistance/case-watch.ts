import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { CampaignRepository } from '../campaigns/ports.ts';
import type { Update } from '../updates/update.ts';
import { type AssistanceCase, isOpen, urgencyOf } from './case.ts';
import type { CaseRepository } from './case-repository.ts';
import { heard, mayHaveCase } from './trouble.ts';

export interface CaseWatchPorts {
  readonly cases: Pick<CaseRepository, 'load' | 'save'>;
  readonly campaigns: Pick<CampaignRepository, 'load'>;
  /** A vehicle must not be driven. May be told twice of the same. */
  readonly warn: (unsafe: AssistanceCase) => void;
  readonly clock: Clock;
}

/** Opens a case where an update came to grief, and closes it where it came right. Each change may come twice. */
export class CaseWatch {
  readonly #ports: CaseWatchPorts;

  constructor(ports: CaseWatchPorts) {
    this.#ports = ports;
  }

  /** @param before as it was, where that is known: what happens to its item alone is nothing that happens to the vehicle */
  async follow(update: Update, before?: Update): Promise<void> {
    if (!mayHaveCase(update) || (before !== undefined && !hasMoved(before, update))) return;
    const { cases, campaigns, warn, clock } = this.#ports;
    await untilSaved(async () => {
      const [known, campaign] = await Promise.all([cases.load(update), campaigns.load(update.campaignId)]);
      if (campaign === undefined) return true;
      const next = heard(known, update, campaign.brand, clock.now());
      // Also of what was kept before: who kept it may have died before this line.
      if (next?.heard === update.version && isOpen(next) && urgencyOf(next.trouble) === 'unsafe') warn(next);
      if (next === undefined || next === known) return true;
      return (await cases.save(next, known?.version)) || undefined;
    });
  }
}

/** The name of who consented is taken out of it, or its version rises because another update was accepted. */
function hasMoved(before: Update, after: Update): boolean {
  if (before.changedAt !== after.changedAt || before.state.status !== after.state.status) return true;
  return before.story.length !== after.story.length || before.story.at(-1)?.what !== after.story.at(-1)?.what;
}
