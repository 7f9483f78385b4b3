import { type Command, Option } from 'commander';
import { type Campaign, campaign, told } from '../campaign-view.ts';
import { wrongUse } from '../outcome.ts';
import { answerTo, isSomebodyThere } from '../question.ts';
import { campaignIdArgument } from './arguments.ts';
import { contextOf } from './context.ts';

type Way = 'stop' | 'cancel';

const ways: Readonly<Record<Way, { readonly flag: string; readonly means: string }>> = {
  stop: {
    flag: '--stop',
    means:
      'emergency stop: at once, no vehicle gets metadata or images any more, and none begins to install; what is being written is finished. Can be resumed.',
  },
  cancel: {
    flag: '--cancel',
    means:
      'cancel: every offer and every consent is taken back, vehicle by vehicle; what is being installed is finished. For good: it can never be resumed.',
  },
};

interface Options {
  readonly stop?: true;
  readonly cancel?: true;
  readonly yes?: true;
}

export function addAbort(campaigns: Command): void {
  campaigns
    .command('abort')
    .addArgument(campaignIdArgument())
    .option('--stop', ways.stop.means)
    .addOption(new Option('--cancel', ways.cancel.means).conflicts('stop'))
    .option('--yes', 'without being asked')
    .description('end it before its time, in one of two ways')
    .action(abort);
}

async function abort(campaignId: string, options: Options, command: Command): Promise<void> {
  const { terminal, api, again, nameOf } = contextOf(command);
  const client = api();
  const isAsked = isSomebodyThere() && !terminal.json;
  const seen = await client.get(`/v1/campaigns/${campaignId}`, campaign);
  const way = wayOf(options) ?? (isAsked ? await chosenWay(seen) : undefined);
  if (way === undefined) throw wrongUse(`Which way?\n${explained()}`);
  if (options.yes !== true) {
    if (!isAsked) throw wrongUse(`Nobody is there who could be asked whether to ${way} it. Say so with --yes.`);
    await confirmed(seen, way);
  }
  const done = await client.post(`/v1/campaigns/${campaignId}/${way}`, undefined, campaign);
  terminal.result(done, told(done, nameOf));
  if (way === 'stop') terminal.note(`${again(`campaign resume ${campaignId}`)} lets it go on.`);
}

function wayOf({ stop, cancel }: Options): Way | undefined {
  if (stop === true) return 'stop';
  return cancel === true ? 'cancel' : undefined;
}

async function chosenWay(seen: Campaign): Promise<Way | undefined> {
  const word = await answerTo(`${told(seen).join('\n')}\n${explained()}\nstop or cancel?`);
  return word === 'stop' || word === 'cancel' ? word : undefined;
}

async function confirmed(seen: Campaign, way: Way): Promise<void> {
  const word = await answerTo(`${told(seen).join('\n')}\n${ways[way].means}\nReally ${way} it? (yes or no)`);
  if (word !== 'yes' && word !== 'y') throw wrongUse('Nothing was done.');
}

function explained(): string {
  return Object.values(ways)
    .map(({ flag, means }) => `  ${flag.padEnd(9)} ${means}`)
    .join('\n');
}
