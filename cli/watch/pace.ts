import type { Statistics } from '../campaign-view.ts';

type Counts = Readonly<Record<string, number>>;

/** How many were offered it so far, whatever became of it. */
export function offeredOf(counts: Counts): number {
  return sum(counts, ['offered', 'declined', 'muted', 'accepted', 'working', 'retrying', 'installed', 'failed']);
}

/** Consented, wherever that has led. */
export function acceptedOf(counts: Counts): number {
  return sum(counts, ['accepted', 'working', 'retrying', 'installed', 'failed']);
}

/** All that it is still for: who turned out not to need it is no part of it. */
export function enlistedOf(counts: Counts): number {
  return sum(counts, ['waiting', 'cancelled']) + offeredOf(counts);
}

function sum(counts: Counts, names: readonly string[]): number {
  return names.reduce((total, name) => total + (counts[name] ?? 0), 0);
}

interface Sample {
  /** ms */
  readonly at: number;
  readonly offered: number;
  readonly installed: number;
}

/** What was seen in the last minute, the oldest first. */
export type Pace = readonly Sample[];

/** Vehicles a minute. */
export interface PerMinute {
  readonly offered: number;
  readonly installed: number;
}

const window = 60_000;
/** Two looks in a row say little of a minute. */
const least = 5000;

export function withSample(pace: Pace, { total }: Statistics, at: number): Pace {
  const sample = { at, offered: offeredOf(total), installed: total['installed'] ?? 0 };
  return [...pace.filter((one) => one.at > at - window && one.at < at), sample];
}

/** Undefined where nobody has looked long enough. */
export function perMinuteOf(pace: Pace): PerMinute | undefined {
  const [first, last] = [pace[0], pace.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < least) return undefined;
  const share = 60_000 / (last.at - first.at);
  const { round, max } = Math;
  return {
    offered: max(0, round((last.offered - first.offered) * share)),
    installed: max(0, round((last.installed - first.installed) * share)),
  };
}
