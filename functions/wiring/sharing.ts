import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { setupServices } from './sharing-setup.ts';

/** What the API's routes of sharing call. */
export function sharingServices(client: DynamoDBDocumentClient) {
  const table = setting('SHARING_TABLE');
  const setup = new DynamoSharingSetup(client, table);
  const cities = new CitySnapshots({ listings: new DynamoListingRepository(client, table), setup, clock });
  return { search: new SearchService({ cities, clock }), ...setupServices(setup, brandsOf(setting('BRANDS'))) };
}
