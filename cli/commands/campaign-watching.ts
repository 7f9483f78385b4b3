import type { Command } from 'commander';
import type { Api } from '../api.ts';
import { type Campaign, campaign, type Statistics, statistics, told } from '../campaign-view.ts';
import { CommandFailure, exitCodes } from '../outcome.ts';
import { type Pace, perMinuteOf, withSample } from '../watch/pace.ts';
import { picture, type Sight } from '../watch/picture.ts';
import { Screen } from '../watch/screen.ts';
import { campaignIdArgument } from './arguments.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';

/** ms for which a platform that does not answer is asked again. */
const patience = 5 * 60_000;

interface Options {
  readonly every: number;
  readonly once?: true;
}

export function addWatching(campaigns: Command): void {
  campaigns
    .command('watch')
    .addArgument(campaignIdArgument())
    .option('--every <seconds>', 'how often it is looked at', positive, 2)
    .option('--once', 'one look')
    .description('watch it until it has closed: a live table, or in a pipe and with --json a line of JSON a change')
    .action(watch);
}

async function watch(campaignId: string, { every, once }: Options, command: Command): Promise<void> {
  const { terminal, api, nameOf } = contextOf(command);
  const client = api();
  const isLive = process.stdout.isTTY && !terminal.json;
  const viewer = isLive ? new Live(nameOf) : new Lines();
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const last = await followed(client, campaignId, viewer, once === true ? 0 : every * 1000, ending.signal);
    if (last?.status === 'cancelled') process.exitCode = exitCodes.unwanted;
    if (last !== undefined && isLive) for (const line of told(last, nameOf)) process.stdout.write(`${line}\n`);
  } finally {
    viewer.close();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

interface Viewer {
  show(sight: Sight): void;
  /** Nothing newer is known, because of this. */
  trouble(sight: Sight, why: string): void;
  close(): void;
}

/** @returns the campaign at its end; undefined where somebody ended it before */
async function followed(
  api: Api,
  campaignId: string,
  viewer: Viewer,
  pause: number,
  signal: AbortSignal,
): Promise<Campaign | undefined> {
  let pace: Pace = [];
  let sight: Sight | undefined;
  let answeredAt = Date.now();
  while (!signal.aborted) {
    try {
      const seen = await looked(api, campaignId);
      const now = Date.now();
      pace = withSample(pace, seen.statistics, now);
      answeredAt = now;
      sight = { ...seen, now, perMinute: perMinuteOf(pace) };
      viewer.show(sight);
      const { status } = seen.campaign;
      if (pause === 0 || status === 'closed' || status === 'cancelled') return seen.campaign;
    } catch (error) {
      const isPassing = error instanceof CommandFailure && error.exitCode === exitCodes.fault;
      if (sight === undefined || !isPassing || Date.now() - answeredAt > patience) throw error;
      viewer.trouble(sight, error.message);
    }
    await paused(pause, signal);
  }
  return undefined;
}

async function looked(api: Api, id: string): Promise<{ readonly campaign: Campaign; readonly statistics: Statistics }> {
  const [its, counts] = await Promise.all([
    api.get(`/v1/campaigns/${id}`, campaign),
    api.get(`/v1/campaigns/${id}/statistics`, statistics),
  ]);
  return { campaign: its, statistics: counts };
}

function paused(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** On a terminal. */
class Live implements Viewer {
  readonly #screen = new Screen(process.stdout);
  readonly #nameOf: (by: string) => string;

  constructor(nameOf: (by: string) => string) {
    this.#nameOf = nameOf;
  }

  show(sight: Sight): void {
    this.#screen.draw(picture(sight, this.#screen.rows, this.#nameOf));
  }

  trouble(sight: Sight, why: string): void {
    this.show({ ...sight, trouble: `${why} It is asked again.` });
  }

  close(): void {
    this.#screen.close();
  }
}

/** For programs: a line where something has changed. */
class Lines implements Viewer {
  #before = '';

  show({ campaign: { name, status, since, by, reason }, statistics: its, perMinute, now }: Sight): void {
    const { forecast, ...counts } = its;
    const change = JSON.stringify({ status, since, by, reason, counts });
    if (change === this.#before) return;
    this.#before = change;
    const line = { at: new Date(now).toISOString(), name, ...its, status, since, by, reason, perMinute, forecast };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  trouble(_: Sight, why: string): void {
    process.stderr.write(`${why} It is asked again.\n`);
  }

  close(): void {}
}
