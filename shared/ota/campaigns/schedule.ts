import type { Instant } from '../../kernel/clock.ts';

/**
 * How many vehicles a campaign offers its update to now, and when it looks again. One pure decision: the run in the
 * cloud takes it, and a simulation of years takes the very same one.
 */

export type Rate =
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'fixed'; readonly perMinute: number }
  /** Multiplied by `factor` each time that `every` more vehicles were offered it, or have it installed. */
  | {
      readonly kind: 'exponential';
      readonly basePerMinute: number;
      readonly factor: number;
      readonly counts: 'offered' | 'installed';
      readonly every: number;
      readonly mostPerMinute: number;
    };

/** A share of the enlisted vehicles, and what is to be seen before the next one. */
export interface Wave {
  /** Of all enlisted, with the waves before it; the rest comes after the last one. */
  readonly percent: number;
  readonly holdMinutes: number;
  /** Of those through, installed or failed; none yet is not enough. */
  readonly leastSuccessPercent?: number;
}

export interface Rollout {
  readonly rate: Rate;
  readonly waves: readonly Wave[];
  readonly startAt?: Instant;
  /** Then it closes: nobody is offered it any more, except who asks. */
  readonly endAt?: Instant;
}

/** How far a campaign has come. */
export interface Standing {
  readonly enlisted: number;
  readonly offered: number;
  readonly installed: number;
  readonly failed: number;
  readonly pace: Pace;
}

/** What one decision leaves to the next. */
export interface Pace {
  /** Offers that may be made at once, with fractions. */
  readonly credit: number;
  readonly at: Instant;
  /** When the share of the present wave was reached. */
  readonly waveAt?: Instant;
}

export interface Step {
  /** Offers to be made now. */
  readonly offers: number;
  /** As it is with those made. */
  readonly pace: Pace;
  /** When it is worth while to decide again; absent where nothing is left to be offered. */
  readonly next?: Instant;
  readonly waitsFor: 'start' | 'rate' | 'hold' | 'success' | 'nothing';
}

const minute = 60_000;
/** Offers of so many ms are made together: a run costs something. */
const bundle = 10_000;
/** What a run that comes late may catch up. */
const mostCredit = minute;
/** How soon a wave is looked at again whose success is not there yet. */
const recheck = minute;

/** @param most offers that one run has room for */
export function nextStep(rollout: Rollout, standing: Standing, now: Instant, most: number): Step {
  const { pace, enlisted, offered } = standing;
  const idle = { offers: 0, pace: { ...pace, at: now } };
  if (rollout.startAt !== undefined && now < rollout.startAt) {
    return { ...idle, next: rollout.startAt, waitsFor: 'start' };
  }
  if (offered >= enlisted) return { ...idle, waitsFor: 'nothing' };
  const gate = gateOf(rollout.waves, standing, now);
  if (gate.kind === 'held') {
    const { waveAt, next, waitsFor } = gate;
    return { offers: 0, pace: { ...idle.pace, waveAt }, next, waitsFor };
  }
  const perMinute = perMinuteOf(rollout.rate, standing);
  const room = Math.min(gate.room, most);
  if (perMinute === undefined) return { offers: room, pace: { credit: 0, at: now }, next: now, waitsFor: 'nothing' };
  const perMs = perMinute / minute;
  const credit = creditAt(perMinute, pace, now);
  const offers = Math.min(room, Math.floor(credit));
  const left = credit - offers;
  const wanted = Math.min(Math.max(1, perMs * bundle), gate.room - offers === 0 ? 1 : gate.room - offers);
  const pause = offers === room && left >= 1 ? 0 : Math.ceil((wanted - left) / perMs);
  return { offers, pace: { credit: left, at: now }, next: now + Math.max(0, pause), waitsFor: 'rate' };
}

/** Offers that have come together since the last look, with fractions. */
export function creditAt(perMinute: number, pace: Pick<Pace, 'credit' | 'at'>, now: Instant): number {
  const perMs = perMinute / minute;
  return Math.min(pace.credit + Math.max(0, now - pace.at) * perMs, Math.max(1, perMs * mostCredit));
}

/** Offers a minute; undefined for as many as one can. */
export function perMinuteOf(rate: Rate, { offered, installed }: Pick<Standing, 'offered' | 'installed'>) {
  switch (rate.kind) {
    case 'unlimited':
      return undefined;
    case 'fixed':
      return rate.perMinute;
    case 'exponential': {
      const counted = rate.counts === 'offered' ? offered : installed;
      const steps = Math.floor(counted / rate.every);
      return Math.min(rate.mostPerMinute, rate.basePerMinute * rate.factor ** steps);
    }
  }
}

type Gate =
  | { readonly kind: 'open'; readonly room: number }
  | {
      readonly kind: 'held';
      readonly waveAt: Instant;
      readonly next: Instant;
      readonly waitsFor: 'hold' | 'success';
    };

/** How many more may be offered it before the present wave has proved itself. */
function gateOf(waves: readonly Wave[], standing: Standing, now: Instant): Gate {
  const { enlisted, offered, pace } = standing;
  for (const wave of waves) {
    const share = Math.ceil((enlisted * wave.percent) / 100);
    if (offered < share) return { kind: 'open', room: share - offered };
    if (offered > share) continue;
    const waveAt = pace.waveAt ?? now;
    const until = waveAt + wave.holdMinutes * minute;
    if (now < until) return { kind: 'held', waveAt, next: until, waitsFor: 'hold' };
    if (!hasSucceeded(wave, standing)) return { kind: 'held', waveAt, next: now + recheck, waitsFor: 'success' };
  }
  return { kind: 'open', room: enlisted - offered };
}

function hasSucceeded({ leastSuccessPercent }: Wave, { installed, failed }: Standing): boolean {
  if (leastSuccessPercent === undefined) return true;
  const through = installed + failed;
  return through > 0 && (100 * installed) / through >= leastSuccessPercent;
}
