import { setTimeout as pause } from 'node:timers/promises';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DueService } from '#shared/sharing/due/due-service.ts';
import { StatementService } from '#shared/sharing/keys/statement-service.ts';
import { SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { ShadowKeyBoard } from '../adapters/aws-iot/shadow-key-board.ts';
import { ShadowTwinRepository } from '../adapters/aws-iot/shadow-twins.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPaymentBooks } from '../adapters/dynamo/sandbox-payments.ts';
import { keyIssuer } from '../adapters/kms/key-issuer.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { setting } from '../environment.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';
import { contactService } from './sharing-contacts.ts';

export function wireSharingLooks(): DueService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { repository, bookings, setup, due, clock } = parts;
  const books = new DynamoPaymentBooks(client, setting('TRIPS_TABLE'));
  return new DueService({
    ...{ bookings, clock, calls: due, fleet: setup },
    contacts: contactService(client, parts),
    statements: new StatementService({
      ...{ bookings: repository, setup, clock, issuer: keyIssuer(kmsClient(), setting('SHARING_KEY')) },
      board: new ShadowKeyBoard(new ShadowTwinRepository(new IoTDataPlaneClient({}))),
    }),
    settlements: new SettlementService({
      ...{ trips: tripParts(client, parts).trips, bookings: repository, clock },
      payments: new SandboxPayments({ books, clock, pause: (ms) => pause(ms) }),
    }),
  });
}
