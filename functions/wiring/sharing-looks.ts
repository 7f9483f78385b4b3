import { DueService } from '#shared/sharing/due/due-service.ts';
import { RecallService } from '#shared/sharing/trips/recall-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { CommandMessages } from '../adapters/channels/command-messages.ts';
import { TripOrderMessages } from '../adapters/channels/trip-order-messages.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { setting } from '../environment.ts';
import { deviceMessages } from './device-cloud.ts';
import { ledgerParts } from './ledger.ts';
import { wirePartnerCharges, wirePayments } from './payments.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';
import { contactService } from './sharing-contacts.ts';

export function wireSharingLooks(): DueService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { repository, bookings, setup, due, clock } = parts;
  const { trips } = tripParts(client, parts);
  const payments = wirePayments(client);
  const { ledger, charges } = ledgerParts({
    ...{ client, table: setting('LEDGER_TABLE'), setup, bookings: repository, payments, due, clock },
    partners: wirePartnerCharges(client),
  });
  const channel = new CommandMessages(deviceMessages(client));
  return new DueService({
    ...{ bookings, clock, calls: due },
    contacts: contactService(client, parts),
    settlements: new SettlementService({ trips, bookings: repository, payments, ledger, clock }),
    charges,
    recalls: new RecallService({ trips, bookings, orders: new TripOrderMessages(channel), due, clock }),
  });
}
