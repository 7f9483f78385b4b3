import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import type { MetadataFiles } from '#shared/ota/repository/metadata-ports.ts';
import { RepositoryService } from '#shared/ota/repository/repository-service.ts';
import type { KnownReleases } from '#shared/ota/repository/signable-releases.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { DynamoDirectorRoots } from '../adapters/dynamo/director-roots.ts';
import { DynamoRepositoryRecords } from '../adapters/dynamo/repository-records.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { S3MetadataFiles } from '../adapters/s3/metadata-files.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { lastingKey } from './lasting-key.ts';

/** The repositories of metadata, with what else looks into them. */
export function wireRepositories(client: DynamoDBDocumentClient, releases: KnownReleases) {
  const records = new DynamoRepositoryRecords(client, setting('RELEASES_TABLE'));
  const texts = new S3MetadataFiles(storageClient(), setting('UPDATES_BUCKET'));
  const roots = new DynamoDirectorRoots(client, setting('RELEASES_TABLE'));
  const files: MetadataFiles = {
    keep: (sha256, text) => texts.keep(sha256, text),
    kept: (sha256) => texts.kept(sha256),
    publish: (repository, name, text) => (repository === 'director' ? roots : texts).publish(name, text),
  };
  const kms = kmsClient();
  const onlineKeys = {
    image: lastingKey(kms, setting('IMAGE_REPOSITORY_KEY')),
    director: lastingKey(kms, setting('DIRECTOR_KEY')),
  };
  const brands = brandsOf(setting('BRANDS'));
  return {
    ...{ records, files },
    repositories: new RepositoryService({
      ...{ records, files, onlineKeys, cryptography, clock, brands, releases },
    }),
  };
}
