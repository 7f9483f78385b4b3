import type { Campaign, Statistics } from '../campaign-view.ts';
import { count, duration, moment } from '../moment.ts';
import { bar } from '../progress.ts';
import { acceptedOf, enlistedOf, offeredOf, type PerMinute } from './pace.ts';

/** What is known at a moment. */
export interface Sight {
  readonly campaign: Campaign;
  readonly statistics: Statistics;
  /** Of the last minute. */
  readonly perMinute?: PerMinute | undefined;
  /** ms */
  readonly now: number;
  /** Why nothing newer is known. */
  readonly trouble?: string | undefined;
}

/** ms; what the quotas take less for is no news. */
const worthSaying = 2 * 60_000;

type Counts = Readonly<Record<string, number>>;

/** @param rows that a terminal has; countries and models that find no room are added up. */
export function picture(sight: Sight, rows: number, nameOf = (by: string) => by): readonly string[] {
  const { campaign, statistics } = sight;
  const room = Math.max(3, Math.floor((rows - 20) / 2));
  return [
    ...head(sight, nameOf),
    '',
    ...bars(sight),
    '',
    ...tables(statistics, room),
    '',
    ...future(campaign, statistics, sight.now),
    ...foot(sight),
  ];
}

/** Everything that is counted. @param room rows of a table at the most */
export function tables({ total, byMarket, byModel, byError }: Statistics, room = 20): readonly string[] {
  return [
    `  ${listed(total, 'nobody is enlisted yet')}`,
    '',
    ...table('country', byMarket, room),
    '',
    ...table('model', byModel, room),
    ...(Object.keys(byError).length === 0 ? [] : ['', `  errors     ${listed(byError, 'none')}`]),
  ];
}

function head({ campaign, now }: Sight, nameOf: (by: string) => string): readonly string[] {
  const { name, campaignId, brand, softwareVersion, status, since, by, reason } = campaign;
  const how = since === undefined ? '' : ` since ${moment(since)} (${duration(Math.max(0, now - Date.parse(since)))})`;
  const why = by === undefined ? '' : `, by ${nameOf(by)}${reason === undefined ? '' : `: ${reason}`}`;
  const waits = status === 'draft' || status === 'approved' ? ': it has not been started' : '';
  return [`${name}  ${campaignId}  ${brand} ${softwareVersion}`, `${status.toUpperCase()}${how}${why}${waits}`];
}

function bars({ statistics: { total }, campaign, perMinute }: Sight): readonly string[] {
  const all = enlistedOf(total);
  const [installed, retrying] = [total['installed'] ?? 0, total['retrying'] ?? 0];
  // As the platform counts when it decides whether to stop: what is tried again has failed until it succeeds.
  const failed = (total['failed'] ?? 0) + retrying;
  const through = installed + failed;
  const pace = (rate: number | undefined) => (rate === undefined || rate === 0 ? '' : `, ${count(rate)} a minute`);
  const line = (name: string, part: number, more = '') =>
    `  ${name.padEnd(10)} ${bar(part, Math.max(1, all))}  ${count(part)} of ${count(all)}${more}`;
  const [limit] = campaign.abort;
  const threshold =
    limit === undefined
      ? 'never stops by itself'
      : `stops at ${limit.percent} % of at least ${count(limit.minimumSample)}`;
  const again = retrying === 0 ? '' : `, ${count(retrying)} tried again`;
  return [
    line('offered', offeredOf(total), pace(perMinute?.offered)),
    line('accepted', acceptedOf(total)),
    line('installed', installed, pace(perMinute?.installed)),
    `  ${'failed'.padEnd(10)} ${count(failed)} of ${count(through)} that are through${again} (${threshold})`,
  ];
}

/** Vehicles; uptake is installed of enlisted. The largest first. As wide as a terminal of 80 columns shows whole. */
function table(title: string, groups: Readonly<Record<string, Counts>>, room: number): readonly string[] {
  const sorted = Object.entries(groups).sort(
    ([name, one], [other, its]) => enlistedOf(its) - enlistedOf(one) || name.localeCompare(other),
  );
  const [shown, rest] = sorted.length <= room ? [sorted, []] : [sorted.slice(0, room - 1), sorted.slice(room - 1)];
  const others = rest.length === 0 ? [] : [[`${rest.length} others`, added(rest.map(([, counts]) => counts))] as const];
  const head = `  ${title.padEnd(17)}${['vehicles', 'offered', 'accepted', 'installed', 'failed', 'uptake'].map(cell).join('')}`;
  return [head, ...[...shown, ...others].map(([name, counts]) => row(name, counts))];
}

function row(name: string, counts: Counts): string {
  const [all, installed] = [enlistedOf(counts), counts['installed'] ?? 0];
  const figures = [all, offeredOf(counts), acceptedOf(counts), installed, counts['failed'] ?? 0];
  const uptake = all === 0 ? '–' : `${((100 * installed) / all).toFixed(1)} %`;
  return `  ${name.slice(0, 16).padEnd(17)}${[...figures.map(count), uptake].map(cell).join('')}`;
}

function cell(text: string): string {
  return text.padStart(10);
}

function added(all: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, value] of Object.entries(counts)) total[name] = (total[name] ?? 0) + value;
  }
  return total;
}

function listed(counts: Counts, none: string): string {
  const words = Object.entries(counts).map(([name, value]) => `${name} ${count(value)}`);
  return words.length === 0 ? none : words.join(' · ');
}

function future({ rollout }: Campaign, { forecast, status, total }: Statistics, now: number): readonly string[] {
  const when = (at: string) => {
    const left = Date.parse(at) - now;
    return `${moment(at)}${left > 0 ? ` (in ${duration(left)})` : ''}`;
  };
  const { offeredBy, installedBy } = forecast ?? {};
  const closing = status === 'running' && rollout.endAt !== undefined ? [`Closes at ${when(rollout.endAt)}.`] : [];
  const isOffered = offeredOf(total) >= enlistedOf(total);
  const offered =
    offeredBy === undefined || isOffered ? [] : [`Everybody will have been offered it by ${when(offeredBy)}.`];
  const isAhead = installedBy !== undefined && Date.parse(installedBy) - now > worthSaying;
  const through = isAhead ? [`The quotas let who accepts through by ${when(installedBy)} at the earliest.`] : [];
  return [...offered, ...through, ...closing];
}

function foot({ now, trouble }: Sight): readonly string[] {
  const at = `Vehicles as of ${moment(now)}.`;
  return trouble === undefined ? [`${at} Ctrl-C ends watching; the campaign goes on.`] : [at, trouble];
}
