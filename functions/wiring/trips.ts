import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { MyTripService } from '#shared/sharing/trips/my-trip-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { TripDesk } from '#shared/sharing/trips/trip-desk.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { SqsDueCalls } from '../adapters/sqs/due-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { ledgerParts } from './ledger.ts';
import { ledgerServices } from './ledger-desk.ts';
import { wirePartnerCharges, wirePayments } from './payments.ts';

/** What the API's routes of trips call. */
export function tripServices(client: DynamoDBDocumentClient, queues: SQSClient) {
  const setup = new DynamoSharingSetup(client, setting('SHARING_TABLE'));
  const door = new SharingDoor(setup, brandsOf(setting('BRANDS')));
  const trips = new DynamoTripRepository(client, setting('TRIPS_TABLE'));
  const bookings = new DynamoBookingRepository(client, setting('BOOKINGS_TABLE'));
  const due = new SqsDueCalls(queues, setting('SHARING_DUE_QUEUE_URL'));
  const payments = wirePayments(client);
  const needs = { client, table: setting('LEDGER_TABLE'), setup, bookings, payments, due, clock };
  const partners = wirePartnerCharges(client);
  const parts = ledgerParts({ ...needs, partners });
  const { ledger } = parts;
  const settlement = new SettlementService({ trips, bookings, payments, ledger, clock });
  const myTrips = new MyTripService({ trips, bookings, setup, settlement, due, clock });
  return {
    myTrips,
    ...ledgerServices({ ...needs, parts, door, trips, settlement, myTrips }),
    tripDesk: new TripDesk({ trips, door, settlement, due, clock }),
  };
}
