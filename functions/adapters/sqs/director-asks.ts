import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** The queue of questions to the Director. */
export class SqsDirectorAsks {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @param message as the topic rule made it, with the vehicle of the topic */
  async forward(message: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: message }));
  }
}
