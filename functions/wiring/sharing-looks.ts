import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DueService } from '#shared/sharing/due/due-service.ts';
import { RecallService } from '#shared/sharing/trips/recall-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { MqttCommandChannel } from '../adapters/aws-iot/mqtt-command-channel.ts';
import { MqttTripOrders } from '../adapters/aws-iot/mqtt-trip-orders.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { setting } from '../environment.ts';
import { wirePayments } from './payments.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';
import { contactService } from './sharing-contacts.ts';

export function wireSharingLooks(): DueService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { repository, bookings, due, clock } = parts;
  const { trips } = tripParts(client, parts);
  const channel = new MqttCommandChannel(new IoTDataPlaneClient({}), ruleNames(setting('STAGE')));
  return new DueService({
    ...{ bookings, clock, calls: due },
    contacts: contactService(client, parts),
    settlements: new SettlementService({
      ...{ trips, bookings: repository, clock },
      payments: wirePayments(client),
    }),
    recalls: new RecallService({ trips, bookings, orders: new MqttTripOrders(channel), due, clock }),
  });
}
