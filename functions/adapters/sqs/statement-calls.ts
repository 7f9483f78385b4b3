import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { StatementCall, StatementCalls } from '#shared/sharing/keys/statement-service.ts';

/** The queue of the one function that signs statements of keys. */
export class SqsStatementCalls implements StatementCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async call(call: StatementCall): Promise<void> {
    const MessageBody = JSON.stringify(call);
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody }));
  }
}
