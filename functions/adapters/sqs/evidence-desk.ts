import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { EvidenceDesk } from '#shared/ota/evidence/evidence-service.ts';
import { updateItemOf } from '../dynamo/update-item.ts';

/** The queue of the one function that may write evidence. */
export class SqsEvidenceDesk implements EvidenceDesk {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  stated(...[vehicleId, result]: Parameters<EvidenceDesk['stated']>): Promise<void> {
    return this.#send({ kind: 'stated', vehicleId, result });
  }

  ended({ update, consent }: Parameters<EvidenceDesk['ended']>[0]): Promise<void> {
    return this.#send({ kind: 'ended', update: updateItemOf(update), consent });
  }

  async #send(message: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }));
  }
}
