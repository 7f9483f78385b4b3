import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ErasureId } from '#shared/erasure/erasure.ts';
import type { ErasureTimer } from '#shared/erasure/erasure-repository.ts';

/** SQS delays a message by 15 minutes at most. A worker that is called early by it sets the next call. */
const longestDelay = 900;

export class SqsErasureTimer implements ErasureTimer {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async wake(erasureId: ErasureId, at: number, now: number): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ erasureId }),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
