import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type UpdatePorts, UpdateService } from '#shared/ota/updates/update-service.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { OfferedReleases } from '../adapters/dynamo/offered-releases.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { DynamoSharedFleet } from '../adapters/dynamo/shared-fleet.ts';
import { DynamoUpdateRepository } from '../adapters/dynamo/updates.ts';
import { SqsEvidenceDesk } from '../adapters/sqs/evidence-desk.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireUpdateReports(): UpdateService {
  const evidence = new SqsEvidenceDesk(new SQSClient({}), setting('EVIDENCE_QUEUE_URL'));
  return wireUpdates(documentClient(), { evidence });
}

/** Voids consents: nothing of that is put down as evidence. */
export function wireConsents(): Pick<UpdateService, 'ownerChanged'> {
  return wireUpdates(documentClient());
}

export function wireUpdates(client: DynamoDBDocumentClient, more: Pick<UpdatePorts, 'evidence'> = {}): UpdateService {
  const ownerships = new DynamoOwnershipRepository(client, setting('OWNERSHIP_TABLE'));
  return new UpdateService({
    updates: new DynamoUpdateRepository(client, setting('UPDATES_TABLE')),
    campaigns: new DynamoCampaignRepository(client, setting('CAMPAIGNS_TABLE')),
    releases: new OfferedReleases(new DynamoReleaseRepository(client, setting('RELEASES_TABLE'))),
    owners: { ownerOf: async (vehicleId) => (await ownerships.load(vehicleId))?.owner },
    shared: new DynamoSharedFleet(client, setting('BOOKINGS_TABLE')),
    clock,
    ...more,
  });
}
