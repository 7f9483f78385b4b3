import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AccountService } from '#shared/sharing/bookings/account-service.ts';
import type { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { taskIdOf } from '#shared/sharing/field/task-id.ts';
import type { TaskDesk } from '#shared/sharing/field/task-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { CommandMessages } from '../adapters/channels/command-messages.ts';
import { OpeningMessages } from '../adapters/channels/opening-messages.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { KmsCardPins } from '../adapters/kms/card-pins.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { S3PhotoStore } from '../adapters/s3/photo-store.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsDueCalls } from '../adapters/sqs/due-calls.ts';
import { setting } from '../environment.ts';
import { careServices } from './care.ts';
import { systemClock as clock } from './clock.ts';
import { deviceMessages } from './device-cloud.ts';
import { ledgerParts } from './ledger.ts';
import { wirePartnerCharges, wirePayments } from './payments.ts';

interface Sharing {
  readonly bookings: BookingService;
  readonly accounts: AccountService;
  readonly sharingDoor: SharingDoor;
  readonly taskDesk: TaskDesk;
}

export function wireCare(client: DynamoDBDocumentClient, queues: SQSClient, sharing: Sharing) {
  const { bookings, accounts, sharingDoor: door, taskDesk } = sharing;
  const setup = new DynamoSharingSetup(client, setting('SHARING_TABLE'));
  const { charges } = ledgerParts({
    ...{ client, table: setting('LEDGER_TABLE'), setup, payments: wirePayments(client), clock },
    partners: wirePartnerCharges(client),
    bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')),
    due: new SqsDueCalls(queues, setting('SHARING_DUE_QUEUE_URL')),
  });
  return careServices({
    ...{ client, table: setting('CARE_TABLE'), bookings, accounts, door, clock },
    store: new S3PhotoStore(storageClient(), setting('PHOTOS_BUCKET')),
    pins: new KmsCardPins(kmsClient(), setting('CARD_KEY')),
    orders: new OpeningMessages(new CommandMessages(deviceMessages(client))),
    trips: new DynamoTripRepository(client, setting('TRIPS_TABLE')),
    setup,
    charges: { charge: async (order) => void (await charges.charge(order)), debtor: (of) => charges.debtor(of) },
    tasks: { raise: async (task) => void (await taskDesk.raise({ ...task, taskId: taskIdOf(task.taskId) })) },
  });
}
