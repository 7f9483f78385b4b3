import { createHash, generateKeyPairSync } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import { DynamoDirectorRecords } from '#functions/adapters/dynamo/director-records.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoHardwareRepository } from '#functions/adapters/dynamo/hardware.ts';
import { DynamoReleaseRepository } from '#functions/adapters/dynamo/releases.ts';
import { DynamoRepositoryRecords } from '#functions/adapters/dynamo/repository-records.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { imagePath } from '#shared/ota/releases/ecu-image.ts';
import { HardwareService } from '#shared/ota/releases/hardware-service.ts';
import { isReleaseId } from '#shared/ota/releases/release.ts';
import { ReleaseService } from '#shared/ota/releases/release-service.ts';
import { UploadService } from '#shared/ota/releases/upload-service.ts';
import { RepositoryService } from '#shared/ota/repository/repository-service.ts';
import { VouchedImages } from '#shared/ota/repository/vouched-images.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { newTable } from '../../contract/engines.ts';

/** Releases on a real table. The storage is a map: what S3 refuses is tried on the local cloud. */
export async function startReleases(engine: DynamoDBClient, clock: Clock, brands: readonly Brand[]) {
  const client = documentClient(engine);
  const table = await newTable(engine);
  const files = new Map<string, Buffer>();
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
  const records = new DynamoRepositoryRecords(client, table);
  const texts = new Map<string, string>();
  const published = new Map<string, string>();
  const metadata = {
    keep: async (sha256: string, text: string) => void texts.set(sha256, text),
    kept: async (sha256: string) => texts.get(sha256) ?? '',
    publish: async (repository: string, name: string, text: string) =>
      void published.set(`${repository}/${name}`, text),
  };
  const onlineKeys = { image: onlineKey(), director: onlineKey() };
  const repositories = new RepositoryService({
    ...{ records, files: metadata, onlineKeys, cryptography, clock, brands },
    releases: async (id) => (isReleaseId(id) ? releaseRepository.load(id) : undefined),
  });
  const vouched = new VouchedImages(records, metadata);
  // What the repository says is its own tests' matter; the others say what they want it to.
  const vouching: { unsigned?: Set<string> } = {};
  const releases = new ReleaseService({
    ...{ releases: releaseRepository, hardware, clock },
    signedImages: {
      unsigned: async (brand, images) =>
        vouching.unsigned === undefined
          ? vouched.unsigned(brand, images)
          : images.map((image) => imagePath(brand, image)).filter((path) => vouching.unsigned?.has(path)),
    },
  });
  const services = {
    repositories,
    releases,
    uploads: new UploadService({ services: releases, releases: releaseRepository, storage, clock }),
    hardware: new HardwareService(hardware),
  };
  const directorRecords = new DynamoDirectorRecords(client, await newTable(engine));
  return { services, directorRecords, files, vouching, published, records, metadata };
}

/** As KMS has them, but for the scheme: RSA is tried on the local cloud. */
function onlineKey() {
  const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
  return async () => ({ publicKey: signer.publicKey, signer });
}
