import { createHash, randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '#shared/kernel/clock.ts';
import { AccountService } from '#shared/sharing/bookings/account-service.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { ForcedEndService } from '#shared/sharing/bookings/forced-end-service.ts';
import { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import { type KeyPorts, KeyService } from '#shared/sharing/bookings/key-service.ts';
import { ReservationService } from '#shared/sharing/bookings/reservation-service.ts';
import type { MembershipBook } from '#shared/sharing/ledger/membership.ts';
import { KeptSetup } from '#shared/sharing/setup/kept-setup.ts';
import type { SharingSetup } from '#shared/sharing/setup/setup-repository.ts';
import type { TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { DynamoBookingRepository } from '../adapters/dynamo/bookings.ts';

export interface ReservationParts {
  readonly client: DynamoDBDocumentClient;
  /** The Bookings table. */
  readonly table: string;
  readonly setup: SharingSetup;
  readonly trips: Pick<TripRepository, 'ofReservation' | 'ofVehicle'>;
  readonly payments: KeyPorts['payments'];
  readonly issuer: KeyPorts['issuer'];
  /** Who may hold at the cost of a business; absent: nobody. */
  readonly businesses?: MembershipBook;
  readonly clock: Clock;
  /** Absent: the one of the table. */
  readonly repository?: BookingRepository;
}

/** What the API needs to hold vehicles, and to open them. */
export function reservationServices({
  client,
  table,
  setup,
  trips,
  payments,
  issuer,
  businesses,
  clock,
  ...more
}: ReservationParts) {
  const repository = more.repository ?? new DynamoBookingRepository(client, table);
  const kept = new KeptSetup(setup, clock);
  const payers = businesses === undefined ? {} : { businesses };
  const bookings = new BookingService({ bookings: repository, clock });
  return {
    ...{ bookings, kept },
    holds: new HoldService({ bookings: repository, service: bookings, setup: kept, clock, digest, ...payers }),
    forcedEnds: new ForcedEndService({ bookings, trips, clock }),
    reservations: new ReservationService({ service: bookings, setup: kept, operators: setup, trips, clock }),
    accounts: new AccountService({ bookings: repository, setup, clock }),
    keys: new KeyService({ service: bookings, setup: kept, payments, issuer, clock, newTokenId }),
  };
}

/** 96 bits of what a person sends with one of their eight newest requests. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function newTokenId(): string {
  return randomBytes(8).toString('hex');
}
