import type { HopRecord, TraceRecord, UnitName, Units } from './hop-record.ts';
import { costOfMillion, share, sum } from './metering.ts';
import { fitted, shortName } from './names.ts';
import { plain, type Style } from './style.ts';

export interface TimelineOptions {
  readonly style?: Style;
  /** Columns of the terminal. */
  readonly width?: number;
  /** Only the hops from here on: the rest was shown before. */
  readonly skip?: number;
}

interface Row {
  readonly hop: HopRecord;
  /** `├─ `, the branches before its kind. */
  readonly branch: string;
}

const usualWidth = 120;
const leastLabel = 32;

/**
 * A trace as text: a heading, a line a hop (ms since the beginning, ms that it took, what it is, units, outcome), and
 * the sum. Hops are told as a tree, those of one parent in the order in which they began.
 */
export function timeline(trace: TraceRecord, options: TimelineOptions = {}): readonly string[] {
  const { style = plain, width = usualWidth, skip = 0 } = options;
  const [first] = trace.hops;
  if (first === undefined) return [];
  const rows = rowsOf(trace.hops);
  const shown = skip === 0 ? rows : rows.filter(({ hop }) => trace.hops.indexOf(hop) >= skip);
  const tree = Math.max(...shown.map(({ hop, branch }) => branch.length + hop.kind.length));
  const units = Math.min(30, Math.max(...shown.map(({ hop }) => unitsText(hop.units, hop.shares).length)));
  const longest = Math.max(...shown.map(({ hop }) => shortName(hop.label).length));
  const label = Math.max(leastLabel, Math.min(longest, width - tree - units - 25));
  const lines = shown.map((row) => line(row, first.at, { tree, label, units }, style));
  const heading = skip === 0 ? headingOf(trace, first, style) : style.dim(`… ${trace.traceId} goes on`);
  return [heading, ...lines, ...(trace.left > 0 ? [`  and ${trace.left} hops more`] : []), total(trace, style)];
}

function headingOf({ traceId, startedAt, hops }: TraceRecord, first: HopRecord, style: Style): string {
  const time = new Date(startedAt).toISOString().slice(11, 23);
  const end = Math.max(...hops.map(({ at, took }) => at + took));
  return `${style.bold(time)}  ${style.bold(shortName(first.label))}  ${style.dim(`${traceId}  ${ms(end - first.at)} ms`)}`;
}

function line({ hop, branch }: Row, start: number, widths: Record<'tree' | 'label' | 'units', number>, style: Style) {
  const times = `${ms(hop.at - start).padStart(9)} ${ms(hop.took).padStart(8)}`;
  const tree = `${style.dim(branch)}${style.kind(hop.kind)}${' '.repeat(widths.tree - branch.length - hop.kind.length)}`;
  const label = fitted(shortName(hop.label), widths.label).padEnd(widths.label);
  const units = unitsText(hop.units, hop.shares).padEnd(widths.units);
  const bad = hop.outcome.startsWith('failed') || hop.outcome.startsWith('refused') || /^[45]/.test(hop.outcome);
  const ending = [hop.outcome === 'ok' ? '' : hop.outcome, ...hop.notes].filter((text) => text !== '').join(', ');
  const told = bad ? style.bad(ending) : style.dim(ending);
  return `${style.dim(times)}  ${tree}  ${label}  ${units}  ${told}`.trimEnd();
}

function total({ hops }: TraceRecord, style: Style): string {
  const used = sum(hops.map(({ units, shares }) => share(units, shares)));
  const cost = costOfMillion(used);
  return style.dim(
    `${' '.repeat(20)}= ${unitsText(used, 1) || 'nothing metered'}; a million such: ${cost.toFixed(2)} USD`,
  );
}

const unitLabels: Readonly<Record<UnitName, readonly [one: string, many: string]>> = {
  apiRequests: ['request', 'requests'],
  iotMessages: ['message', 'messages'],
  ruleTriggers: ['trigger', 'triggers'],
  ruleActions: ['action', 'actions'],
  shadowOperations: ['shadow op', 'shadow ops'],
  sqsRequests: ['SQS', 'SQS'],
  lambdaRequests: ['invocation', 'invocations'],
  lambdaGbSeconds: ['GB-s', 'GB-s'],
  readUnits: ['RU', 'RU'],
  writeUnits: ['WU', 'WU'],
  busEvents: ['event', 'events'],
  jobExecutions: ['job execution', 'job executions'],
};

/** `1 trigger, 1 action`; where several messages share a hop, the share of one. */
function unitsText(units: Units, shares: number): string {
  return Object.entries(share(units, shares))
    .flatMap(([name, value]) => {
      const [, labels] = Object.entries(unitLabels).find(([unit]) => unit === name) ?? [];
      if (labels === undefined || value === 0) return [];
      return [`${quantity(value)} ${value === 1 ? labels[0] : labels[1]}`];
    })
    .join(', ');
}

function quantity(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 0.1 ? String(Number(value.toFixed(2))) : String(Number(value.toPrecision(2)));
}

/** 0.1 ms is as fine as it is worth. */
function ms(microseconds: number): string {
  return (microseconds / 1000).toFixed(1);
}

/** Depth first, each hop below the one that led to it; what nothing led to stands at the left. */
function rowsOf(hops: readonly HopRecord[]): readonly Row[] {
  const known = new Set(hops.map(({ id }) => id));
  const children = new Map<string | undefined, HopRecord[]>();
  for (const hop of hops) {
    const parent = hop.parents.find((id) => known.has(id));
    children.set(parent, [...(children.get(parent) ?? []), hop]);
  }
  const rows: Row[] = [];
  const visit = (hop: HopRecord, lead: string, branch: string): void => {
    rows.push({ hop, branch });
    const below = children.get(hop.id) ?? [];
    below.forEach((child, index) => {
      const isLast = index === below.length - 1;
      visit(child, `${lead}${isLast ? '  ' : '│ '}`, `${lead}${isLast ? '└ ' : '├ '}`);
    });
  };
  for (const root of children.get(undefined) ?? []) visit(root, '', '');
  return rows;
}
