export interface Quota {
  /** What may come in a second, and at once. */
  readonly messages: number;
  readonly bytes: number;
}

/**
 * How much a connection may publish: so many messages and bytes a second (AWS IoT Core message broker limits,
 * "Publish requests per second per connection" and "Throughput per second per connection").
 */
export class Throughput {
  readonly #quota: Quota;
  #messages: number;
  #bytes: number;
  #seenAt: number;

  constructor(quota: Quota, now: number) {
    this.#quota = quota;
    this.#messages = quota.messages;
    this.#bytes = quota.bytes;
    this.#seenAt = now;
  }

  /** False: this one is too many. A clock that is set back gives nothing and takes nothing. */
  admits(bytes: number, now: number): boolean {
    const seconds = Math.max(0, now - this.#seenAt) / 1000;
    this.#seenAt = now;
    this.#messages = Math.min(this.#quota.messages, this.#messages + seconds * this.#quota.messages);
    this.#bytes = Math.min(this.#quota.bytes, this.#bytes + seconds * this.#quota.bytes);
    if (this.#messages < 1 || this.#bytes < bytes) return false;
    this.#messages -= 1;
    this.#bytes -= bytes;
    return true;
  }
}
