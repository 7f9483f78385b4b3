import { DueService } from '#shared/sharing/due/due-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { wirePayments } from './payments.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';
import { contactService } from './sharing-contacts.ts';

export function wireSharingLooks(): DueService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { repository, bookings, due, clock } = parts;
  return new DueService({
    ...{ bookings, clock, calls: due },
    contacts: contactService(client, parts),
    settlements: new SettlementService({
      ...{ trips: tripParts(client, parts).trips, bookings: repository, clock },
      payments: wirePayments(client),
    }),
  });
}
