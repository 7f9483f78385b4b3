import type { Command } from 'commander';
import type { Api } from '../api.ts';
import { type Campaign, campaign, campaignPage, statistics, told } from '../campaign-view.ts';
import { addCampaignSteps } from './campaign-steps.ts';
import { contextOf } from './context.ts';
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
      const { terminal, api } = contextOf(command);
      const items = await newest(api(), limit);
      terminal.result({ items }, items.length === 0 ? ['There is none.'] : items.flatMap(told));
    });
  campaigns
    .command('show')
    .argument('<campaignId>')
    .description('everything that is known of it')
    .action(async (campaignId: string, _: object, command: Command) => {
      const { terminal, api } = contextOf(command);
      const client = api();
      const [found, progress] = await Promise.all([
        client.get(`/v1/campaigns/${campaignId}`, campaign),
        client.get(`/v1/campaigns/${campaignId}/statistics`, statistics),
      ]);
      terminal.result({ ...found, statistics: progress }, told(found));
    });
  addCampaignSteps(campaigns);
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
