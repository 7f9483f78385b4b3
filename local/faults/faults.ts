/** A place where a message changes hands inside the local cloud. */
export type Hop = 'mqtt' | 'rule' | 'function' | 'table' | 'stream' | 'queue' | 'event' | 'http';

/** What becomes of a message at a hop. */
export type Fate =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'fail'; readonly error: Error };

const delivered: Fate = { kind: 'deliver' };

/**
 * Asked at every hop before the message goes on. It may wait (a delay), and its answer says what happens.
 * `label` names the concrete place: a topic, a rule, a function, a table and operation, a queue, a route.
 */
export interface Faults {
  at(hop: Hop, label: string): Fate | Promise<Fate>;
}

/** Nothing goes wrong by itself. */
export const noFaults: Faults = { at: () => delivered };
