import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { registryPorts } from './registry.ts';
import { setupServices } from './sharing-setup.ts';

/** What the API's routes of sharing call. */
export function sharingServices(client: DynamoDBDocumentClient) {
  const table = setting('SHARING_TABLE');
  const setup = new DynamoSharingSetup(client, table);
  const listings = new DynamoListingRepository(client, table);
  const bookings = new BookingService({
    bookings: new DynamoBookingRepository(client, setting('BOOKINGS_TABLE')),
    clock,
  });
  return {
    search: new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), clock }),
    ...setupServices({
      ...{ setup, listings, bookings, brands: brandsOf(setting('BRANDS')) },
      registry: new VehicleService(registryPorts(client)),
      owners: new DynamoOwnershipRepository(client, setting('OWNERSHIP_TABLE')),
    }),
  };
}
