import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Due, DueCalls } from '#shared/sharing/due/due.ts';

/** SQS delays a message by 15 minutes at most. One that is early by it sets the next one. */
const longestDelay = 900;

export class SqsDueCalls implements DueCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async call(due: Due, at: number, now: number): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ due, at }),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
