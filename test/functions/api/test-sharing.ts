import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { setupServices } from '#functions/wiring/sharing-setup.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharedFleetPorts } from '#shared/sharing/setup/shared-fleet-service.ts';
import { newTable } from '../../contract/engines.ts';

/** Sharing on real tables. */
export async function startSharing(
  engine: DynamoDBClient,
  clock: Clock,
  others: Pick<SharedFleetPorts, 'registry' | 'owners'> & { readonly brands: readonly Brand[] },
) {
  const client = documentClient(engine);
  const table = await newTable(engine);
  const setup = new DynamoSharingSetup(client, table);
  const listings = new DynamoListingRepository(client, table);
  const bookingRepository = new DynamoBookingRepository(client, await newTable(engine));
  const bookings = new BookingService({ bookings: bookingRepository, clock });
  return {
    ...{ setup, listings, bookings, bookingRepository },
    services: {
      search: new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), clock }),
      ...setupServices({ setup, listings, bookings, ...others }),
    },
  };
}
