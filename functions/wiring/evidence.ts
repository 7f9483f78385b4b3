import { createHash } from 'node:crypto';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { EvidenceService } from '#shared/ota/evidence/evidence-service.ts';
import { DynamoCampaignRepository } from '../adapters/dynamo/campaigns.ts';
import { DynamoDirectorRecords } from '../adapters/dynamo/director-records.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoInventoryRepository } from '../adapters/dynamo/inventory.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { S3EvidenceStore } from '../adapters/s3/evidence-store.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { setting } from '../environment.ts';

export function wireEvidence(): EvidenceService {
  const client = documentClient();
  return new EvidenceService({
    store: new S3EvidenceStore(storageClient(), setting('EVIDENCE_BUCKET')),
    releases: new DynamoReleaseRepository(client, setting('RELEASES_TABLE')),
    campaigns: new DynamoCampaignRepository(client, setting('CAMPAIGNS_TABLE')),
    inventories: new DynamoInventoryRepository(client, setting('REGISTRY_TABLE')),
    directorRecords: new DynamoDirectorRecords(client, setting('UPDATES_TABLE')),
    cryptography,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
}
