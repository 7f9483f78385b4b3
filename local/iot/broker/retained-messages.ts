import type { Message } from './message.ts';

/** The last message that was published with the retain flag, by topic. */
export class RetainedMessages {
  readonly #messages = new Map<string, Message>();

  /** An empty payload deletes (MQTT 5, 3.3.1.3). */
  keep(message: Message): void {
    if (message.payload.length === 0) this.#messages.delete(message.topic);
    else this.#messages.set(message.topic, message);
  }

  get(topic: string, now: number): Message | undefined {
    const message = this.#messages.get(topic);
    if (message === undefined || !hasExpired(message, now)) return message;
    this.#messages.delete(topic);
    return undefined;
  }

  list(now: number): readonly Message[] {
    return [...this.#messages.keys()].flatMap((topic) => this.get(topic, now) ?? []);
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
