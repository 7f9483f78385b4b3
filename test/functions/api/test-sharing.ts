import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { setupServices } from '#functions/wiring/sharing-setup.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import { newTable } from '../../contract/engines.ts';

/** Sharing on real tables. */
export async function startSharing(engine: DynamoDBClient, clock: Clock, brands: readonly Brand[]) {
  const client = documentClient(engine);
  const table = await newTable(engine);
  const setup = new DynamoSharingSetup(client, table);
  const listings = new DynamoListingRepository(client, table);
  return {
    ...{ setup, listings },
    services: {
      search: new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), clock }),
      ...setupServices(setup, brands),
    },
  };
}
