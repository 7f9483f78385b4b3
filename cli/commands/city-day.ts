import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { type TaskKind, taskKinds, taskStatuses } from '#shared/sharing/field/task.ts';
import { isSystemId } from '#shared/sharing/sharing-id.ts';
import type { Api } from '../api.ts';
import { figureLines, figureRow, relocation, relocationLines, seenAt, task, taskLines } from '../field-view.ts';
import { wrongUse } from '../outcome.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';

interface TaskOptions {
  readonly status: (typeof taskStatuses)[number];
  readonly kind?: TaskKind;
  readonly near?: string;
  readonly watch?: true;
  readonly every: number;
}

interface FigureOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by: 'hour' | 'day';
  readonly zone?: string;
}

/** The operator's day: what is to be done, what to bring where, what came of it. */
export function addDay(city: Command): void {
  city
    .command('tasks')
    .argument('<system>', 'the id of the city’s system')
    .addOption(new Option('--status <status>', 'how it stands with them').choices(taskStatuses).default('open'))
    .addOption(new Option('--kind <kind>', 'of this kind alone').choices(taskKinds))
    .option('--near <lat,lon>', 'what is near comes first, among what is as urgent: 52.5004,13.4211', placeText)
    .option('--watch', 'again and again, until Ctrl-C: where something has changed')
    .option('--every <seconds>', 'how often, with --watch', positive, 10)
    .description('what there is to do at its vehicles')
    .action(tasks);
  city
    .command('relocations')
    .argument('<system>', 'the id of the city’s system')
    .option('--idle <minutes>', 'vehicles that nobody has wanted for so long', minutes, 120)
    .option('--begin', 'have all of them done: a task each')
    .description('which vehicles to bring to where people look for one and find none')
    .action(relocations);
  city
    .command('figures')
    .argument('<system>', 'the id of the city’s system')
    .option('--from <time>', 'ISO 8601; a day before --to', time)
    .option('--to <time>', 'ISO 8601; now', time)
    .addOption(new Option('--by <unit>', 'of the city’s clocks').choices(['hour', 'day']).default('hour'))
    .option('--zone <zoneId>', 'of this zone alone')
    .description('how it is used and what it earns, by zone')
    .action(figures);
}

async function tasks(systemId: string, { watch, every, ...asked }: TaskOptions, command: Command): Promise<void> {
  const { terminal, api } = contextOf(command);
  const client = api();
  const path = pathTo(systemId, 'tasks', { ...asked });
  let before = '';
  for (;;) {
    const items = await all(client, path, task);
    const now = JSON.stringify(items);
    if (now !== before) {
      const lines = taskLines(items, Date.now());
      terminal.result({ systemId, items }, watch === true ? [...lines, seenAt(Date.now()), ''] : lines);
    }
    before = now;
    if (watch !== true) return;
    await pause(every * 1000);
  }
}

async function relocations(
  systemId: string,
  { idle, begin }: { readonly idle: number; readonly begin?: true },
  command: Command,
): Promise<void> {
  const { terminal, api, again } = contextOf(command);
  const client = api();
  const items = await all(client, pathTo(systemId, 'relocations', { idleMinutes: String(idle) }), relocation);
  if (begin !== true) {
    terminal.result({ systemId, items }, relocationLines(items));
    if (items.length > 0) terminal.note(again(`city relocations ${systemId} --begin`));
    return;
  }
  const begun: z.infer<typeof task>[] = [];
  for (const { vehicleId, to } of items) {
    begun.push(await client.post(pathTo(systemId, 'relocations'), { vehicleId, cell: to.cell }, task));
  }
  terminal.result({ systemId, tasks: begun }, taskLines(begun, Date.now()));
}

async function figures(systemId: string, { from, to, by, zone }: FigureOptions, command: Command): Promise<void> {
  const { terminal, api } = contextOf(command);
  const items = await all(api(), pathTo(systemId, 'figures', { from, to, by, zone }), figureRow, 1000);
  terminal.result({ systemId, items }, figureLines(items));
}

function pathTo(systemId: string, what: string, asked: Readonly<Record<string, string | undefined>> = {}): string {
  if (!isSystemId(systemId)) throw wrongUse(`"${systemId}" is no id of a system, such as we-share-berlin.`);
  const query = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return `/v1/sharing/systems/${systemId}/${what}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

async function all<T>(api: Api, path: string, item: z.ZodType<T>, limit = 100): Promise<readonly T[]> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().optional() });
  const items: T[] = [];
  for (let more: string | undefined = ''; more !== undefined; ) {
    const read: z.infer<typeof page> = await api.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`,
      page,
    );
    items.push(...read.items);
    more = read.nextCursor === undefined ? undefined : `&cursor=${read.nextCursor}`;
  }
  return items;
}

function placeText(text: string): string {
  if (/^-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError('It is latitude and longitude in degrees, such as 52.5004,13.4211.');
}

function time(text: string): string {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new InvalidArgumentError('It is a time such as 2026-11-22T08:00:00+01:00.');
}

function minutes(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number of minutes.');
}
