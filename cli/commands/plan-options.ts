import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PlanFlags } from '../campaign-plan.ts';

/** One of a list, or several by commas, as often as somebody likes. */
function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.some((word) => word === '')) throw new InvalidArgumentError('It is a list with commas between.');
  return [...(before ?? []), ...words];
}

function numberFrom(text: string, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`${what} is no number.`);
  return value;
}

/** `90`, `90m`, `24h`, `2d`. @returns minutes */
export function minutes(text: string): number {
  const [, figure = '', unit = 'm'] = /^(\d+(?:\.\d+)?)(m|h|d)?$/.exec(text) ?? [];
  if (figure === '') throw new InvalidArgumentError(`"${text}" is no duration: 90m, 24h or 2d.`);
  return Math.round(Number(figure) * { m: 1, h: 60, d: 1440 }[unit === 'h' || unit === 'd' ? unit : 'm']);
}

function rate(text: string): PlanFlags['rate'] {
  if (text === 'unlimited') return { kind: 'unlimited' };
  return { kind: 'fixed', perMinute: numberFrom(text, `"${text}"`) };
}

/** `10:2:1000:5000` = 10 a minute, doubled with each 1,000 offered, 5,000 at the most. */
function growth(text: string): PlanFlags['rate'] {
  const [base = '', factor = '', every = '', most = '', counts = 'installed', ...more] = text.split(':');
  if (most === '' || more.length > 0 || (counts !== 'offered' && counts !== 'installed')) {
    throw new InvalidArgumentError('It is BASE:FACTOR:EVERY:MOST, and perhaps :offered.');
  }
  const [basePerMinute, by, each, mostPerMinute] = [base, factor, every, most].map((part) => numberFrom(part, part));
  return { kind: 'exponential', basePerMinute, factor: by, every: each, mostPerMinute, counts };
}

/** `1:24h:95` = 1 % of the vehicles, then a day's wait, then at least 95 % success. */
function wave(text: string, before: PlanFlags['wave']): PlanFlags['wave'] {
  const [percent = '', hold = '', success, ...more] = text.split(':');
  if (hold === '' || more.length > 0) throw new InvalidArgumentError('It is PERCENT:HOLD, or PERCENT:HOLD:SUCCESS.');
  const one = {
    percent: numberFrom(percent.replace(/%$/, ''), 'PERCENT'),
    holdMinutes: minutes(hold),
    ...(success !== undefined && { leastSuccessPercent: numberFrom(success.replace(/%$/, ''), 'SUCCESS') }),
  };
  return [...(before ?? []), one];
}

/** `10:50` = 10 % of at least 50; `1:50:health,verification` of these errors alone; `never`. */
function abort(text: string, before: PlanFlags['abort']): PlanFlags['abort'] {
  if (text === 'never') return [];
  const [percent = '', sample = '', errors, ...more] = text.split(':');
  if (sample === '' || more.length > 0) {
    throw new InvalidArgumentError('It is PERCENT:SAMPLE, or PERCENT:SAMPLE:ERROR,ERROR, or never.');
  }
  const one = {
    percent: numberFrom(percent.replace(/%$/, ''), 'PERCENT'),
    minimumSample: numberFrom(sample, 'SAMPLE'),
    ...(errors !== undefined && { errors: errors.split(',') }),
  };
  return [...(before ?? []), one];
}

/** `network=5:30m` = five times, after half an hour, twice as long with each failure; `none`. */
function retry(text: string, before: PlanFlags['retry']): PlanFlags['retry'] {
  if (text === 'none') return {};
  const [, error, times, pause] = /^([\w-]+)=(\d+):(\w+)$/.exec(text) ?? [];
  if (error === undefined || pause === undefined) {
    throw new InvalidArgumentError('It is ERROR=TIMES:PAUSE, as network=5:30m, or none.');
  }
  return { ...before, [error]: { times: Number(times), afterMinutes: minutes(pause) } };
}

/** `FR=2026-12-01T08:00Z` opens later; `FR=never`. */
function country(text: string, before: PlanFlags['country']): PlanFlags['country'] {
  const [, market, from = ''] = /^([A-Z]{2})=(.+)$/.exec(text) ?? [];
  if (market === undefined) throw new InvalidArgumentError('It is COUNTRY=TIME, or COUNTRY=never.');
  return { ...before, [market]: from === 'never' ? null : instant(from) };
}

/** Anything that says when without a doubt. */
function instant(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at) || !/(Z|[+-]\d\d:?\d\d)$/.test(text)) {
    throw new InvalidArgumentError('It is a time with its zone, as 2026-11-23T08:00:00Z.');
  }
  return new Date(at).toISOString();
}

function ahead(text: string): string {
  const at = instant(text);
  if (Date.parse(at) <= Date.now()) throw new InvalidArgumentError('It is over already.');
  return at;
}

/** How a campaign goes on its way: of a plan, and of a simulation. */
export function withPace(command: Command): Command {
  return command
    .option('--rate <n>', 'offers a minute, or unlimited', rate)
    .addOption(
      new Option(
        '--growing-rate <base:factor:every:most>',
        'offers a minute, times FACTOR with each EVERY vehicles that have it installed (:offered: that were offered it)',
      )
        .argParser(growth)
        .conflicts('rate'),
    )
    .option(
      '--wave <percent:hold[:success]>',
      'first so many percent, then a wait (90m, 24h, 2d), again and again',
      wave,
    )
    .option('--abort <percent:sample[:errors]>', 'stops by itself where so many of so many fail; or never', abort)
    .option('--retry <error=times:pause>', 'tried again by itself; names replace the usual ones; none', retry);
}

export function withSchedule(command: Command): Command {
  return command
    .option('--start-at <time>', 'nothing is offered before', ahead)
    .option('--end-at <time>', 'then it closes', ahead);
}

/** Whom it is for. */
export function withQuery(command: Command): Command {
  return command
    .option('--model <list>', 'vehicles of these models', listed)
    .option('--market <list>', 'in these countries', listed)
    .option('--software <list>', 'with one of these versions installed', listed)
    .option('--hardware <list>', 'with one of these part numbers on board', listed)
    .option('--vehicle <list>', 'these and no others, by id or VIN: a trial', listed)
    .option('--country <country=time>', 'opens there later, or never', country);
}
