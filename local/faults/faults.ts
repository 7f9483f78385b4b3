/** A place where a message changes hands inside the local cloud. */
export type Hop = 'mqtt' | 'rule' | 'function' | 'table' | 'stream' | 'queue' | 'event' | 'http' | 'cdn' | 'hub';

/** What becomes of a message at a hop. `after`: it takes effect, and only the answer is missing. */
export type Fate =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'fail'; readonly error: Error }
  /** The connection breaks. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** Nobody ever answers. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  /** A byte in the midst of the answer is another. */
  | { readonly kind: 'corrupt' }
  /** Another transaction holds the item. */
  | { readonly kind: 'conflict' }
  | ({ readonly kind: 'crash' } & Crash);

/** When a function's process dies. */
export interface Crash {
  readonly when: 'before' | 'after-effect' | 'after';
  /** `after-effect`: at the answer to this one of its successful calls, of this operation alone where one is named. */
  readonly calls: number;
  readonly operation?: string | undefined;
}

/**
 * Asked at every hop before the message goes on. It may wait (a delay), and its answer says what happens.
 * `label` names the concrete place: a topic, a rule, a function, a table and operation, a queue, a route.
 */
export interface Faults {
  at(hop: Hop, label: string): Fate | Promise<Fate>;
  /** Of the entries of a batch, those that are not to succeed. */
  failing?(hop: Hop, label: string, entries: readonly string[]): ReadonlySet<string>;
}

/** Nothing goes wrong by itself. */
export const noFaults: Faults = { at: () => ({ kind: 'deliver' }) };

/** The work may be done, and whoever asked for it does not hear of it. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
  /** `cut`: the connection is reset. `hang`: it stays open, and silent. */
  readonly how: 'cut' | 'hang';

  constructor(how: 'cut' | 'hang') {
    super(how === 'cut' ? 'The connection was cut by a fault.' : 'There is no answer, by a fault.');
    this.how = how;
  }
}

/** Does the work unless the fate says it breaks off before; breaks off after it if it says so. */
export async function unlessBrokenOff<T>(fate: Fate, work: () => Promise<T> | T): Promise<T> {
  const broken = fate.kind === 'cut' || fate.kind === 'hang' ? fate : undefined;
  if (broken?.when === 'before') throw new BrokenOff(broken.kind);
  const result = await work();
  if (broken !== undefined) throw new BrokenOff(broken.kind);
  return result;
}
