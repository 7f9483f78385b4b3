import { queryError } from './query-error.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Walks over the tokens of a query. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = tokensOf(source);
  }

  get next(): Token {
    return this.#token(this.#at);
  }

  get afterNext(): Token {
    return this.#token(this.#at + 1);
  }

  advance(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  isWord(word: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === word;
  }

  takeWord(word: string): boolean {
    const taken = this.isWord(word);
    if (taken) this.advance();
    return taken;
  }

  takeSymbol(...symbols: readonly string[]): string | undefined {
    const { kind, text } = this.next;
    if (kind !== 'symbol' || !symbols.includes(text)) return undefined;
    this.advance();
    return text;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected(word);
  }

  expectSymbol(symbol: string): void {
    if (this.takeSymbol(symbol) === undefined) throw this.unexpected(symbol);
  }

  /** What to throw when the next token is not the wanted one. */
  unexpected(wanted: string) {
    const { kind, text, position } = this.next;
    return queryError(`expected ${wanted}, found ${kind === 'end' ? 'the end' : `'${text}'`}`, position);
  }

  #token(at: number): Token {
    const token = this.#tokens[Math.min(at, this.#tokens.length - 1)];
    if (token === undefined) throw new Error('There is no token.');
    return token;
  }
}
