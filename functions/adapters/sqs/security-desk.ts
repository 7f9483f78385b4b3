import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SecurityEvent } from '#shared/security/security-event.ts';
import type { SecurityDesk } from '#shared/security/security-service.ts';

/** The queue of the one function that notes them. */
export class SqsSecurityDesk implements SecurityDesk {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async raise(event: SecurityEvent): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(event) }));
  }
}
