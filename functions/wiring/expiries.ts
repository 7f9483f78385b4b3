import { SQSClient } from '@aws-sdk/client-sqs';
import { ExpiryService } from '#shared/commands/expiry-service.ts';
import { DynamoAuditTrail } from '../adapters/dynamo/audit.ts';
import { DynamoCommandRepository } from '../adapters/dynamo/commands.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { SqsExpiryTimer } from '../adapters/sqs/expiry-timer.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';

export function wireExpiries(): ExpiryService {
  const client = documentClient();
  const commands = new DynamoCommandRepository(client, setting('COMMANDS_TABLE'));
  const trail = new DynamoAuditTrail(client, setting('AUDIT_TABLE'));
  const timer = new SqsExpiryTimer(new SQSClient({}), setting('COMMAND_EXPIRY_QUEUE_URL'));
  return new ExpiryService({ commands, timer, trail, clock: systemClock });
}
