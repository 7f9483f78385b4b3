import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireWebhookSpread } from '../wiring/webhook-spread.ts';

const webhooks = wireWebhookSpread();

const busMessage = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });

/** Something has happened: whoever wants to be told of it gets a delivery. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const told = await webhooks.spread(busMessage.parse(JSON.parse(body)));
      metrics.addMetric('WebhookDeliveries', 'Count', told);
    }),
);
