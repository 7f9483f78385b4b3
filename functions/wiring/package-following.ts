import { setTimeout } from 'node:timers/promises';
import { FollowingService } from '#shared/partners/following-service.ts';
import { PackageReader } from '#shared/partners/package-reader.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPackageRepository } from '../adapters/dynamo/packages.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wirePackageFollowing(): FollowingService {
  const client = documentClient();
  const packages = new DynamoPackageRepository(client, setting('PARTNERS_TABLE'));
  const bookings = new BookingService({
    bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')),
    clock,
  });
  const reader = new PackageReader({
    ...{ packages, bookings, clock, setup: new DynamoSharingSetup(client, setting('SHARING_TABLE')) },
    trips: new DynamoTripRepository(client, setting('TRIPS_TABLE')),
  });
  return new FollowingService({ packages, reader, clock, pause: (ms) => setTimeout(ms) });
}
