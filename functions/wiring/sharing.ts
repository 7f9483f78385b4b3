import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { keyIssuer } from '../adapters/kms/key-issuer.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { SqsStatementCalls } from '../adapters/sqs/statement-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { wireOperatorReports } from './operator-reports.ts';
import { wirePayments } from './payments.ts';
import { registryPorts } from './registry.ts';
import { reservationServices } from './reservations.ts';
import { setupServices } from './sharing-setup.ts';

/** What the API's routes of sharing call. */
export function sharingServices(client: DynamoDBDocumentClient) {
  const table = setting('SHARING_TABLE');
  const setup = new DynamoSharingSetup(client, table);
  const listings = new DynamoListingRepository(client, table);
  const reservations = reservationServices({
    ...{ client, table: setting('BOOKINGS_TABLE'), setup, clock },
    trips: new DynamoTripRepository(client, setting('TRIPS_TABLE')),
    payments: wirePayments(client),
    issuer: keyIssuer(kmsClient(), setting('SHARING_KEY')),
  });
  return {
    search: new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), clock }),
    ...reservations,
    operatorReports: wireOperatorReports(client),
    ...setupServices({
      ...{ setup, listings, bookings: reservations.bookings, brands: brandsOf(setting('BRANDS')) },
      registry: new VehicleService(registryPorts(client)),
      statements: new SqsStatementCalls(new SQSClient({}), setting('SHARING_STATEMENTS_QUEUE_URL')),
      owners: new DynamoOwnershipRepository(client, setting('OWNERSHIP_TABLE')),
    }),
  };
}
