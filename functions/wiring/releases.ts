import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { HardwareService } from '#shared/ota/releases/hardware-service.ts';
import { isReleaseId } from '#shared/ota/releases/release.ts';
import { ReleaseService } from '#shared/ota/releases/release-service.ts';
import { UploadService } from '#shared/ota/releases/upload-service.ts';
import { VouchedImages } from '#shared/ota/repository/vouched-images.ts';
import { DynamoHardwareRepository } from '../adapters/dynamo/hardware.ts';
import { DynamoReleaseRepository } from '../adapters/dynamo/releases.ts';
import { S3ImageStorage } from '../adapters/s3/image-storage.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { wireRepositories } from './repositories.ts';

/** What the API needs of releases. */
export function releaseServices(client: DynamoDBDocumentClient) {
  const table = setting('RELEASES_TABLE');
  const storage = new S3ImageStorage(storageClient(), setting('UPDATES_BUCKET'));
  const releaseRepository = new DynamoReleaseRepository(client, table);
  const hardware = new DynamoHardwareRepository(client, table);
  const { records, files, repositories } = wireRepositories(client, async (id) =>
    isReleaseId(id) ? releaseRepository.load(id) : undefined,
  );
  const signedImages = new VouchedImages(records, files);
  const releases = new ReleaseService({ releases: releaseRepository, hardware, signedImages, clock });
  return {
    repositories,
    releases,
    uploads: new UploadService({ services: releases, releases: releaseRepository, storage, clock }),
    hardware: new HardwareService(hardware),
  };
}
