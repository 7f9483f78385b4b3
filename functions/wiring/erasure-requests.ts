import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ErasurePorts } from '#shared/erasure/erasure-service.ts';
import { KeptPersons } from '#shared/erasure/kept-persons.ts';
import { DynamoErasureRepository, DynamoProofArchive } from '../adapters/dynamo/erasures.ts';
import { DynamoSharingAccounts } from '../adapters/dynamo/sharing-accounts.ts';
import { SqsErasureTimer } from '../adapters/sqs/erasure-timer.ts';
import { setting } from '../environment.ts';

export function erasurePorts(
  client: DynamoDBDocumentClient,
  queues: SQSClient,
): Pick<ErasurePorts, 'erasures' | 'proofs' | 'timer' | 'sha256' | 'sharing'> {
  return {
    erasures: new DynamoErasureRepository(client, setting('TASKS_TABLE')),
    proofs: new DynamoProofArchive(client, setting('AUDIT_TABLE')),
    timer: new SqsErasureTimer(queues, setting('ERASURE_QUEUE_URL')),
    sharing: new DynamoSharingAccounts(client, {
      bookings: setting('BOOKINGS_TABLE'),
      sharing: setting('SHARING_TABLE'),
    }),
    sha256,
  };
}

export function keptPersons(client: DynamoDBDocumentClient): KeptPersons {
  return new KeptPersons({ erasures: new DynamoErasureRepository(client, setting('TASKS_TABLE')), sha256 });
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
