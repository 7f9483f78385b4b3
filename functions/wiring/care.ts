import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AccountService } from '#shared/sharing/bookings/account-service.ts';
import type { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { type CardPorts, CardService } from '#shared/sharing/care/card-service.ts';
import type { CareBook } from '#shared/sharing/care/care-book.ts';
import type { Charges, Tasks } from '#shared/sharing/care/care-ports.ts';
import { CareUses } from '#shared/sharing/care/care-use.ts';
import { DamageService } from '#shared/sharing/care/damage-service.ts';
import { DirtService } from '#shared/sharing/care/dirt-service.ts';
import { ExpenseService } from '#shared/sharing/care/expense-service.ts';
import { BookingGrounding } from '#shared/sharing/care/grounding-service.ts';
import { LostService } from '#shared/sharing/care/lost-service.ts';
import { type OpeningPorts, OpeningService } from '#shared/sharing/care/opening-service.ts';
import type { Album } from '#shared/sharing/care/photo.ts';
import { PhotoDesk } from '#shared/sharing/care/photo-desk.ts';
import type { PhotoStore } from '#shared/sharing/care/photo-ports.ts';
import { PhotoService } from '#shared/sharing/care/photo-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import type { SharingSetup } from '#shared/sharing/setup/setup-repository.ts';
import type { TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { DynamoAllowance, DynamoCareBook } from '../adapters/dynamo/care-book.ts';
import { keptCare } from '../adapters/dynamo/care-item.ts';

export interface CareParts {
  readonly client: DynamoDBDocumentClient;
  /** The Care table. */
  readonly table: string;
  readonly store: PhotoStore;
  readonly pins: CardPorts['pins'];
  readonly orders: OpeningPorts['orders'];
  readonly charges: Charges;
  readonly tasks: Tasks;
  readonly bookings: BookingService;
  readonly accounts: AccountService;
  readonly trips: Pick<TripRepository, 'ofReservation' | 'ofVehicle'>;
  readonly door: SharingDoor;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly clock: Clock;
}

/** What the API's routes of care call. */
export function careServices({ client, table, store, pins, orders, bookings, accounts, trips, ...parts }: CareParts) {
  const { charges, tasks, door, setup, clock } = parts;
  const uses = new CareUses({ bookings, trips });
  const allowance = new DynamoAllowance(client, table);
  const albums: CareBook<Album> = new DynamoCareBook(client, table, keptCare.albums);
  const damageBook = new DynamoCareBook(client, table, keptCare.damages);
  const expenseBook = new DynamoCareBook(client, table, keptCare.expenses);
  const photos = new PhotoService({ albums, store, uses, clock });
  const damages = new DamageService({
    ...{ damages: damageBook, photos, uses, door, setup, charges, tasks, clock },
    grounding: new BookingGrounding(bookings, clock),
  });
  return {
    ...{ photos, damages },
    photoDesk: new PhotoDesk({ albums, photos, accounts, damages, door }),
    dirt: new DirtService({
      ...{ dirt: new DynamoCareBook(client, table, keptCare.dirt), uses, door, setup, charges, tasks, clock },
    }),
    lostItems: new LostService({ items: new DynamoCareBook(client, table, keptCare.items), uses, door, clock }),
    cards: new CardService({
      ...{ cards: new DynamoCareBook(client, table, keptCare.cards), pins, allowance, uses, door, clock },
    }),
    expenses: new ExpenseService({ expenses: expenseBook, photos, uses, door, setup, clock }),
    openings: new OpeningService({
      ...{ openings: new DynamoCareBook(client, table, keptCare.openings), bookings, uses, door, orders, allowance },
      clock,
    }),
  };
}
