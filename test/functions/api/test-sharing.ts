import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { DynamoBusinesses } from '#functions/adapters/dynamo/businesses.ts';
import { DynamoCareErasure } from '#functions/adapters/dynamo/care-erasure.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoDemandBook } from '#functions/adapters/dynamo/field-demand.ts';
import { LedgerStep } from '#functions/adapters/dynamo/ledger-erasure.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoPartnerFeeds } from '#functions/adapters/dynamo/partner-feeds.ts';
import { DynamoPartnerUses } from '#functions/adapters/dynamo/partner-uses.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { TompDesk } from '#functions/adapters/partners/tomp-desk.ts';
import { careServices } from '#functions/wiring/care.ts';
import { fieldServices } from '#functions/wiring/field.ts';
import { ledgerParts } from '#functions/wiring/ledger.ts';
import { ledgerServices } from '#functions/wiring/ledger-desk.ts';
import { mobilityServices } from '#functions/wiring/mobility-data.ts';
import { operatorReports } from '#functions/wiring/operator-reports.ts';
import { holdServices } from '#functions/wiring/partner-assets.ts';
import { partnerServices, partnerStores } from '#functions/wiring/partners.ts';
import { reservationServices } from '#functions/wiring/reservations.ts';
import { setupServices } from '#functions/wiring/sharing-setup.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { PartnerFeedService } from '#shared/partners/assets/partner-feed-service.ts';
import { PartnerTripDesk } from '#shared/partners/assets/partner-trip-desk.ts';
import { PartnerCharges } from '#shared/partners/partner-charges.ts';
import type { Brand } from '#shared/registry/brand.ts';
import type { ChargeOrder, TaskOrder } from '#shared/sharing/care/care-ports.ts';
import { Demand } from '#shared/sharing/field/demand.ts';
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
import { MemoryPhotoStore } from '../../support/memory-photos.ts';

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
  const ledgerTable = await newTable(engine);
  const businesses = new DynamoBusinesses(client, ledgerTable);
  const parts = {
    ...{ client, table: bookingsTable, setup, trips, payments, issuer: async () => issuer, businesses, clock },
  };
  const reservations = reservationServices(parts);
  const { bookings } = reservations;
  const bookingRepository = new DynamoBookingRepository(client, bookingsTable);
  const due = { call: async () => {} };
  const needs = { client, table: ledgerTable, setup, bookings: bookingRepository, payments, due, clock };
  const partners = await newTable(engine);
  const partnerBooks = partnerStores(client, partners);
  const ledger = ledgerParts({ ...needs, partners: new PartnerCharges({ books, accounts: partnerBooks.accounts }) });
  const settlement = new SettlementService({
    ...{ trips, bookings: bookingRepository, payments, ledger: ledger.ledger, clock },
  });
  const myTrips = new MyTripService({ trips, bookings: bookingRepository, setup, settlement, due, clock });
  const stated: StatementCall[] = [];
  const statements = { call: async (call: StatementCall) => void stated.push(call) };
  const wired = setupServices({ setup, listings, bookings, statements, ...others });
  const photos = new MemoryPhotoStore(clock);
  const charged: ChargeOrder[] = [];
  const ledgerFails = { next: false };
  const raised: TaskOrder[] = [];
  const opened: string[] = [];
  const careTable = await newTable(engine);
  const erasure = new DynamoCareErasure(client, careTable, photos);
  const care = careServices({
    ...{ client, table: careTable, store: photos, bookings, accounts: reservations.accounts, trips },
    ...{ door: wired.sharingDoor, setup, clock },
    pins: { seal: async (_, pin) => `sealed ${pin}`, open: async (_, sealed) => sealed.slice('sealed '.length) },
    orders: { open: async (vehicleId) => void opened.push(vehicleId) },
    charges: {
      async charge(order) {
        const fails = ledgerFails.next;
        ledgerFails.next = false;
        if (fails) throw new Error('The ledger does not answer');
        charged.push(order);
      },
      debtor: (of) => ledger.charges.debtor(of),
    },
    tasks: { raise: async (order) => void raised.push(order) },
  });
  const log = new DynamoTripLog(client, tripsTable);
  const { kept: _, ...booking } = reservations;
  const rules = { allowLoopback: true };
  const seal = { seal: async (token: string) => `sealed ${token.length}`, open: async () => 'a partner’s token' };
  const feeds = new DynamoPartnerFeeds(client, partners);
  const looks = { call: async () => {}, read: async () => {} };
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const uses = new DynamoPartnerUses(client, partners);
  const { holds, partnerReservations } = holdServices({
    ...{ setup, listings, log, trips, due, bookings, reservations, payments, feeds, looks, digest, clock },
    uses,
    desk: new TompDesk(rules, seal, 500),
    warn: () => {},
    undecided: () => {},
  });
  const partnerFeeds = new PartnerFeedService({
    ...{ feeds, setup, seal, clock, calls: looks, rules: { allowLoopback: false } },
    ...{ door: wired.sharingDoor, addresses: async () => [] },
  });
  const door = wired.sharingDoor;
  const cities = new CitySnapshots({ listings, setup, clock });
  const reports = operatorReports({ ...{ setup, bookings, listings, log, trips }, ...{ due, clock, payments, door } });
  const fieldTable = await newTable(engine);
  const demand = new DynamoDemandBook(client, fieldTable);
  const search = new SearchService({ cities, demand: new Demand({ book: demand, clock }), clock });
  return {
    ledgerErasure: new LedgerStep(client, { ledger: ledgerTable, sharing: table }),
    ...{ stated, setup, listings, log, bookings, bookingRepository, trips, payments, settlement, issuer },
    ...{ photos, charged, ledgerFails, raised, opened, erasure, partnerBooks },
    services: {
      ...{ ...booking, holds, partnerReservations, partnerFeeds },
      partnerTrips: new PartnerTripDesk({ door, uses, trips }),
      search,
      ...partnerServices({
        ...{ stores: partnerBooks, setup, listings, repository: bookingRepository, search },
        ...{ trips, payments, books, clock, ...reservations, operators: door },
        names: { of: async () => (vehicleId: string) => vehicleId },
      }),
      ...wired,
      operatorReports: reports,
      ...fieldServices({
        ...{
          client,
          table: fieldTable,
          door,
          cities,
          fleet: wired.sharedFleet,
          setup,
          listings,
          bookings,
          reports,
          clock,
        },
      }),
      ...care,
      ...mobilityServices({ client, sharingTable: table, tripsTable, door: wired.sharingDoor, clock }),
      myTrips,
      ...ledgerServices({ ...needs, parts: ledger, door: wired.sharingDoor, trips, settlement, myTrips }),
      tripDesk: new TripDesk({ trips, door: wired.sharingDoor, settlement, due, clock }),
    },
  };
}
