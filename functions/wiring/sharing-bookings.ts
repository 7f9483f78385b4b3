import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { TripService } from '#shared/sharing/trips/trip-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripLog } from '../adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { SqsDueCalls } from '../adapters/sqs/due-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

/** What all functions of sharing have in common. */
export function sharingParts(client: DynamoDBDocumentClient) {
  const repository = new DynamoBookingRepository(client, setting('BOOKINGS_TABLE'));
  const table = setting('SHARING_TABLE');
  return {
    ...{ clock, repository, bookings: new BookingService({ bookings: repository, clock }) },
    setup: new DynamoSharingSetup(client, table),
    listings: new DynamoListingRepository(client, table),
    due: new SqsDueCalls(new SQSClient({}), setting('SHARING_DUE_QUEUE_URL')),
  };
}

export type SharingParts = ReturnType<typeof sharingParts>;

export function tripParts(client: DynamoDBDocumentClient, { setup, bookings, due }: SharingParts) {
  const log = new DynamoTripLog(client, setting('TRIPS_TABLE'));
  const trips = new DynamoTripRepository(client, setting('TRIPS_TABLE'));
  return { log, trips, tripService: new TripService({ ...{ setup, log, trips, due, clock }, bookings }) };
}
