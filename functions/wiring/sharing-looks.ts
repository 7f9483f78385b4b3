import { setTimeout as pause } from 'node:timers/promises';
import { DueService } from '#shared/sharing/due/due-service.ts';
import { SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPaymentBooks } from '../adapters/dynamo/sandbox-payments.ts';
import { setting } from '../environment.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';
import { contactService } from './sharing-contacts.ts';

export function wireSharingLooks(): DueService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { repository, bookings, due, clock } = parts;
  const books = new DynamoPaymentBooks(client, setting('TRIPS_TABLE'));
  return new DueService({
    ...{ bookings, clock, calls: due },
    contacts: contactService(client, parts),
    settlements: new SettlementService({
      ...{ trips: tripParts(client, parts).trips, bookings: repository, clock },
      payments: new SandboxPayments({ books, clock, pause: (ms) => pause(ms) }),
    }),
  });
}
