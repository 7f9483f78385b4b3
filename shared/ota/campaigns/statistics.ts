import type { Update } from '../updates/update.ts';
import { type FailureClass, type UpdateStatus, updateStatuses } from '../updates/update.ts';
import { errorClasses } from '../updates/update-report.ts';
import type { Outcomes } from './abort.ts';

/** Changes of counters by their names. */
export type Tally = ReadonlyMap<string, number>;

type ByStatus = Readonly<Partial<Record<UpdateStatus, number>>>;

export interface Statistics {
  readonly total: ByStatus;
  readonly byMarket: Readonly<Record<string, ByStatus>>;
  readonly byModel: Readonly<Record<string, ByStatus>>;
  /** Vehicles that failed, or failed last. */
  readonly byError: Readonly<Partial<Record<FailureClass, number>>>;
}

export const failureClasses: readonly FailureClass[] = [...errorClasses, 'timed-out'];

/** Under which names an update is counted: each vehicle once by status, by country and by model. */
export function countedAs({ state, market, model }: Pick<Update, 'state' | 'market' | 'model'>): readonly string[] {
  const { status } = state;
  const names = [`s/${status}`, `c/${market}/${status}`, `m/${encodeURIComponent(model)}/${status}`];
  return 'error' in state ? [...names, `e/${state.error}`] : names;
}

/** What one change of an update changes in the counters. */
export function tallyOf(before: Update | undefined, after: Update | undefined): Tally {
  const tally = new Map<string, number>();
  for (const name of before === undefined ? [] : countedAs(before)) add(tally, name, -1);
  for (const name of after === undefined ? [] : countedAs(after)) add(tally, name, 1);
  return new Map([...tally].filter(([, change]) => change !== 0));
}

export function summed(tallies: Iterable<Tally>): Tally {
  const total = new Map<string, number>();
  for (const tally of tallies) for (const [name, change] of tally) add(total, name, change);
  return total;
}

export function statisticsOf(counters: Tally): Statistics {
  const total: Partial<Record<UpdateStatus, number>> = {};
  const byError: Partial<Record<FailureClass, number>> = {};
  const byMarket: Record<string, Partial<Record<UpdateStatus, number>>> = {};
  const byModel: Record<string, Partial<Record<UpdateStatus, number>>> = {};
  for (const [name, count] of counters) {
    const [kind, first = '', second = ''] = name.split('/');
    if (count === 0) continue;
    if (kind === 's' && isStatus(first)) total[first] = count;
    if (kind === 'e' && isFailureClass(first)) byError[first] = count;
    if (kind === 'c' && isStatus(second)) byMarket[first] = { ...byMarket[first], [second]: count };
    if (kind === 'm' && isStatus(second)) {
      const model = decodeURIComponent(first);
      byModel[model] = { ...byModel[model], [second]: count };
    }
  }
  return { total, byMarket, byModel, byError };
}

export function outcomesOf({ total, byError }: Pick<Statistics, 'total' | 'byError'>): Outcomes {
  const { installed = 0, failed = 0, retrying = 0 } = total;
  return { installed, failed: failed + retrying, byError };
}

function add(tally: Map<string, number>, name: string, change: number): void {
  tally.set(name, (tally.get(name) ?? 0) + change);
}

function isStatus(name: string): name is UpdateStatus {
  return updateStatuses.some((status) => status === name);
}

function isFailureClass(name: string): name is FailureClass {
  return failureClasses.some((error) => error === name);
}
