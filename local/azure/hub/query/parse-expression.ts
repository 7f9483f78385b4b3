import { queryError } from './query-error.ts';
import type { Arithmetic, Comparison, Expression } from './syntax.ts';
import type { TokenCursor } from './token-cursor.ts';

const comparisons: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};
/** Words of the language: as the name of a property they stand in double brackets. */
const reserved = new Set('SELECT FROM WHERE GROUP BY TOP AS AND OR NOT IN NIN TRUE FALSE NULL'.split(' '));
const deepest = 100;

/** A path of keys: `tags.location`, `properties.desired.[[energy:limit]].on`. */
export function parsePath(cursor: TokenCursor): readonly string[] {
  const path = [parseKey(cursor)];
  while (cursor.takeSymbol('.') !== undefined) path.push(parseKey(cursor));
  return path;
}

function parseKey(cursor: TokenCursor): string {
  const { kind, text } = cursor.next;
  const isName = kind === 'name' || (kind === 'word' && !reserved.has(text.toUpperCase()));
  if (!isName) throw cursor.unexpected('the name of a property');
  return cursor.advance().text;
}

/** The condition of WHERE. @throws HubError ArgumentInvalid */
export function parseExpression(cursor: TokenCursor, depth = 0): Expression {
  if (depth > deepest) throw queryError('the condition is nested too deeply');
  let left = parseAnd(cursor, depth);
  while (cursor.takeWord('OR')) left = { kind: 'or', left, right: parseAnd(cursor, depth) };
  return left;
}

function parseAnd(cursor: TokenCursor, depth: number): Expression {
  let left = parseNot(cursor, depth);
  while (cursor.takeWord('AND')) left = { kind: 'and', left, right: parseNot(cursor, depth) };
  return left;
}

function parseNot(cursor: TokenCursor, depth: number): Expression {
  if (depth > deepest) throw queryError('the condition is nested too deeply');
  if (cursor.takeWord('NOT')) return { kind: 'not', inner: parseNot(cursor, depth + 1) };
  return parseComparison(cursor, depth);
}

function parseComparison(cursor: TokenCursor, depth: number): Expression {
  const left = parseSum(cursor, depth);
  if (cursor.takeWord('NIN')) return { kind: 'in', value: left, list: parseList(cursor), negated: true };
  if (cursor.takeWord('IN')) return { kind: 'in', value: left, list: parseList(cursor), negated: false };
  const by = comparisons[cursor.takeSymbol(...Object.keys(comparisons)) ?? ''];
  return by === undefined ? left : { kind: 'compare', by, left, right: parseSum(cursor, depth) };
}

function parseSum(cursor: TokenCursor, depth: number): Expression {
  let left = parseProduct(cursor, depth);
  for (;;) {
    const by = arithmetic(cursor.takeSymbol('+', '-'));
    if (by === undefined) return left;
    left = { kind: 'arithmetic', by, left, right: parseProduct(cursor, depth) };
  }
}

function parseProduct(cursor: TokenCursor, depth: number): Expression {
  let left = parseOperand(cursor, depth);
  for (;;) {
    const by = arithmetic(cursor.takeSymbol('*', '/', '%'));
    if (by === undefined) return left;
    left = { kind: 'arithmetic', by, left, right: parseOperand(cursor, depth) };
  }
}

function parseOperand(cursor: TokenCursor, depth: number): Expression {
  if (cursor.takeSymbol('(') !== undefined) {
    const inner = parseExpression(cursor, depth + 1);
    cursor.expectSymbol(')');
    return inner;
  }
  const { kind, text, position } = cursor.next;
  const literal = parsePrimitive(cursor);
  if (literal !== undefined) return { kind: 'literal', value: literal.value };
  if (kind === 'word' && cursor.afterNext.text === '(') {
    // The one function for twins and jobs.
    if (text.toUpperCase() !== 'IS_DEFINED') throw queryError(`there is no function ${text}`, position);
    cursor.advance();
    cursor.expectSymbol('(');
    const path = parsePath(cursor);
    cursor.expectSymbol(')');
    return { kind: 'isDefined', path };
  }
  return { kind: 'path', path: parsePath(cursor) };
}

type Primitive = { readonly value: string | number | boolean | null };

/** Undefined: none stands here. */
function parsePrimitive(cursor: TokenCursor): Primitive | undefined {
  const { kind, text } = cursor.next;
  if (kind === 'symbol' && text === '-' && cursor.afterNext.kind === 'number') {
    cursor.advance();
    return { value: -Number(cursor.advance().text) };
  }
  if (kind === 'text') return { value: cursor.advance().text };
  if (kind === 'number') return { value: Number(cursor.advance().text) };
  if (cursor.takeWord('TRUE')) return { value: true };
  if (cursor.takeWord('FALSE')) return { value: false };
  if (cursor.takeWord('NULL')) return { value: null };
  return undefined;
}

function parseList(cursor: TokenCursor): readonly Primitive['value'][] {
  cursor.expectSymbol('[');
  const values: Primitive['value'][] = [];
  if (cursor.takeSymbol(']') !== undefined) return values;
  do {
    const literal = parsePrimitive(cursor);
    if (literal === undefined) throw cursor.unexpected('a value');
    values.push(literal.value);
  } while (cursor.takeSymbol(',') !== undefined);
  cursor.expectSymbol(']');
  return values;
}

function arithmetic(symbol: string | undefined): Arithmetic | undefined {
  return symbol === '+' || symbol === '-' || symbol === '*' || symbol === '/' || symbol === '%' ? symbol : undefined;
}
