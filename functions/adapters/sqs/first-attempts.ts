import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FirstAttempt, FirstAttempts } from '#shared/webhooks/ports.ts';

/** SQS takes so many in one request. */
const batchSize = 10;
const batchesAtOnce = 10;

export class SqsFirstAttempts implements FirstAttempts {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async make(attempts: readonly FirstAttempt[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(attempts.length / batchSize) }, (_, at) =>
      attempts.slice(at * batchSize, (at + 1) * batchSize),
    );
    for (let from = 0; from < batches.length; from += batchesAtOnce) {
      await Promise.all(batches.slice(from, from + batchesAtOnce).map((batch) => this.#send(batch)));
    }
  }

  async #send(batch: readonly FirstAttempt[]): Promise<void> {
    const Entries = batch.map((first, place) => ({ Id: String(place), MessageBody: JSON.stringify({ first }) }));
    const { Failed = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
    const [failed] = Failed;
    if (failed !== undefined) throw new Error(`The queue did not take ${Failed.length} messages: ${failed.Code}`);
  }
}
