import { WrittenItems } from './written-items.ts';

/** Tells who follows a table that something was written, so that streams need no eager polling. */
export class TableWrites {
  /** Who wrote what, for whoever reads the stream. */
  readonly items = new WrittenItems();
  readonly #followers = new Map<string, Set<() => void>>();

  follow(table: string, wake: () => void): () => void {
    const followers = this.#followers.get(table) ?? new Set();
    followers.add(wake);
    this.#followers.set(table, followers);
    return () => followers.delete(wake);
  }

  /** Whether anybody reads the table's stream. */
  isFollowed(table: string): boolean {
    return (this.#followers.get(table)?.size ?? 0) > 0;
  }

  announce(table: string): void {
    for (const wake of this.#followers.get(table) ?? []) wake();
  }
}
