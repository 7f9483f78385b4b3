import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { FirstAttempt, Reminder } from '#shared/webhooks/ports.ts';
import type { Sent } from '#shared/webhooks/send-service.ts';
import { deliveryIdValue, webhookEventValue, webhookIdValue } from '../adapters/dynamo/webhook-item.ts';
import { logger, metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireWebhookSends } from '../wiring/webhook-sends.ts';

const webhooks = wireWebhookSends();

const name = { clientId: z.string(), webhookId: webhookIdValue };
const first: z.ZodMiniType<FirstAttempt> = z.object({ ...name, deliveryId: deliveryIdValue, event: webhookEventValue });
const reminder: z.ZodMiniType<Reminder> = z.discriminatedUnion('kind', [
  z.object({
    ...{ ...name, kind: z.literal('repeat'), deliveryId: deliveryIdValue, attempts: z.number() },
    isProbe: z.exactOptional(z.literal(true)),
  }),
  z.object({ ...name, kind: z.literal('probe'), since: z.number(), probes: z.number() }),
  z.object({ ...name, kind: z.literal('drain'), after: z.exactOptional(z.string()) }),
]);
const message = z.union([z.object({ first }), z.object({ reminder, at: z.number() })]);

const counts: Readonly<Partial<Record<Sent, string>>> = { failed: 'WebhooksFailed', dead: 'WebhooksDead' };

/** A receiver is called: for the first time, again, or to see whether it is back. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const asked = message.parse(JSON.parse(body));
      const sent =
        'first' in asked ? await webhooks.first(asked.first) : await webhooks.reminded(asked.reminder, asked.at);
      const counted = counts[sent];
      if (counted === undefined) return;
      metrics.addMetric(counted, 'Count', 1);
      // Neither where it was sent, nor what.
      const { webhookId } = 'first' in asked ? asked.first : asked.reminder;
      logger.info(`webhook ${sent}`, { webhookId });
    }),
);
