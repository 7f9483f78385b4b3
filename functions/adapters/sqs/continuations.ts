import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Continuations } from '#shared/transfers/task.ts';

/** SQS delays a message by 15 minutes at most. */
const longestDelay = 900;

export class SqsContinuations implements Continuations {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(taskId: string, delaySeconds: number): Promise<void> {
    const MessageBody = JSON.stringify({ taskId });
    const DelaySeconds = Math.min(delaySeconds, longestDelay);
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody, DelaySeconds }));
  }
}
