import { SQSClient } from '@aws-sdk/client-sqs';
import { StatementService } from '#shared/sharing/keys/statement-service.ts';
import { TwinKeyBoard } from '../adapters/channels/twin-key-board.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { keyIssuer } from '../adapters/kms/key-issuer.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { SqsStatementCalls } from '../adapters/sqs/statement-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { platformTwins } from './device-cloud.ts';

export function wireSharingStatements(): StatementService {
  const client = documentClient();
  return new StatementService({
    bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')),
    setup: new DynamoSharingSetup(client, setting('SHARING_TABLE')),
    issuer: keyIssuer(kmsClient(), setting('SHARING_KEY')),
    board: new TwinKeyBoard(platformTwins(client)),
    calls: new SqsStatementCalls(new SQSClient({}), setting('SHARING_STATEMENTS_QUEUE_URL')),
    clock,
  });
}
