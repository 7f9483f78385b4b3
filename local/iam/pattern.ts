import type { RequestContext } from './request-context.ts';

/** A compiled text of a policy, tried against a value of the request. */
export type Pattern = (value: string, context: RequestContext) => boolean;

export interface PatternOptions {
  /** `*` and `?` match any characters; otherwise they stand for themselves. */
  readonly wildcards: boolean;
  readonly ignoreCase?: boolean;
  /** The six parts of an ARN are compared one by one: a wildcard in the region cannot reach the account. */
  readonly arn?: boolean;
  /** `${aws:…}` is replaced from the request; since policy version 2012-10-17. */
  readonly variables: boolean;
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any'; readonly many: boolean }
  | { readonly kind: 'variable'; readonly key: string; readonly otherwise: string | undefined };

const arnParts = 6;

/** @throws Error when a policy variable is malformed */
export function compilePattern(text: string, options: PatternOptions): Pattern {
  const tokens = tokenize(text, options);
  const variable = tokens.some((token) => token.kind === 'variable');
  if (variable) {
    return (value, context) => {
      const pattern = expressionOf(tokens, options, context);
      return pattern?.test(value) ?? false;
    };
  }
  const plain = tokens.every((token) => token.kind === 'text') && !isShortArn(text, options);
  if (plain) {
    const wanted = tokens.map((token) => (token.kind === 'text' ? token.text : '')).join('');
    if (options.ignoreCase !== true) return (value) => value === wanted;
    const lowered = wanted.toLowerCase();
    return (value) => value.toLowerCase() === lowered;
  }
  if (text === '*') return () => true;
  const pattern = expressionOf(tokens, options, undefined);
  return (value) => pattern?.test(value) ?? false;
}

function tokenize(text: string, { wildcards, variables }: PatternOptions): Token[] {
  const tokens: Token[] = [];
  // A variable, a wildcard, or a run of other characters; a lone `$` is itself.
  for (const [piece] of text.matchAll(/\$\{[^}]*\}|[*?]|[^*?$]+|\$/g)) {
    if (variables && piece.startsWith('${')) tokens.push(variableToken(piece));
    else if (wildcards && piece === '*') tokens.push({ kind: 'any', many: true });
    else if (wildcards && piece === '?') tokens.push({ kind: 'any', many: false });
    else tokens.push({ kind: 'text', text: piece });
  }
  return tokens;
}

function variableToken(piece: string): Token {
  const content = piece.slice(2, -1);
  if (content === '*' || content === '?' || content === '$') return { kind: 'text', text: content };
  const match = /^([A-Za-z0-9-]+:[^,'\s]+)(?:\s*,\s*'([^']*)')?$/.exec(content.trim());
  if (match?.[1] === undefined) throw new Error(`the policy variable ${piece} is not understood`);
  return { kind: 'variable', key: match[1], otherwise: match[2] };
}

function isShortArn(text: string, { arn }: PatternOptions): boolean {
  return arn === true && text.startsWith('arn:') && text.split(':').length < arnParts;
}

/** undefined when a variable has no value: then nothing matches. */
function expressionOf(
  tokens: readonly Token[],
  { arn, ignoreCase }: PatternOptions,
  context: RequestContext | undefined,
): RegExp | undefined {
  const first = tokens[0];
  const byPart = arn === true && first?.kind === 'text' && first.text.startsWith('arn:');
  let parts = 1;
  let source = '';
  for (const token of tokens) {
    const anything = byPart && parts < arnParts ? '[^:]' : '[^]';
    if (token.kind === 'any') source += token.many ? `${anything}*` : anything;
    else if (token.kind === 'text') {
      source += escaped(token.text);
      parts += token.text.split(':').length - 1;
    } else {
      const values = context?.get(token.key);
      const value = values?.length === 1 ? values[0] : token.otherwise;
      if (value === undefined) return undefined;
      source += escaped(value);
    }
  }
  // An ARN with fewer parts stands for any value of the missing ones.
  if (byPart) for (; parts < arnParts; parts += 1) source += parts === arnParts - 1 ? ':[^]*' : ':[^:]*';
  return new RegExp(`^${source}$`, ignoreCase === true ? 'i' : '');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
