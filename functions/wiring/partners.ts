import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccountBooks } from '#shared/partners/account.ts';
import { AccountDesk } from '#shared/partners/account-desk.ts';
import type { AssetNames } from '#shared/partners/asset-names.ts';
import { JournalService } from '#shared/partners/journal-service.ts';
import { LegService } from '#shared/partners/leg-service.ts';
import { OfferService } from '#shared/partners/offer-service.ts';
import { PackageReader } from '#shared/partners/package-reader.ts';
import type { OfferRepository, PackageRepository } from '#shared/partners/package-repository.ts';
import { PackageService } from '#shared/partners/package-service.ts';
import { PartnerDoor } from '#shared/partners/partner-door.ts';
import { PurchaseService } from '#shared/partners/purchase-service.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import type { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import type { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import type { KeyService } from '#shared/sharing/bookings/key-service.ts';
import type { Payments } from '#shared/sharing/payments/payments.ts';
import type { PaymentBooks } from '#shared/sharing/payments/sandbox-payments.ts';
import type { ListingRepository } from '#shared/sharing/search/listing.ts';
import type { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import type { SetupRepository } from '#shared/sharing/setup/setup-repository.ts';
import type { TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { DynamoPackageRepository } from '../adapters/dynamo/packages.ts';
import { DynamoPartnerAccounts } from '../adapters/dynamo/partner-accounts.ts';
import { DynamoOfferRepository } from '../adapters/dynamo/partner-offers.ts';

/** Where what partners book is kept: the Partners table. */
export function partnerStores(client: DynamoDBDocumentClient, table: string) {
  return {
    packages: new DynamoPackageRepository(client, table),
    offers: new DynamoOfferRepository(client, table),
    accounts: new DynamoPartnerAccounts(client, table),
  };
}

export interface PartnerParts {
  readonly stores: {
    readonly packages: PackageRepository;
    readonly offers: OfferRepository;
    readonly accounts: AccountBooks;
  };
  readonly setup: SetupRepository;
  /** Whose operator it is. */
  readonly operators: Pick<SharingDoor, 'operator'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly repository: BookingRepository;
  readonly bookings: BookingService;
  readonly holds: HoldService;
  readonly keys: KeyService;
  readonly search: SearchService;
  readonly names: AssetNames;
  readonly trips: Pick<TripRepository, 'ofReservation'>;
  readonly payments: Payments;
  readonly books: Pick<PaymentBooks, 'load'>;
  readonly clock: Clock;
}

/** What the routes of partners call. */
export function partnerServices(parts: PartnerParts) {
  const { stores, setup, listings, repository, bookings, holds, keys, search, names, trips, payments, clock } = parts;
  const { operators, books } = parts;
  const { packages, accounts } = stores;
  const partnerDoor = new PartnerDoor(setup);
  const door = partnerDoor;
  const journal = new JournalService({ door, accounts, books });
  const offers = new OfferService({ door, search, names, offers: stores.offers, clock, digest });
  const packageReader = new PackageReader({ packages, bookings, trips, setup, clock });
  const deposits = { service: bookings, setup, payments };
  const reader = packageReader;
  const service = new PackageService({ door, packages, reader, bookings, setup, deposits, clock });
  return {
    ...{ partnerDoor, offers, packageReader, packages: service, plans: setup },
    purchases: new PurchaseService({
      ...{ door, offers, packages, reader, bookings: repository, service: bookings, holds, setup, clock, digest },
    }),
    legs: new LegService({ service, packages, reader, bookings, keys, deposits, setup, listings, clock }),
    journal,
    partnerAccounts: new AccountDesk({ door: operators, setup, journal, books, clock }),
  };
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
