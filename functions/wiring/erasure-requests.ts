import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ErasurePorts } from '#shared/erasure/erasure-service.ts';
import { DynamoErasureRepository, DynamoProofArchive } from '../adapters/dynamo/erasures.ts';
import { DynamoSharingErasure } from '../adapters/dynamo/sharing-erasure.ts';
import { SqsErasureTimer } from '../adapters/sqs/erasure-timer.ts';
import { setting } from '../environment.ts';

export function sharingErasure(client: DynamoDBDocumentClient): DynamoSharingErasure {
  const [bookings, sharing, trips] = [setting('BOOKINGS_TABLE'), setting('SHARING_TABLE'), setting('TRIPS_TABLE')];
  return new DynamoSharingErasure(client, { bookings, sharing, trips });
}

export function erasurePorts(
  client: DynamoDBDocumentClient,
  queues: SQSClient,
): Pick<ErasurePorts, 'erasures' | 'proofs' | 'timer' | 'sha256' | 'sharing'> {
  return {
    erasures: new DynamoErasureRepository(client, setting('TASKS_TABLE')),
    proofs: new DynamoProofArchive(client, setting('AUDIT_TABLE')),
    timer: new SqsErasureTimer(queues, setting('ERASURE_QUEUE_URL')),
    sharing: sharingErasure(client),
    sha256: (text) => createHash('sha256').update(text).digest(),
  };
}
