import { SqlError } from './sql-error.ts';
import { type Token, tokenAt } from './tokens.ts';

/** Walks over the tokens of a text, one ahead. */
export class TokenCursor {
  readonly #source: string;
  #next: Token;

  constructor(source: string, from: number) {
    this.#source = source;
    this.#next = tokenAt(source, from);
  }

  get next(): Token {
    return this.#next;
  }

  /** The token behind the next one. */
  get afterNext(): Token {
    return tokenAt(this.#source, this.#next.end);
  }

  advance(): void {
    this.#next = tokenAt(this.#source, this.#next.end);
  }

  isWord(word: string): boolean {
    return this.#next.kind === 'word' && this.#next.text.toUpperCase() === word;
  }

  isSymbol(symbol: string): boolean {
    return this.#next.kind === 'symbol' && this.#next.text === symbol;
  }

  takeWord(word: string): boolean {
    const taken = this.isWord(word);
    if (taken) this.advance();
    return taken;
  }

  takeSymbol(symbol: string): boolean {
    const taken = this.isSymbol(symbol);
    if (taken) this.advance();
    return taken;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected(word);
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(symbol);
  }

  word(wanted: string): string {
    const { kind, text } = this.#next;
    if (kind !== 'word') throw this.unexpected(wanted);
    this.advance();
    return text;
  }

  /** What to throw when the next token is not the wanted one. */
  unexpected(wanted: string): SqlError {
    const { kind, text, position } = this.#next;
    return new SqlError(`Expected ${wanted}, found ${kind === 'end' ? 'the end' : `'${text}'`}`, position);
  }
}
