import type { Command } from 'commander';
import { type Campaign, campaign, told } from '../campaign-view.ts';
import { campaignIdArgument } from './arguments.ts';
import { type Context, contextOf } from './context.ts';

type Verb = 'approve' | 'start' | 'pause' | 'resume' | 'close';

const steps: Readonly<
  Record<Verb, { readonly description: string; readonly next?: (it: Campaign, again: Context['again']) => string }>
> = {
  approve: {
    description: 'approve it: two who have not drafted it have to (--as quality, --as safety, or their profiles)',
    next: ({ status, campaignId }, again) =>
      status === 'draft' ? 'One more has to approve it.' : `Next: ${again(`campaign start ${campaignId}`)}`,
  },
  start: {
    description: 'enlist its vehicles and offer them the update, at its rate',
    next: ({ campaignId }, again) => `Next: ${again(`campaign watch ${campaignId}`)}`,
  },
  pause: {
    description: 'offer it to nobody more for now; what has begun goes on, what was accepted waits',
    next: ({ campaignId }, again) => `${again(`campaign resume ${campaignId}`)} goes on.`,
  },
  resume: { description: 'go on after a pause or an emergency stop; the rate begins anew' },
  close: {
    description: 'end it: nobody more is offered it, but what was offered may still be accepted, and who asks gets it',
  },
};

/** What the API does in one word. */
export function addCampaignSteps(campaigns: Command): void {
  for (const [verb, { description, next }] of Object.entries(steps)) {
    campaigns
      .command(verb)
      .addArgument(campaignIdArgument())
      .description(description)
      .action(async (campaignId: string, _: object, command: Command) => {
        const { terminal, api, again, nameOf } = contextOf(command);
        const done = await api().post(`/v1/campaigns/${campaignId}/${verb}`, undefined, campaign);
        terminal.result(done, told(done, nameOf));
        if (next !== undefined) terminal.note(next(done, again));
      });
  }
}
