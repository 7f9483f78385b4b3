import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDeliveryRepository } from '#functions/adapters/dynamo/deliveries.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoWebhookRepository } from '#functions/adapters/dynamo/webhooks.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { DeliveryDesk } from '#shared/webhooks/delivery-desk.ts';
import type { Reminder } from '#shared/webhooks/ports.ts';
import { WebhookService } from '#shared/webhooks/webhook-service.ts';
import { newTable } from '../../contract/engines.ts';

/** Webhooks on a real table; where names lead is said by the test. */
export async function startWebhooks(engine: DynamoDBClient, clock: Clock, door: SharingDoor) {
  const client = documentClient(engine);
  const table = await newTable(engine);
  const deliveries = new DynamoDeliveryRepository(client, table);
  const repository = new DynamoWebhookRepository(client, table);
  const reminded: Reminder[] = [];
  const reminders = { remind: async (reminder: Reminder) => void reminded.push(reminder) };
  const names = new Map<string, readonly string[]>();
  const secret = async (webhookId: string, generation: number) =>
    createHash('sha256').update(`${webhookId}/${generation}`).digest();
  const webhooks = new WebhookService({
    ...{ webhooks: repository, reminders, door, clock, secrets: { secret }, rules: { allowLoopback: false } },
    addresses: async (host) => names.get(host) ?? [],
  });
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const desk = new DeliveryDesk({ webhooks, deliveries, reminders, digest, clock });
  return { reminded, names, deliveries, repository, services: { webhooks, deliveries: desk } };
}
