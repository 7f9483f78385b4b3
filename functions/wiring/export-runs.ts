import { SQSClient } from '@aws-sdk/client-sqs';
import { ExportRun } from '#shared/transfers/export-run.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoExportRepository } from '../adapters/dynamo/exports.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { S3TransferFiles } from '../adapters/s3/transfer-files.ts';
import { SqsContinuations } from '../adapters/sqs/continuations.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';
import { wireTrail } from './trail.ts';

export function wireExportRuns(): ExportRun {
  const client = documentClient();
  const files = new S3TransferFiles(storageClient(), setting('TRANSFERS_BUCKET'));
  return new ExportRun({
    exports: new DynamoExportRepository(client, setting('TASKS_TABLE')),
    trail: wireTrail(),
    vehicles: new DynamoVehicleRepository(client, setting('REGISTRY_TABLE')),
    continuations: new SqsContinuations(new SQSClient({}), setting('EXPORT_QUEUE_URL')),
    ...{ notes: files, storage: files, clock: systemClock },
  });
}
