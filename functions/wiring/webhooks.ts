import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { DeliveryDesk } from '#shared/webhooks/delivery-desk.ts';
import { WebhookService } from '#shared/webhooks/webhook-service.ts';
import { DynamoDeliveryRepository } from '../adapters/dynamo/deliveries.ts';
import { DynamoWebhookRepository } from '../adapters/dynamo/webhooks.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { KmsWebhookSecrets } from '../adapters/kms/webhook-secrets.ts';
import { SqsReminders } from '../adapters/sqs/webhook-reminders.ts';
import { knownAddresses } from '../adapters/webhooks/known-addresses.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { webhookUrlRules } from './webhook-rules.ts';

/** What the API's routes of webhooks call. */
export function webhookServices(client: DynamoDBDocumentClient, queues: SQSClient, door: SharingDoor) {
  const table = setting('WEBHOOKS_TABLE');
  const reminders = new SqsReminders(queues, setting('WEBHOOK_REPEATS_QUEUE_URL'));
  const webhooks = new WebhookService({
    ...{ webhooks: new DynamoWebhookRepository(client, table), reminders, door, clock },
    secrets: new KmsWebhookSecrets(kmsClient(), setting('WEBHOOK_KEY')),
    addresses: knownAddresses,
    rules: webhookUrlRules(),
  });
  const deliveries = new DeliveryDesk({
    ...{ webhooks, deliveries: new DynamoDeliveryRepository(client, table), reminders, clock },
    digest: (text) => createHash('sha256').update(text).digest(),
  });
  return { webhooks, deliveries };
}
