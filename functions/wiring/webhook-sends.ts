import { createHmac } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SendService } from '#shared/webhooks/send-service.ts';
import { BatchedGets } from '../adapters/dynamo/batched-gets.ts';
import { DynamoDeliveryRepository } from '../adapters/dynamo/deliveries.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoWebhookRepository } from '../adapters/dynamo/webhooks.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { KmsWebhookSecrets } from '../adapters/kms/webhook-secrets.ts';
import { SqsReminders } from '../adapters/sqs/webhook-reminders.ts';
import { HttpsCaller } from '../adapters/webhooks/https-caller.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { webhookUrlRules } from './webhook-rules.ts';

export function wireWebhookSends(): SendService {
  const client = documentClient();
  const table = setting('WEBHOOKS_TABLE');
  // A batch of messages asks for its webhooks and deliveries at once.
  const gets = new BatchedGets(client, table);
  return new SendService({
    webhooks: new DynamoWebhookRepository(client, table, gets),
    deliveries: new DynamoDeliveryRepository(client, table, gets),
    reminders: new SqsReminders(new SQSClient({}), setting('WEBHOOK_REPEATS_QUEUE_URL')),
    caller: new HttpsCaller(webhookUrlRules()),
    secrets: new KmsWebhookSecrets(kmsClient(), setting('WEBHOOK_KEY')),
    mac: (key, text) => createHmac('sha256', key).update(text).digest(),
    draw: Math.random,
    clock,
  });
}
