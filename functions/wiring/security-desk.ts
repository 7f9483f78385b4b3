import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsSecurityDesk } from '../adapters/sqs/security-desk.ts';
import { setting } from '../environment.ts';

export function wireSecurityDesk(client = new SQSClient({})): SqsSecurityDesk {
  return new SqsSecurityDesk(client, setting('SECURITY_QUEUE_URL'));
}
