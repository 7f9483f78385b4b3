import { createHash } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ErasurePorts } from '#shared/erasure/erasure-service.ts';
import { DynamoErasureRepository, DynamoProofArchive } from '../adapters/dynamo/erasures.ts';
import { SqsErasureTimer } from '../adapters/sqs/erasure-timer.ts';
import { setting } from '../environment.ts';

export function erasurePorts(
  client: DynamoDBDocumentClient,
  queues: SQSClient,
): Pick<ErasurePorts, 'erasures' | 'proofs' | 'timer' | 'sha256'> {
  return {
    erasures: new DynamoErasureRepository(client, setting('TASKS_TABLE')),
    proofs: new DynamoProofArchive(client, setting('AUDIT_TABLE')),
    timer: new SqsErasureTimer(queues, setting('ERASURE_QUEUE_URL')),
    sha256: (text) => createHash('sha256').update(text).digest(),
  };
}
