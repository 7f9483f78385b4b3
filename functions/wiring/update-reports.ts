import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateService } from '#shared/ota/updates/update-service.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireUpdateReports(): UpdateService {
  return wireUpdates(documentClient());
}

export function wireUpdates(client: DynamoDBDocumentClient): UpdateService {
  const ownerships = new DynamoOwnershipRepository(client, setting('OWNERSHIP_TABLE'));
  return new UpdateService({
    updates: new DynamoUpdateRepository(client, setting('UPDATES_TABLE')),
    campaigns: new DynamoCampaignRepository(client, setting('CAMPAIGNS_TABLE')),
    releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
    owners: { ownerOf: async (vehicleId) => (await ownerships.load(vehicleId))?.owner },
    clock,
  });
}
