import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { RequestService } from '#shared/ota/campaigns/request-service.ts';
import { DynamoDueRepository } from '../adapters/dynamo/campaign-due.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoInventoryRepository } from '../adapters/dynamo/inventory.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoSharedFleet } from '../adapters/dynamo/shared-fleet.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

/** What there is for a vehicle that joins or asks. */
export function wireRequests(client: DynamoDBDocumentClient): RequestService {
  const registryTable = setting('REGISTRY_TABLE');
  const table = setting('CAMPAIGNS_TABLE');
  return new RequestService({
    vehicles: new DynamoVehicleRepository(client, registryTable),
    inventories: new DynamoInventoryRepository(client, registryTable),
    campaigns: new DynamoCampaignRepository(client, table),
    releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
    updates: new DynamoUpdateRepository(client, setting('UPDATES_TABLE')),
    due: new DynamoDueRepository(client, table),
    shared: new DynamoSharedFleet(client, setting('BOOKINGS_TABLE')),
    clock,
  });
}
