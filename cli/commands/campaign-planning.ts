import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { type PlanFlags, planOf, readPlanFile } from '../campaign-plan.ts';
import { type Campaign, campaign, told } from '../campaign-view.ts';
import { CommandFailure, exitCodes, type Terminal, wrongUse } from '../outcome.ts';
import { course, lasting, reach } from '../prospect.ts';
import { vehicleIdOf } from '../vehicle-name.ts';
import { campaignIdArgument } from './arguments.ts';
import { type Context, contextOf } from './context.ts';
import { positive } from './numbers.ts';
import { minutes, withPace, withQuery, withSchedule } from './plan-options.ts';

/** ms between two looks whether the fleet is counted, and how long somebody waits for it. */
const look = 1000;
const patience = 15 * 60_000;

type Options = PlanFlags & { readonly dryRun?: true };

export function addPlanning(campaigns: Command): void {
  const plan = campaigns
    .command('plan')
    .argument('[file]', 'a plan as docs/cli.md describes it; flags replace what stands in it')
    .option('--release <releaseId>', 'what it brings; vehicles are those of its brand')
    .option('--name <text>', 'what people call it')
    .description('draft a campaign, count whom it would reach, and say what will happen');
  withSchedule(withPace(withQuery(plan)))
    .option('--priority <n>', 'the higher comes first, from 1 to 1000 (default: 100)', positive)
    .option('--recall', 'cannot be muted')
    .addOption(new Option('--consent-by <whom>', 'who is asked').choices(['owner', 'operator']))
    .option('--install-time <duration>', 'an installation that is silent so long has failed (default: 4h)', minutes)
    .option('--dry-run', 'only say what would be sent')
    .action(draft);
  campaigns
    .command('estimate')
    .addArgument(campaignIdArgument())
    .description('count again whom it would reach, before it is started')
    .action(async (campaignId: string, _: object, command: Command) => {
      const context = contextOf(command);
      const client = context.api();
      const before = await client.get(`/v1/campaigns/${campaignId}`, campaign);
      conclude(context, await estimated(client, before, context.terminal));
    });
}

async function draft(file: string | undefined, { dryRun, ...flags }: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  const { terminal } = context;
  const plan = planOf(file === undefined ? {} : readPlanFile(file), flags);
  for (const [member, flag] of [['releaseId', '--release'] as const, ['name', '--name'] as const]) {
    if (plan[member] === undefined) throw wrongUse(`A plan wants a ${member}: ${flag}, or in the file.`);
  }
  if (dryRun === true) {
    terminal.result(plan, [JSON.stringify(plan, undefined, 2)]);
    return;
  }
  const client = context.api();
  const drafted = await client.post('/v1/campaigns', await withVehicleIds(client, plan), campaign);
  terminal.note(`${drafted.campaignId} is drafted; the fleet is being counted …`);
  conclude(context, await estimated(client, drafted, terminal));
}

const trial = z.looseObject({ query: z.looseObject({ vehicleIds: z.array(z.string()).optional() }) });

/** Whoever plans a trial may name its vehicles by what stands on them. */
async function withVehicleIds(api: Api, plan: object): Promise<object> {
  const { query, ...rest } = trial.parse(plan);
  if (query.vehicleIds === undefined) return plan;
  const vehicleIds = [];
  for (const name of query.vehicleIds) vehicleIds.push(await vehicleIdOf(api, name));
  return { ...rest, query: { ...query, vehicleIds } };
}

async function estimated(api: Api, { campaignId, estimate: before }: Campaign, { note }: Terminal): Promise<Campaign> {
  const { collidesWith } = await api.post(`/v1/campaigns/${campaignId}/estimate`, undefined, campaign);
  for (const giveUp = Date.now() + patience; Date.now() < giveUp; ) {
    const seen = await api.get(`/v1/campaigns/${campaignId}`, campaign);
    if (seen.estimate !== undefined && seen.estimate.at !== before?.at)
      return { ...seen, ...(collidesWith !== undefined && { collidesWith }) };
    await new Promise((resume) => setTimeout(resume, look));
  }
  note('It goes on being counted without anybody waiting.');
  const hint = `fleetloom campaign estimate ${campaignId} asks again.`;
  throw new CommandFailure(exitCodes.fault, `The fleet is still being counted. ${hint}`, { campaignId });
}

function conclude({ terminal, again }: Context, it: Campaign): void {
  const { campaignId, estimate } = it;
  if (estimate === undefined) return;
  const lines = [...told(it), '', ...reach(estimate), ...collision(it)];
  if (estimate.vehicles === 0) {
    terminal.result(it, [...lines, 'So it cannot be started. Plan another one, with another query.']);
    process.exitCode = exitCodes.unwanted;
    return;
  }
  terminal.result(it, [
    ...lines,
    '',
    'Started, it',
    ...course(it, estimate.vehicles),
    '',
    ...lasting(it, estimate.vehicles, Date.now()),
    '',
    'Two who have not drafted it approve it; then it is started, and watched:',
    `  ${again(`campaign approve ${campaignId}`, 'quality')}`,
    `  ${again(`campaign approve ${campaignId}`, 'safety')}`,
    `  ${again(`campaign start ${campaignId}`)}`,
    `  ${again(`campaign watch ${campaignId}`)}`,
  ]);
}

/** Known before anybody approves it; by the start the other one may have ended. */
function collision({ collidesWith }: Campaign): readonly string[] {
  if (collidesWith === undefined) return [];
  return [
    `It collides with ${collidesWith}, which wants the same control units: as long as that one is not over, the start is`,
    'refused. Close or cancel that one, or plan this one with a higher --priority.',
  ];
}
