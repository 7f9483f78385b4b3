/**
 * The last workers of functions that nobody calls at present, of all functions together. So many stay warm; beyond that
 * the one that has rested longest goes. Each holds some ten megabytes, and another one is there within a moment.
 */
export class RestingWorkers {
  readonly #most: number;
  /** The longest at rest first. */
  readonly #stops = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param stop ends the worker that rests now. @returns what is to be called when it rests no more */
  rest(stop: () => void): () => void {
    this.#stops.add(stop);
    for (const longest of this.#stops) {
      if (this.#stops.size <= this.#most) break;
      this.#stops.delete(longest);
      longest();
    }
    return () => this.#stops.delete(stop);
  }
}
