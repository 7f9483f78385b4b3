import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WatchProgress } from '#shared/registry/expiry-watch.ts';

/** A watch that needs more time than one run goes on in the next: its progress is a message to itself. */
export class SqsWatchQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async goOn(progress: WatchProgress): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(progress) }),
    );
  }
}
