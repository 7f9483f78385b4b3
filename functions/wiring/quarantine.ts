import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsQuarantine } from '../adapters/sqs/quarantine.ts';
import { setting } from '../environment.ts';

export function wireQuarantine(): SqsQuarantine {
  return new SqsQuarantine(new SQSClient({}), setting('QUARANTINE_QUEUE_URL'));
}
