import type { Collection, State } from '#local/state/collection.ts';
import type { SubscriptionKind } from './topics.ts';

export interface Subscription {
  readonly kind: SubscriptionKind;
  readonly qos: 0 | 1;
}

/** What the hub keeps of a device that connects without `clean session`; messages wait in any case. */
export class KeptSessions {
  readonly #kept: Collection<readonly Subscription[]>;
  /** Sequences that the device may have had already. */
  readonly #sent = new Map<string, Set<number>>();

  constructor(state: State) {
    this.#kept = state.collection('azure/mqtt-sessions');
  }

  /** Undefined: there is none, and the device is told so. */
  load(deviceId: string): readonly Subscription[] | undefined {
    return this.#kept.get(deviceId);
  }

  keep(deviceId: string, subscriptions: readonly Subscription[]): void {
    this.#kept.set(deviceId, subscriptions);
  }

  forget(deviceId: string): void {
    this.#kept.delete(deviceId);
  }

  /** Notes that a message goes out. @returns whether it has done so before */
  sends(deviceId: string, sequence: number): boolean {
    const sent = this.#sent.get(deviceId) ?? new Set();
    this.#sent.set(deviceId, sent);
    const again = sent.has(sequence);
    sent.add(sequence);
    return again;
  }

  arrived(deviceId: string, sequence: number): void {
    const sent = this.#sent.get(deviceId);
    sent?.delete(sequence);
    if (sent?.size === 0) this.#sent.delete(deviceId);
  }
}
