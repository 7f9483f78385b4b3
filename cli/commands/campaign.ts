import type { Command } from 'commander';
import type { Api } from '../api.ts';
import { type Campaign, campaign, campaignPage, statistics, told } from '../campaign-view.ts';
import { moment } from '../moment.ts';
import { course, lasting, reach } from '../prospect.ts';
import { enlistedOf } from '../watch/pace.ts';
import { tables } from '../watch/picture.ts';
import { campaignIdArgument } from './arguments.ts';
import { addAbort } from './campaign-abort.ts';
import { addPlanning } from './campaign-planning.ts';
import { addSimulating } from './campaign-simulating.ts';
import { addCampaignSteps } from './campaign-steps.ts';
import { addWatching } from './campaign-watching.ts';
import { contextOf } from './context.ts';
import { addEvidence } from './evidence.ts';
import { positive } from './numbers.ts';

/** `fleetloom campaign …`: each larger subcommand has a file of its own. */
export function addCampaign(program: Command): void {
  const campaigns = program
    .command('campaign')
    .description('Campaigns: a release on its way to vehicles, planned, approved, started, watched');
  campaigns
    .command('list')
    .option('--limit <n>', 'the newest so many', positive, 25)
    .description('the campaigns, the newest first')
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { terminal, api, nameOf } = contextOf(command);
      const items = await newest(api(), limit);
      terminal.result({ items }, items.length === 0 ? ['There is none.'] : items.flatMap((it) => told(it, nameOf)));
    });
  campaigns
    .command('show')
    .addArgument(campaignIdArgument())
    .description('everything that is known of it')
    .action(show);
  addPlanning(campaigns);
  addCampaignSteps(campaigns);
  addAbort(campaigns);
  addWatching(campaigns);
  addEvidence(campaigns);
  addSimulating(campaigns);
}

async function show(campaignId: string, _: object, command: Command): Promise<void> {
  const { terminal, api, nameOf } = contextOf(command);
  const client = api();
  const [found, progress] = await Promise.all([
    client.get(`/v1/campaigns/${campaignId}`, campaign),
    client.get(`/v1/campaigns/${campaignId}/statistics`, statistics),
  ]);
  const { author, approvals, createdAt, estimate } = found;
  const people = approvals.map(({ by, at }) => `  approved by ${nameOf(by)}, ${moment(at)}`);
  const enlisted = enlistedOf(progress.total);
  const ahead = enlisted > 0 || estimate === undefined ? [] : ['', ...reach(estimate)];
  terminal.result({ ...found, statistics: progress }, [
    ...told(found, nameOf),
    `  drafted by ${nameOf(author)}, ${moment(createdAt)}`,
    ...people,
    ...ahead,
    ...['', 'Its plan:', ...course(found, enlisted || (estimate?.vehicles ?? 0))],
    ...(estimate === undefined || enlisted > 0 ? [] : ['', ...lasting(found, estimate.vehicles, Date.now())]),
    ...(enlisted > 0 ? ['', ...tables(progress)] : []),
  ]);
}

async function newest(api: Api, limit: number): Promise<readonly Campaign[]> {
  const items: Campaign[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined && items.length < limit; ) {
    const query = new URLSearchParams({ limit: String(Math.min(100, limit - items.length)) });
    if (cursor !== '') query.set('cursor', cursor);
    const read: { items: Campaign[]; nextCursor?: string | undefined } = await api.get(
      `/v1/campaigns?${query}`,
      campaignPage,
    );
    items.push(...read.items);
    cursor = read.nextCursor;
  }
  return items;
}
