import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { MoveCall, MoveCalls } from '#shared/registry/move-driver.ts';

/** SQS delays a message by 15 minutes at most. A call that is early sets the next one. */
const longestDelay = 900;

export class SqsMoveCalls implements MoveCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async call({ vehicleId, version }: MoveCall, at: number, now: number): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ vehicleId, version }),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
