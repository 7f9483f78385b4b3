import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsDirectorAsks } from '../adapters/sqs/director-asks.ts';
import { setting } from '../environment.ts';

export function wireDirectorAsks(): SqsDirectorAsks {
  return new SqsDirectorAsks(new SQSClient({}), setting('DIRECTOR_ASKS_QUEUE_URL'));
}
