import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ExportService } from '#shared/transfers/export-service.ts';
import { ImportService } from '#shared/transfers/import-service.ts';
import { DynamoExportRepository } from '../adapters/dynamo/exports.ts';
import { DynamoImportRepository } from '../adapters/dynamo/imports.ts';
import { S3FileLinks } from '../adapters/s3/file-links.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsContinuations } from '../adapters/sqs/continuations.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { wireTrail } from './trail.ts';

/** What the API needs of imports and exports. */
export function transferServices(client: DynamoDBDocumentClient, queues: SQSClient) {
  const trail = wireTrail();
  const storage = storageClient();
  const links = new S3FileLinks(storage, setting('TRANSFERS_BUCKET'));
  const tasks = setting('TASKS_TABLE');
  return {
    imports: new ImportService({ imports: new DynamoImportRepository(client, tasks), links, trail, clock }),
    exports: new ExportService({
      exports: new DynamoExportRepository(client, tasks),
      continuations: new SqsContinuations(queues, setting('EXPORT_QUEUE_URL')),
      ...{ links, trail, clock },
    }),
  };
}
