import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { brandsOf } from '#shared/registry/brand.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { Demand } from '#shared/sharing/field/demand.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';
import { DynamoBusinesses } from '../adapters/dynamo/businesses.ts';
import { DynamoDemandBook } from '../adapters/dynamo/field-demand.ts';
import { DynamoListingRepository } from '../adapters/dynamo/listings.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoSharingSetup } from '../adapters/dynamo/sharing-setup.ts';
import { DynamoTripRepository } from '../adapters/dynamo/trips.ts';
import { keyIssuer } from '../adapters/kms/key-issuer.ts';
import { kmsClient } from '../adapters/kms/kms-client.ts';
import { S3AssetNames } from '../adapters/s3/asset-names.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { SqsDueCalls } from '../adapters/sqs/due-calls.ts';
import { SqsStatementCalls } from '../adapters/sqs/statement-calls.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { fieldServices } from './field.ts';
import { wireOperatorReports } from './operator-reports.ts';
import { offerServices } from './partner-offers.ts';
import { partnerServices, partnerStores } from './partners.ts';
import { wirePaymentBooks, wirePayments } from './payments.ts';
import { registryPorts } from './registry.ts';
import { reservationServices } from './reservations.ts';
import { setupServices } from './sharing-setup.ts';

/** What the API's routes of sharing call. */
export function sharingServices(client: DynamoDBDocumentClient) {
  const [table, field] = [setting('SHARING_TABLE'), setting('FIELD_TABLE')];
  const setup = new DynamoSharingSetup(client, table);
  const listings = new DynamoListingRepository(client, table);
  const trips = new DynamoTripRepository(client, setting('TRIPS_TABLE'));
  const payments = wirePayments(client);
  const reservations = reservationServices({
    ...{ client, table: setting('BOOKINGS_TABLE'), setup, clock, trips, payments },
    businesses: new DynamoBusinesses(client, setting('LEDGER_TABLE')),
    issuer: keyIssuer(kmsClient(), setting('SHARING_KEY')),
  });
  const queues = new SQSClient({});
  const { kept: _, ...booking } = reservations;
  const demand = new Demand({ book: new DynamoDemandBook(client, field), clock });
  const operatorReports = wireOperatorReports(client);
  const setupParts = setupServices({
    ...{ setup, listings, bookings: reservations.bookings, brands: brandsOf(setting('BRANDS')) },
    registry: new VehicleService(registryPorts(client)),
    statements: new SqsStatementCalls(queues, setting('SHARING_STATEMENTS_QUEUE_URL')),
    owners: new DynamoOwnershipRepository(client, setting('OWNERSHIP_TABLE')),
  });
  const { sharingDoor: door, sharedFleet: fleet } = setupParts;
  const due = new SqsDueCalls(queues, setting('SHARING_DUE_QUEUE_URL'));
  const parts = { setup, listings, trips, due, reservations, payments, door };
  const { feeds, ...offered } = offerServices(client, queues, parts);
  const cities = new CitySnapshots({ listings, setup, partners: feeds, clock });
  const repository = new DynamoBookingRepository(client, setting('BOOKINGS_TABLE'));
  // What is another partner's is offered to persons alone.
  const search = new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), demand, clock });
  return {
    search: new SearchService({ cities, demand, clock }),
    ...partnerServices({
      ...{ stores: partnerStores(client, setting('PARTNERS_TABLE')), setup, listings, repository, search },
      ...{ trips, payments, books: wirePaymentBooks(client), clock, ...reservations, operators: door },
      names: new S3AssetNames(storageClient(), setting('FEEDS_BUCKET'), clock),
    }),
    ...{ ...booking, operatorReports, ...setupParts, ...offered },
    ...fieldServices({
      ...{ client, table: field, door, cities, fleet, setup, listings, clock },
      ...{ reports: operatorReports, bookings: reservations.bookings },
    }),
  };
}
