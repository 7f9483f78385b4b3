import type { Message } from './message.ts';
import { fromStored, type Store, type StoredMessage, toStored } from './stored-message.ts';

/** The last message that was published with the retain flag, by topic. It survives the process. */
export class RetainedMessages {
  readonly #messages: Map<string, Message>;
  readonly #store: Store<StoredMessage>;

  constructor(store: Store<StoredMessage>) {
    this.#store = store;
    this.#messages = new Map([...store.entries()].map(([topic, stored]) => [topic, fromStored(stored)]));
  }

  /** An empty payload deletes (MQTT 5, 3.3.1.3). */
  keep(message: Message): void {
    if (message.payload.length === 0) {
      this.#delete(message.topic);
      return;
    }
    this.#store.set(message.topic, toStored(message));
    this.#messages.set(message.topic, message);
  }

  get(topic: string, now: number): Message | undefined {
    const message = this.#messages.get(topic);
    if (message === undefined || !hasExpired(message, now)) return message;
    this.#delete(topic);
    return undefined;
  }

  list(now: number): readonly Message[] {
    return [...this.#messages.keys()].flatMap((topic) => this.get(topic, now) ?? []);
  }

  #delete(topic: string): void {
    this.#store.delete(topic);
    this.#messages.delete(topic);
  }
}

/** When nobody is to receive the message any more, in milliseconds; Infinity without an expiry. */
export function expiryOf(message: Message): number {
  const seconds = message.properties.messageExpiryInterval;
  return seconds === undefined ? Number.POSITIVE_INFINITY : message.timestamp + seconds * 1000;
}

export function hasExpired(message: Message, now: number): boolean {
  return expiryOf(message) <= now;
}
