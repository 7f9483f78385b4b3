import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { RunCalls } from '#shared/ota/campaigns/ports.ts';

/** SQS delays a message by 15 minutes at most. A run that is called early by it sets the next call. */
const longestDelay = 900;

export class SqsRunCalls implements RunCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async call(campaignId: CampaignId, call: string | undefined, at: number, now: number, asked = now): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ campaignId, asked, ...(call !== undefined && { call }) }),
        DelaySeconds: Math.min(Math.max(seconds, 0), longestDelay),
      }),
    );
  }
}
