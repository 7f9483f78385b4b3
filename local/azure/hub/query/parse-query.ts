import { parseExpression, parsePath } from './parse-expression.ts';
import { queryError } from './query-error.ts';
import type { Aggregate, Query, Selected } from './syntax.ts';
import { TokenCursor } from './token-cursor.ts';

const aggregates: ReadonlySet<string> = new Set(['COUNT', 'AVG', 'SUM', 'MIN', 'MAX']);

/**
 * Source: "IoT Hub query language for device and module twins, jobs, and message routing". No JOIN, no ORDER BY.
 *
 * @throws HubError ArgumentInvalid naming what is not understood
 */
export function parseQuery(source: string): Query {
  const cursor = new TokenCursor(source);
  cursor.expectWord('SELECT');
  const top = parseTop(cursor);
  const selected = cursor.takeSymbol('*') === undefined ? parseSelection(cursor) : undefined;
  cursor.expectWord('FROM');
  const from = parseSource(cursor);
  const where = cursor.takeWord('WHERE') ? parseExpression(cursor) : undefined;
  const groupBy = parseGroups(cursor);
  if (cursor.next.kind !== 'end') throw cursor.unexpected('the end');
  const query: Query = { top, selected, from, where, groupBy };
  check(query);
  return query;
}

/** The condition of a job or a configuration. @throws HubError ArgumentInvalid */
export function parseCondition(source: string): Query['where'] {
  if (source.trim() === '' || source.trim() === '*') return undefined;
  const cursor = new TokenCursor(source);
  const condition = parseExpression(cursor);
  if (cursor.next.kind !== 'end') throw cursor.unexpected('the end');
  return condition;
}

function parseTop(cursor: TokenCursor): number | undefined {
  if (!cursor.takeWord('TOP')) return undefined;
  if (cursor.next.kind !== 'number' || !/^[1-9]\d*$/.test(cursor.next.text))
    throw cursor.unexpected('a number of rows');
  return Number(cursor.advance().text);
}

function parseSelection(cursor: TokenCursor): readonly Selected[] {
  const selected: Selected[] = [];
  do selected.push(parseSelected(cursor));
  while (cursor.takeSymbol(',') !== undefined);
  return selected;
}

function parseSelected(cursor: TokenCursor): Selected {
  const { kind, text } = cursor.next;
  const aggregate = kind === 'word' && cursor.afterNext.text === '(' ? aggregateOf(text) : undefined;
  if (aggregate === undefined) {
    const path = parsePath(cursor);
    return { kind: 'path', path, name: parseAlias(cursor) ?? path.at(-1) ?? '' };
  }
  cursor.advance();
  cursor.expectSymbol('(');
  const path = cursor.takeSymbol(')') === undefined ? parsePath(cursor) : undefined;
  if (path !== undefined) cursor.expectSymbol(')');
  if (aggregate !== 'COUNT' && path === undefined) throw cursor.unexpected(`a property in ${aggregate}()`);
  return { kind: 'aggregate', aggregate, path, name: parseAlias(cursor) ?? aggregate };
}

function aggregateOf(text: string): Aggregate | undefined {
  const name = text.toUpperCase();
  return isAggregate(name) ? name : undefined;
}

function isAggregate(name: string): name is Aggregate {
  return aggregates.has(name);
}

function parseAlias(cursor: TokenCursor): string | undefined {
  if (!cursor.takeWord('AS')) return undefined;
  if (cursor.next.kind !== 'word' && cursor.next.kind !== 'name') throw cursor.unexpected('a name');
  return cursor.advance().text;
}

function parseSource(cursor: TokenCursor): Query['from'] {
  const { position } = cursor.next;
  const path = parsePath(cursor).join('.').toLowerCase();
  if (path === 'devices' || path === 'devices.jobs') return path;
  throw queryError(`there is nothing to query in ${path}: FROM devices or devices.jobs`, position);
}

function parseGroups(cursor: TokenCursor): Query['groupBy'] {
  if (!cursor.takeWord('GROUP')) return [];
  cursor.expectWord('BY');
  const groups = [parsePath(cursor)];
  while (cursor.takeSymbol(',') !== undefined) groups.push(parsePath(cursor));
  return groups;
}

function check({ selected, from, groupBy }: Query): void {
  const aggregated = selected?.some(({ kind }) => kind === 'aggregate') === true;
  if (from === 'devices.jobs' && selected !== undefined) throw queryError('devices.jobs is queried by SELECT * alone');
  if (groupBy.length > 0 && selected === undefined) throw queryError('GROUP BY needs a selection');
  if (!aggregated && groupBy.length === 0) return;
  const grouped = new Set(groupBy.map((path) => path.join('.')));
  for (const each of selected ?? []) {
    if (each.kind === 'path' && !grouped.has(each.path.join('.'))) {
      throw queryError(`${each.path.join('.')} is neither aggregated nor in GROUP BY`);
    }
  }
}
