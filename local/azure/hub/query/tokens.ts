import { queryError } from './query-error.ts';

export interface Token {
  readonly kind: 'word' | 'name' | 'number' | 'text' | 'symbol' | 'end';
  readonly text: string;
  readonly position: number;
}

/** A name in double brackets is taken as it is, whatever stands in it. */
const shapes: readonly (readonly [Token['kind'], RegExp])[] = [
  ['name', /\[\[[^\]]+\]\]/y],
  ['word', /[A-Za-z_$][A-Za-z0-9_$]*/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['text', /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy],
  ['symbol', /<>|<=|>=|!=|[()[\],.*/%+\-=<>]/y],
];

/** @throws HubError ArgumentInvalid */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    if (/\s/.test(source[position] ?? '')) {
      position += 1;
      continue;
    }
    const found = tokenAt(source, position);
    if (found === undefined) throw queryError(`an unexpected ${source[position] ?? ''}`, position);
    tokens.push({ ...found, text: meant(found) });
    position += found.text.length;
  }
  return [...tokens, { kind: 'end', text: '', position: source.length }];
}

function tokenAt(source: string, position: number): Token | undefined {
  for (const [kind, shape] of shapes) {
    shape.lastIndex = position;
    const text = shape.exec(source)?.[0];
    if (text !== undefined) return { kind, text, position };
  }
  return undefined;
}

function meant({ kind, text }: Token): string {
  if (kind === 'name') return text.slice(2, -2);
  return kind === 'text' ? text.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : text;
}
