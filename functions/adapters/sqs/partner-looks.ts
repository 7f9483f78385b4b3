import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FeedName } from '#shared/partners/assets/partner-feed.ts';
import type { FeedCalls } from '#shared/partners/assets/partner-feed-service.ts';
import type { PartnerLook, PartnerLooks } from '#shared/partners/assets/use-ports.ts';

/** SQS delays a message by 15 minutes at most. One that is early by it sets the next one. */
const longestDelay = 900;

/** What is to be looked at, of partners' feeds and of uses of their assets. */
export class SqsPartnerLooks implements PartnerLooks, FeedCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async call(look: PartnerLook, at: number, now: number): Promise<void> {
    await this.#send({ look, at }, Math.ceil((at - now) / 1000));
  }

  async read({ systemId, feedId }: FeedName): Promise<void> {
    await this.#send({ feed: { systemId, feedId } }, 0);
  }

  async #send(message: object, seconds: number): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify(message),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
