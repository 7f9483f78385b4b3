/** A rule's SQL, or an expression in one of its actions, that the rules engine does not understand. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** Where in the text, from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} (at character ${position + 1})`);
    this.position = position;
  }
}
