import { forecast } from '#shared/ota/campaigns/forecast.ts';
import type { Campaign, Estimate } from './campaign-view.ts';
import { count, duration, moment, vehicles } from './moment.ts';

const minute = 60_000;
/** Nobody knows before; the platform reckons with the same until drivers have decided. */
const assumedShare = 0.5;

/** Whom it would reach, by a count of the fleet. */
export function reach({ vehicles: reached, looked, byMarket, byModel, others }: Estimate): readonly string[] {
  return [
    `It would reach ${vehicles(reached)}; ${count(looked)} were looked at.`,
    ...(reached === 0 ? [] : [`  by country   ${listed(byMarket)}`, `  by model     ${listed(byModel)}`]),
    ...(Object.keys(others).length === 0 ? [] : [`  not for      ${listed(named(others))}`]),
  ];
}

/** The course that it takes, step by step. */
export function course(it: Campaign, enlisted: number): readonly string[] {
  const lines = [`offers ${it.softwareVersion} to ${vehicles(enlisted)}, ${paceOf(it)}`];
  for (const { percent, holdMinutes, leastSuccessPercent } of it.rollout.waves) {
    const share = Math.ceil((enlisted * percent) / 100);
    const success = leastSuccessPercent === undefined ? '' : ` and ${leastSuccessPercent} % success`;
    lines.push(`pauses at ${percent} % (${vehicles(share)}) for ${duration(holdMinutes * minute)}${success}`);
  }
  lines.push(...openings(it), consent(it), ...stops(it), tries(it));
  return lines.map((line, place) => `  ${place + 1}. ${line}`);
}

function paceOf({ rollout: { rate } }: Campaign): string {
  switch (rate.kind) {
    case 'unlimited':
      return 'as fast as the platform can';
    case 'fixed':
      return `${count(rate.perMinute)} a minute`;
    case 'exponential':
      return `${count(rate.basePerMinute)} a minute, times ${rate.factor} with each ${count(rate.every)} ${rate.counts}, ${count(rate.mostPerMinute)} at the most`;
  }
}

function openings({ countries = {} }: Campaign): readonly string[] {
  const entries = Object.entries(countries);
  if (entries.length === 0) return [];
  return [`waits in ${entries.map(([market, at]) => `${market} ${at === null ? 'for ever' : `until ${moment(at)}`}`)}`];
}

function consent({ consentBy, recall }: Campaign): string {
  if (consentBy === 'operator') return 'asks no driver: the operator consents, vehicle by vehicle';
  const muting = recall ? 'nobody can mute it: it is a recall' : 'or mutes it';
  return `asks each driver, in the car and in the app; who declines is reminded after two days, ${muting}`;
}

function stops({ abort }: Campaign): readonly string[] {
  if (abort.length === 0) return ['never stops by itself, however many fail'];
  return abort.map(({ percent, minimumSample, errors }) => {
    const what = errors === undefined ? 'failed' : `failed by ${errors.join(', ')}`;
    return `stops by itself when ${percent} % of at least ${vehicles(minimumSample)} ${what}`;
  });
}

function tries({ retries }: Campaign): string {
  const entries = Object.entries(retries)
    .filter(([, { times }]) => times > 0)
    .sort(([one], [other]) => one.localeCompare(other, 'en'));
  if (entries.length === 0) return 'tries no failure again by itself';
  const each = entries.map(
    ([error, { times, afterMinutes }]) => `${error} ${times}x from ${duration(afterMinutes * minute)} on`,
  );
  return `tries again by itself: ${each.join(', ')}`;
}

/** How long that is at the least. @param now ms */
export function lasting({ rollout }: Campaign, enlisted: number, now: number): readonly string[] {
  const { rate, waves, startAt, endAt } = rollout;
  const plan = {
    ...{ rate, waves: waves.map(({ percent, holdMinutes }) => ({ percent, holdMinutes })) },
    ...(startAt !== undefined && { startAt: Date.parse(startAt) }),
  };
  const standing = { enlisted, offered: 0, installed: 0, failed: 0, pace: { credit: 0, at: now } };
  const { offeredBy, installedBy } = forecast(plan, standing, assumedShare, now);
  const begins = startAt === undefined ? '' : `It begins at ${moment(startAt)}. `;
  const ends = endAt === undefined ? [] : [`It closes at ${moment(endAt)}, come how far it may.`];
  if (offeredBy === undefined || installedBy === undefined) {
    return [
      `${begins}When everybody will have been offered it cannot be told: it depends on who installs it.`,
      ...ends,
    ];
  }
  return [
    `${begins}Started now, everybody would have been offered it ${after(offeredBy - now)}, if each wave succeeds; if half of`,
    `them accept at once, the quotas let them through ${after(installedBy - now)} at the earliest. How long drivers wait nobody`,
    'knows: `fleetloom campaign simulate` plays it with assumptions of yours.',
    ...ends,
  ];
}

function after(ms: number): string {
  return ms < minute ? 'within a minute' : `after ${duration(ms)}`;
}

const reasons: Readonly<Record<string, string>> = {
  'not-active': 'not active',
  'not-asked-for': 'outside its query',
  'unknown-hardware': 'of unknown hardware',
  'no-image-fits': 'without an image that fits',
  'not-needed': 'have it already',
  'requires-another': 'want another update first',
};

function named(others: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(others).map(([reason, how]) => [reasons[reason] ?? reason, how]));
}

/** The largest first. */
function listed(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const shown = sorted.slice(0, 12).map(([name, how]) => `${name} ${count(how)}`);
  return [...shown, ...(sorted.length > 12 ? [`and ${sorted.length - 12} more`] : [])].join(', ');
}
