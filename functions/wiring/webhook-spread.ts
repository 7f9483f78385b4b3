import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { brandsOf } from '#shared/registry/brand.ts';
import { SpreadService } from '#shared/webhooks/spread-service.ts';
import { DynamoClientBrandsRepository } from '../adapters/dynamo/access.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoWebhookRepository } from '../adapters/dynamo/webhooks.ts';
import { SqsFirstAttempts } from '../adapters/sqs/first-attempts.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireWebhookSpread(): SpreadService {
  const client = documentClient();
  return new SpreadService({
    webhooks: new DynamoWebhookRepository(client, setting('WEBHOOKS_TABLE')),
    attempts: new SqsFirstAttempts(new SQSClient({}), setting('WEBHOOK_FIRST_QUEUE_URL')),
    setup: new DynamoSharingSetup(client, setting('SHARING_TABLE')),
    clients: new DynamoClientBrandsRepository(client, setting('ACCESS_TABLE')),
    brands: brandsOf(setting('BRANDS')),
    digest: (text) => createHash('sha256').update(text).digest(),
    clock,
  });
}
