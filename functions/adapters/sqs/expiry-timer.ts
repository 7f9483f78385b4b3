import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ExpiryReminder, ExpiryTimer } from '#shared/commands/command-channel.ts';

/** SQS delays a message by 15 minutes at most. A reminder that is early by it sets the next one. */
const longestDelay = 900;

export class SqsExpiryTimer implements ExpiryTimer {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async wake(reminder: ExpiryReminder, at: number, now: number): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify(reminder),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
