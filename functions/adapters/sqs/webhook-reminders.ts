import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Instant } from '#shared/kernel/clock.ts';
import type { Reminder, Reminders } from '#shared/webhooks/ports.ts';

/** SQS delays a message by 15 minutes at most. One that is early by it sets the next one. */
const longestDelay = 900;

export class SqsReminders implements Reminders {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async remind(reminder: Reminder, at: Instant, now: Instant): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ reminder, at }),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
