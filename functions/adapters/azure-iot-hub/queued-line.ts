import type { Message } from 'azure-iot-common';
import { inTime } from './patience.ts';

/** The part of the SDK's client that speaks AMQP. */
export interface QueuedClient {
  send(deviceId: string, message: Message): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Errors of the SDK that are an answer of the hub: the line over which it came is a good one. */
const answers = new Set([
  ...['DeviceNotFoundError', 'DeviceMaximumQueueDepthExceededError', 'ThrottlingError', 'IotHubQuotaExceededError'],
  ...['MessageTooLargeError', 'ArgumentError'],
]);

/**
 * The line for queued messages. A function sleeps for minutes in between, in which the hub hangs up; a client of the SDK
 * that has lost its line waits for ever for an answer over it, whatever it is given: so it is given nothing more.
 */
export class QueuedLine {
  readonly #dial: () => QueuedClient;
  #client: QueuedClient | undefined;

  constructor(dial: () => QueuedClient) {
    this.#dial = dial;
  }

  async send(deviceId: string, message: Message): Promise<void> {
    this.#client ??= this.#dial();
    const client = this.#client;
    try {
      await inTime(client.send(deviceId, message));
    } catch (error) {
      if (!(error instanceof Error && answers.has(error.name))) this.#hangUp(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  #hangUp(client: QueuedClient): void {
    if (this.#client === client) this.#client = undefined;
    // It may have none to close.
    client.close().catch(() => {});
  }
}
