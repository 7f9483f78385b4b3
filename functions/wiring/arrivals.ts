import { SQSClient } from '@aws-sdk/client-sqs';
import { ArrivalService } from '#shared/transfers/import-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoImportRepository } from '../adapters/dynamo/imports.ts';
import { SqsContinuations } from '../adapters/sqs/continuations.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';

export function wireArrivals(): ArrivalService {
  const imports = new DynamoImportRepository(documentClient(), setting('TASKS_TABLE'));
  const continuations = new SqsContinuations(new SQSClient({}), setting('IMPORT_QUEUE_URL'));
  return new ArrivalService(imports, continuations, systemClock);
}
