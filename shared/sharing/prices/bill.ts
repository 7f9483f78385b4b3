import type { Instant } from '../../kernel/clock.ts';
import type { Market } from '../../registry/market.ts';
import { dayIn } from '../setup/local-day.ts';
import type { PricePackage, PricingPlan } from './plan.ts';
import { vatRate, vatWithin } from './vat.ts';

/** What a use was, as the vehicle signed it. Times in ms, in any order. */
export interface Use {
  readonly heldAt: Instant;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** May overlap and reach beyond the trip: what lies within it counts, once. */
  readonly pauses: readonly Span[];
  /** Driven. */
  readonly metres: number;
  /** Percent when it was plugged in, where it was left charging. */
  readonly pluggedInAt?: number;
}

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export interface BillTerms {
  readonly plan: PricingPlan;
  readonly packageId?: string;
  readonly market: Market;
  /** IANA. It says on which day the use ended, and thereby the rate of tax. */
  readonly timeZone: string;
}

export const billItems = [
  'unlock',
  'package',
  'holding',
  'driving',
  'pausing',
  'day-cap',
  'kilometres',
  'charge-reward',
  /** All of what a partner takes for the use of their vehicle. */
  'partner',
] as const;
export type BillItem = (typeof billItems)[number];

/** `amount` is `quantity` times `price`; those of `day-cap` and `charge-reward` are taken off, and negative. */
export interface BillLine {
  readonly item: BillItem;
  /** Minutes, kilometres, or 1. */
  readonly quantity: number;
  readonly price: number;
  readonly amount: number;
}

/** Minor units, tax included. Nothing in it is rounded but the counting up of minutes and kilometres, and the tax. */
export interface Bill {
  readonly lines: readonly BillLine[];
  /** The sum of the lines; never negative. */
  readonly total: number;
  readonly currency: string;
  /** Absent where the market's tax is not known here. */
  readonly vat?: Vat;
  /** Who rented it out, where that is not the operator. */
  readonly issuer?: BillIssuer;
}

export interface BillIssuer {
  readonly name: string;
  readonly taxId?: string;
}

export interface Vat {
  readonly market: Market;
  /** Hundredths of a percent. */
  readonly rate: number;
  /** The tax within the total; see `vatWithin` for its rounding. */
  readonly amount: number;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * What a use costs. Minutes of driving, of pausing and of holding are each counted over the whole trip and then up to the
 * next full one; a minute belongs to the 24 hours in which it begins, and to the package as long as that lasts.
 */
export function billOf(use: Use, terms: BillTerms): Bill {
  const { plan } = terms;
  const bundle = plan.packages.find(({ packageId }) => packageId === terms.packageId);
  const lines = [
    line('unlock', 1, plan.unlockFee),
    ...(bundle === undefined ? [] : [line('package', 1, bundle.price)]),
    line('holding', heldMinutes(use, plan), plan.hold.perMinute),
    ...minuteLines(use, plan, bundle),
    line('kilometres', paidKilometres(use, plan, bundle), plan.perKilometre),
  ].filter(({ item, amount }) => amount !== 0 || item === 'package');
  const charged = sum(lines);
  const reward = Math.min(rewardOf(use, plan), charged);
  const total = charged - reward;
  const vat = vatOf(total, use, terms);
  return {
    lines: reward === 0 ? lines : [...lines, line('charge-reward', 1, -reward)],
    ...{ total, currency: plan.currency },
    ...(vat !== undefined && { vat }),
  };
}

/** Set aside before a key is issued: the fees, the package, and two hours of driving or a day at its cap. */
export function depositOf(plan: PricingPlan, packageId?: string): number {
  const bundle = plan.packages.find((one) => one.packageId === packageId);
  const twoHours = 120 * plan.perMinute;
  return plan.unlockFee + (bundle?.price ?? 0) + Math.min(twoHours, plan.dayCap ?? twoHours);
}

function line(item: BillItem, quantity: number, price: number): BillLine {
  return { item, quantity, price, amount: quantity * price };
}

function sum(lines: readonly BillLine[]): number {
  return lines.reduce((total, { amount }) => total + amount, 0);
}

function heldMinutes({ heldAt, startedAt }: Use, { hold }: PricingPlan): number {
  return Math.max(0, begun(startedAt - heldAt, minute) - hold.freeMinutes);
}

function minuteLines(use: Use, plan: PricingPlan, bundle: PricePackage | undefined): BillLine[] {
  const from = use.startedAt + (bundle?.minutes ?? 0) * minute;
  const to = Math.max(use.startedAt, use.endedAt);
  if (from >= to) return [];
  const pauses = united(use.pauses);
  const paused = (until: Instant) => overlap(pauses, from, until);
  const driving = (until: Instant) => Math.max(0, until - from) - paused(until);
  let above = 0;
  for (let start = use.startedAt; plan.dayCap !== undefined && start < to; start += day) {
    const end = Math.min(start + day, to);
    const cost =
      (begun(driving(end), minute) - begun(driving(start), minute)) * plan.perMinute +
      (begun(paused(end), minute) - begun(paused(start), minute)) * plan.pausePerMinute;
    above += Math.max(0, cost - plan.dayCap);
  }
  return [
    line('driving', begun(driving(to), minute), plan.perMinute),
    line('pausing', begun(paused(to), minute), plan.pausePerMinute),
    ...(above === 0 ? [] : [line('day-cap', 1, -above)]),
  ];
}

function paidKilometres({ metres }: Use, plan: PricingPlan, bundle: PricePackage | undefined): number {
  return Math.max(0, begun(metres, 1_000) - plan.includedKilometres - (bundle?.kilometres ?? 0));
}

function rewardOf({ pluggedInAt }: Use, { chargeReward }: PricingPlan): number {
  if (pluggedInAt === undefined || chargeReward === undefined) return 0;
  return pluggedInAt < chargeReward.belowPercent ? chargeReward.amount : 0;
}

function vatOf(total: number, { endedAt }: Use, { market, timeZone }: BillTerms): Vat | undefined {
  const rate = vatRate(market, dayIn(timeZone, endedAt));
  return rate === undefined ? undefined : { market, rate, amount: vatWithin(total, rate) };
}

/** Each one that has begun counts. */
function begun(amount: number, unit: number): number {
  return Math.ceil(Math.max(0, amount) / unit);
}

function united(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || last.to < span.from) result.push(span);
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return result;
}

function overlap(spans: readonly Span[], from: Instant, to: Instant): number {
  return spans.reduce((total, span) => total + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
}
