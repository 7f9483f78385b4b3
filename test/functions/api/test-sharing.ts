import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { operatorReports } from '#functions/wiring/operator-reports.ts';
import { reservationServices } from '#functions/wiring/reservations.ts';
import { setupServices } from '#functions/wiring/sharing-setup.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Brand } from '#shared/registry/brand.ts';
import type { KeyIssuer } from '#shared/sharing/keys/key-signer.ts';
import type { StatementCall } from '#shared/sharing/keys/statement-service.ts';
import { SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharedFleetPorts } from '#shared/sharing/setup/shared-fleet-service.ts';
import { MyTripService } from '#shared/sharing/trips/my-trip-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { TripDesk } from '#shared/sharing/trips/trip-desk.ts';
import { newTable } from '../../contract/engines.ts';

/** A key such as KMS has. */
function localIssuer(): KeyIssuer {
  const signer = p256Signer(newP256Key().privateKeyPem);
  return { signer, key: { kid: signer.kid, spki: Buffer.from(signer.spki).toString('base64url') } };
}

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
  const [bookingsTable, tripsTable] = [await newTable(engine), await newTable(engine, 'trips')];
  const books = new DynamoPaymentBooks(client, tripsTable);
  const trips = new DynamoTripRepository(client, tripsTable);
  const payments = new SandboxPayments({ books, clock, pause: async () => {} });
  const issuer = localIssuer();
  const parts = { client, table: bookingsTable, setup, trips, payments, issuer: async () => issuer, clock };
  const reservations = reservationServices(parts);
  const { bookings } = reservations;
  const bookingRepository = new DynamoBookingRepository(client, bookingsTable);
  const settlement = new SettlementService({ trips, bookings: bookingRepository, payments, clock });
  const stated: StatementCall[] = [];
  const statements = { call: async (call: StatementCall) => void stated.push(call) };
  const wired = setupServices({ setup, listings, bookings, statements, ...others });
  const due = { call: async () => {} };
  const log = new DynamoTripLog(client, tripsTable);
  return {
    ...{ stated, setup, listings, log, bookings, bookingRepository, trips, payments, settlement, issuer },
    services: {
      ...reservations,
      search: new SearchService({ cities: new CitySnapshots({ listings, setup, clock }), clock }),
      ...wired,
      operatorReports: operatorReports({
        setup,
        bookings,
        listings,
        log,
        trips,
        due,
        clock,
        payments,
        door: wired.sharingDoor,
      }),
      myTrips: new MyTripService({ trips, bookings: bookingRepository, setup, settlement, due, clock }),
      tripDesk: new TripDesk({ trips, door: wired.sharingDoor, settlement, due, clock }),
    },
  };
}
