import { randomBytes } from 'node:crypto';
import { FeedService } from '#shared/sharing/feeds/feed-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { keyedDigest } from '../adapters/node-crypto/keyed-digest.ts';
import { S3CityStates } from '../adapters/s3/city-states.ts';
import { S3PublicFiles } from '../adapters/s3/public-files.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireFeeds(): FeedService {
  const client = documentClient();
  const [storage, bucket, table] = [storageClient(), setting('FEEDS_BUCKET'), setting('SHARING_TABLE')];
  return new FeedService({
    states: new S3CityStates(storage, bucket),
    files: new S3PublicFiles(storage, bucket),
    setup: new DynamoSharingSetup(client, table),
    listings: new DynamoListingRepository(client, table),
    digest: keyedDigest,
    newKey: () => randomBytes(32).toString('base64url'),
    baseUrl: setting('FEEDS_URL'),
    clock,
  });
}
