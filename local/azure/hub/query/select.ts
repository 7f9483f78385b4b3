import type { Json, JsonObject } from '#local/iot/shadows/json.ts';
import { evaluate, valueAt } from './evaluate.ts';
import type { Query, Selected } from './syntax.ts';

/** A row of a collection, or of a result; results are in the order of the keys. */
export interface Row {
  readonly key: string;
  readonly value: JsonObject;
}

/** @param rows in the order of their keys */
export function select(query: Query, rows: Iterable<Row>): readonly Row[] {
  const found = filter(query, rows);
  const { selected, groupBy, top } = query;
  const aggregated = groupBy.length > 0 || selected?.some(({ kind }) => kind === 'aggregate') === true;
  const result = aggregated
    ? grouped(query, found)
    : found.map((row) => ({ ...row, value: projected(selected, row.value) }));
  return top === undefined ? result : result.slice(0, top);
}

export function filter({ where }: Pick<Query, 'where'>, rows: Iterable<Row>): readonly Row[] {
  if (where === undefined) return [...rows];
  return [...rows].filter(({ value }) => evaluate(where, value) === true);
}

function projected(selected: Query['selected'], row: JsonObject): JsonObject {
  if (selected === undefined) return row;
  return Object.fromEntries(selected.flatMap((each) => named(each, valueAt(row, each.path ?? []))));
}

function grouped({ selected = [], groupBy }: Query, rows: readonly Row[]): readonly Row[] {
  const groups = new Map<string, JsonObject[]>();
  // Without GROUP BY there is one row, also of nothing.
  if (groupBy.length === 0) groups.set('', []);
  for (const { value } of rows) {
    const key = groupBy.length === 0 ? '' : JSON.stringify(groupBy.map((path) => valueAt(value, path) ?? null));
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(value);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => ({
      key,
      value: Object.fromEntries(selected.flatMap((each) => named(each, ofGroup(each, members)))),
    }));
}

function ofGroup(selected: Selected, members: readonly JsonObject[]): Json | undefined {
  const { kind, path } = selected;
  const values = path === undefined ? [] : members.flatMap((row) => valueAt(row, path) ?? []);
  if (kind === 'path') return values[0];
  if (selected.aggregate === 'COUNT') return path === undefined ? members.length : values.length;
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (selected.aggregate) {
    case 'SUM':
      return sum;
    case 'AVG':
      return sum / numbers.length;
    case 'MIN':
      return Math.min(...numbers);
    case 'MAX':
      return Math.max(...numbers);
  }
}

function named({ name }: Selected, value: Json | undefined): [string, Json][] {
  return value === undefined ? [] : [[name, value]];
}
