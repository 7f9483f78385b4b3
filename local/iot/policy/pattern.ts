/** What a `${…}` stands for; several values make a set. Undefined: it is not defined here. */
export type Variables = (name: string) => string | readonly string[] | undefined;

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'variable'; readonly name: string };

/** A text of a policy with wildcards (`*`, `?`) and variables. */
export interface Pattern {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly hasVariables: boolean;
}

/** Text matches itself; null stands for `*`, undefined for `?`. */
type Piece = string | null | undefined;

// Outside the Basic Multilingual Plane a character has two code units.
const codePoints = (text: string): readonly string[] => (/[\uD800-\uDFFF]/.test(text) ? [...text] : text.split(''));

/** @param variables whether `${…}` is substituted: from version 2012-10-17 on */
export function compilePattern(source: string, variables: boolean): Pattern {
  const tokens: Token[] = [];
  const expression = variables ? /\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g : /[*?]|[^*?]+/g;
  for (const [part, name] of source.matchAll(expression)) tokens.push(tokenOf(part, name?.trim()));
  return { source, tokens, hasVariables: tokens.some(({ kind }) => kind === 'variable') };
}

function tokenOf(part: string, name: string | undefined): Token {
  if (name !== undefined) {
    // `${*}`, `${?}` and `${$}` are the characters themselves
    return name === '*' || name === '?' || name === '$' ? { kind: 'text', text: name } : { kind: 'variable', name };
  }
  if (part === '*') return { kind: 'any' };
  return part === '?' ? { kind: 'one' } : { kind: 'text', text: part };
}

export interface MatchOptions {
  readonly ignoreCase?: boolean;
  /** Whether `*` and `?` are wildcards. */
  readonly wildcards?: boolean;
  /** Refuses a substituted text, which then counts as undefined. */
  readonly refuses?: (text: string) => boolean;
}

/**
 * Whether the whole text matches; undefined if a variable of the pattern is not defined. Substituted text
 * matches only itself: a client id of `*` is no wildcard.
 */
export function matches(
  pattern: Pattern,
  text: string,
  variables: Variables,
  options: MatchOptions = {},
): boolean | undefined {
  const pieces: Piece[] = [];
  for (const token of pattern.tokens) {
    const piece = pieceOf(token, variables, options);
    if (piece === 'undefined variable') return undefined;
    pieces.push(piece.piece);
  }
  return options.ignoreCase
    ? glob(
        pieces.map((piece) => piece?.toLowerCase() ?? piece),
        text.toLowerCase(),
      )
    : glob(pieces, text);
}

function pieceOf(
  token: Token,
  variables: Variables,
  options: MatchOptions,
): { readonly piece: Piece } | 'undefined variable' {
  switch (token.kind) {
    case 'text':
      return { piece: token.text };
    case 'any':
      return { piece: options.wildcards === false ? '*' : null };
    case 'one':
      return { piece: options.wildcards === false ? '?' : undefined };
    case 'variable': {
      const value = variables(token.name);
      // a variable of several values stands for no single text
      const text = typeof value === 'string' ? value : value?.length === 1 ? value[0] : undefined;
      return text === undefined || options.refuses?.(text) ? 'undefined variable' : { piece: text };
    }
  }
}

/** Wildcard match without backtracking further than to the last `*`. */
function glob(pieces: readonly Piece[], text: string): boolean {
  const pattern = pieces.flatMap((piece): readonly Piece[] =>
    typeof piece === 'string' ? codePoints(piece) : [piece],
  );
  const subject = codePoints(text);
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < subject.length) {
    const piece = pattern[at];
    if (at < pattern.length && piece === null) {
      star = at;
      resume = position;
      at += 1;
    } else if (at < pattern.length && (piece === undefined || piece === subject[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      resume += 1;
      position = resume;
      at = star + 1;
    } else return false;
  }
  while (at < pattern.length && pattern[at] === null) at += 1;
  return at === pattern.length;
}
