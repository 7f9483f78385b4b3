/** Whoever wants to hear of something, in the order in which they asked. */
export class Listeners<T> {
  readonly #all = new Set<(news: T) => void>();

  /** @returns ends it */
  add(listener: (news: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(news: T): void {
    for (const listener of [...this.#all]) listener(news);
  }
}
