import { SqlError } from './sql-error.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'symbol' | 'end';
  /** A text without its quotes, everything else as it is written. */
  readonly text: string;
  readonly position: number;
  /** Where the next token may begin. */
  readonly end: number;
}

const shapes: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  // A backslash stands for itself: regular expressions are full of them.
  ['text', /'[^']*'|"[^"]*"/y],
  ['symbol', /<>|<=|>=|[()[\]{},.:*/%+\-=<>]/y],
];

/** The token that begins at or after `from`. */
export function tokenAt(source: string, from: number): Token {
  let position = from;
  while (position < source.length && /\s/.test(source[position] ?? '')) position += 1;
  if (position >= source.length) return { kind: 'end', text: '', position, end: position };
  for (const [kind, shape] of shapes) {
    shape.lastIndex = position;
    const text = shape.exec(source)?.[0];
    if (text === undefined) continue;
    return { kind, text: kind === 'text' ? text.slice(1, -1) : text, position, end: position + text.length };
  }
  const character = source[position] ?? '';
  const reason = character === "'" || character === '"' ? 'a text without its end' : `an unexpected ${character}`;
  throw new SqlError(`There is ${reason}`, position);
}
