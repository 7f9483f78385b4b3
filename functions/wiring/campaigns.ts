import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CaseService } from '#shared/ota/assistance/case-service.ts';
import { CampaignService } from '#shared/ota/campaigns/campaign-service.ts';
import { DynamoCounterRepository } from '../adapters/dynamo/campaign-counters.ts';
import { DynamoCampaignRepository, DynamoRunRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoCaseRepository } from '../adapters/dynamo/cases.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoPresenceRepository } from '../adapters/dynamo/presence.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { SqsRunCalls } from '../adapters/sqs/run-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { openedRollouts } from './device-cloud.ts';
import { wireUpdates } from './update-reports.ts';
import { wireRequests } from './update-requests.ts';

/** What the API needs of campaigns and of the updates of vehicles. */
export function campaignServices(client: DynamoDBDocumentClient, queues: SQSClient) {
  const [table, updatesTable] = [setting('CAMPAIGNS_TABLE'), setting('UPDATES_TABLE')];
  const updates = wireUpdates(client);
  return {
    campaigns: new CampaignService({
      campaigns: new DynamoCampaignRepository(client, table),
      runs: new DynamoRunRepository(client, table),
      counters: new DynamoCounterRepository(client, table),
      calls: new SqsRunCalls(queues, setting('CAMPAIGN_QUEUE_URL')),
      releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
      rollouts: openedRollouts(),
      clock,
      bytesOf: (operationId) => createHash('sha256').update(operationId).digest(),
    }),
    updates,
    cases: new CaseService({
      cases: new DynamoCaseRepository(client, updatesTable),
      loads: new DynamoUpdateRepository(client, updatesTable),
      presences: new DynamoPresenceRepository(client, setting('REGISTRY_TABLE')),
      ...{ updates, clock },
    }),
    requests: wireRequests(client),
  };
}
