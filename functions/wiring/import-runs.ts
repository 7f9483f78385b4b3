import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { brandsOf } from '#shared/registry/brand.ts';
import { ImportRun } from '#shared/transfers/import-run.ts';
import { LineRegistration } from '#shared/transfers/line-registration.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoImportRepository } from '../adapters/dynamo/imports.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { S3TransferFiles } from '../adapters/s3/transfer-files.ts';
import { SqsContinuations } from '../adapters/sqs/continuations.ts';
import { judgedRegistration, registrationMembers } from '../api/registration.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { homesHere } from './homes.ts';
import { wireTrail } from './trail.ts';

export function wireImportRuns(): ImportRun {
  const client = documentClient();
  const files = new S3TransferFiles(storageClient(), setting('TRANSFERS_BUCKET'));
  return new ImportRun({
    ...{ files, notes: files, storage: files, clock, members: registrationMembers },
    imports: new DynamoImportRepository(client, setting('TASKS_TABLE')),
    trail: wireTrail(),
    continuations: new SqsContinuations(new SQSClient({}), setting('IMPORT_QUEUE_URL')),
    registration: new LineRegistration({
      vehicles: new DynamoVehicleRepository(client, setting('REGISTRY_TABLE')),
      judge: judgedRegistration,
      digest: (text) => createHash('sha256').update(text).digest(),
      brands: brandsOf(setting('BRANDS')),
      clock,
      homes: homesHere(),
    }),
  });
}
