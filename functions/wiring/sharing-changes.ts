import { randomBytes } from 'node:crypto';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ChangeService } from '#shared/sharing/changes/change-service.ts';
import { MobilityBook } from '#shared/sharing/mobility-data/mobility-book.ts';
import { ChargeWatch } from '#shared/sharing/reports/charge-watch.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoMobilityRecords } from '../adapters/dynamo/mobility-book.ts';
import { BusSharingEvents } from '../adapters/event-bridge/sharing-events.ts';
import { keyedDigest } from '../adapters/node-crypto/keyed-digest.ts';
import { SqsStatementCalls } from '../adapters/sqs/statement-calls.ts';
import { setting } from '../environment.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';

export function wireSharingChanges(): ChangeService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { setup, bookings, listings, due, clock } = parts;
  return new ChangeService({
    ...{ setup, listings, due, clock, charges: new ChargeWatch({ setup, bookings }) },
    moves: new MobilityBook({
      ...{ listings, clock, newKey: () => randomBytes(32).toString('base64url') },
      records: new DynamoMobilityRecords(client, setting('TRIPS_TABLE'), keyedDigest),
    }),
    statements: new SqsStatementCalls(new SQSClient({}), setting('SHARING_STATEMENTS_QUEUE_URL')),
    events: new BusSharingEvents(new EventBridgeClient({}), setting('EVENT_BUS_NAME')),
    trips: tripParts(client, parts).tripService,
  });
}
