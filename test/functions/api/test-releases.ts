import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoHardwareRepository } from '#functions/adapters/dynamo/hardware.ts';
import { DynamoReleaseRepository } from '#functions/adapters/dynamo/releases.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { imagePath } from '#shared/ota/releases/ecu-image.ts';
import { HardwareService } from '#shared/ota/releases/hardware-service.ts';
import { ReleaseService } from '#shared/ota/releases/release-service.ts';
import { UploadService } from '#shared/ota/releases/upload-service.ts';
import { newTable } from '../../contract/engines.ts';

/** Releases on a real table. The storage is a map: what S3 refuses is tried on the local cloud. */
export async function startReleases(engine: DynamoDBClient, clock: Clock) {
  const client = documentClient(engine);
  const table = await newTable(engine);
  const files = new Map<string, Buffer>();
  const unsigned = new Set<string>();
  const storage = {
    address: async ({ path, sha256 }: { path: string; sha256: string }) => ({
      url: `https://storage.example/${path}`,
      headers: { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') },
    }),
    async find(path: string) {
      const file = files.get(path);
      return file && { length: file.length, sha256: createHash('sha256').update(file).digest('hex') };
    },
  };
  const releaseRepository = new DynamoReleaseRepository(client, table);
  const hardware = new DynamoHardwareRepository(client, table);
  const releases = new ReleaseService({
    ...{ releases: releaseRepository, hardware, clock },
    signedImages: {
      unsigned: async (brand, images) =>
        images.map((image) => imagePath(brand, image)).filter((path) => unsigned.has(path)),
    },
  });
  const services = {
    releases,
    uploads: new UploadService({ services: releases, releases: releaseRepository, storage, clock }),
    hardware: new HardwareService(hardware),
  };
  return { services, files, unsigned };
}
