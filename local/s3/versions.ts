import type { Collection } from '#local/state/collection.ts';
import type { StoredObject } from './stored-object.ts';

/** A version that is no longer the present one, or the mark that the object was deleted. */
export type FormerVersion = { readonly key: string; readonly versionId: string; readonly since: number } & (
  | { readonly object: StoredObject }
  | { readonly deleteMarker: true }
);

/** What a versioned bucket keeps of an object behind the present version; the newest first. */
export class Versions {
  readonly #kept: Collection<FormerVersion>;
  readonly #ofKeys = new Map<string, FormerVersion[]>();

  constructor(kept: Collection<FormerVersion>) {
    this.#kept = kept;
    for (const version of kept.values()) this.#add(version);
  }

  ofKey(key: string): readonly FormerVersion[] {
    return this.#ofKeys.get(key) ?? [];
  }

  all(): readonly FormerVersion[] {
    return [...this.#ofKeys.values()].flat();
  }

  find(key: string, versionId: string): FormerVersion | undefined {
    return this.ofKey(key).find((version) => version.versionId === versionId);
  }

  keep(version: FormerVersion): void {
    this.#kept.set(nameOf(version), version);
    this.#remember(version);
  }

  remove(version: FormerVersion): void {
    this.#kept.delete(nameOf(version));
    const left = this.ofKey(version.key).filter(({ versionId }) => versionId !== version.versionId);
    if (left.length === 0) this.#ofKeys.delete(version.key);
    else this.#ofKeys.set(version.key, left);
  }

  #remember(version: FormerVersion): void {
    const others = this.ofKey(version.key).filter(({ versionId }) => versionId !== version.versionId);
    this.#ofKeys.set(version.key, others);
    this.#add(version);
  }

  #add(version: FormerVersion): void {
    // An id rises with time, as the sequence of changes does that it is made of.
    const sorted = [version, ...this.ofKey(version.key)].sort((a, b) => (a.versionId < b.versionId ? 1 : -1));
    this.#ofKeys.set(version.key, sorted);
  }
}

function nameOf({ key, versionId }: FormerVersion): string {
  return `${versionId} ${key}`;
}
