import { createHash, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoAssetListings } from '#functions/adapters/dynamo/asset-listings.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoPartnerFeeds } from '#functions/adapters/dynamo/partner-feeds.ts';
import { DynamoPartnerUses } from '#functions/adapters/dynamo/partner-uses.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { HttpGbfsFetcher } from '#functions/adapters/partners/gbfs-fetcher.ts';
import { TompDesk } from '#functions/adapters/partners/tomp-desk.ts';
import { feedReader, holdServices } from '#functions/wiring/partner-assets.ts';
import { reservationServices } from '#functions/wiring/reservations.ts';
import type { FeedState } from '#shared/partners/assets/feed-state.ts';
import { isFeedId, type PartnerFeed } from '#shared/partners/assets/partner-feed.ts';
import { PartnerTripDesk } from '#shared/partners/assets/partner-trip-desk.ts';
import type { PartnerLook } from '#shared/partners/assets/use-ports.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { ChangeService } from '#shared/sharing/changes/change-service.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import { LedgerService } from '#shared/sharing/ledger/ledger-service.ts';
import { balance } from '#shared/sharing/payments/payment-book.ts';
import { SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import { TripDesk } from '#shared/sharing/trips/trip-desk.ts';
import { newTable } from '../contract/engines.ts';
import { anOperationId } from '../contract/samples.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { ReferencePartner } from './reference-partner.ts';
import { sampleOperator, samplePlan, sampleSystem } from './sharing-city.ts';

const { systemId, operatorId } = sampleSystem;
const middle = { latitude: 52.5219, longitude: 13.4132 };
const minute = 60_000;

export const partnerFeed: PartnerFeed = {
  ...{ systemId, operatorId, feedId: feedId('nextwheel'), issuer: { name: 'Nextwheel GmbH', taxId: 'DE123456789' } },
  ...{ gbfsUrl: '', tompUrl: '', sealedToken: '', freshSeconds: 300, enabled: true, createdAt: 0, version: 1 },
  ...{ priceDueHours: 24, priceCap: 20_000 },
  shows: [{ assetTypeId: 's', vehicleTypeId: 'scooter' }],
};

function feedId(text: string) {
  if (!isFeedId(text)) throw new RangeError(text);
  return text;
}

/** A city of ours in which a partner's assets stand: real tables, a real partner on a socket, streams read at once. */
export class AssetTown {
  readonly clock = new ManualClock(Date.UTC(2026, 4, 31, 12));
  readonly partner: ReferencePartner;
  readonly feed: PartnerFeed;
  readonly looks: { readonly look: PartnerLook; readonly at: number }[] = [];
  readonly warnings: string[] = [];
  readonly parts: Awaited<ReturnType<typeof partsOf>>;

  private constructor(parts: Awaited<ReturnType<typeof partsOf>>, partner: ReferencePartner) {
    this.parts = parts;
    this.partner = partner;
    this.feed = { ...partnerFeed, gbfsUrl: partner.gbfsUrl, tompUrl: partner.tompUrl };
  }

  static async open(engine: DynamoDBClient): Promise<AssetTown> {
    const partner = await ReferencePartner.open();
    const town: { its?: AssetTown } = {};
    const clock = { now: () => town.its?.clock.now() ?? 0 };
    const parts = await partsOf(engine, clock, {
      call: async (look, at) => void town.its?.looks.push({ look, at }),
      warn: (_, what) => void town.its?.warnings.push(what),
      token: partner.token,
    });
    const its = new AssetTown(parts, partner);
    town.its = its;
    partner.now = () => its.clock.now();
    await parts.setup.addSystem({ ...sampleSystem, vehicleTypes: [...sampleSystem.vehicleTypes] });
    await parts.setup.addPlan(systemId, samplePlan);
    await parts.feeds.save(its.feed, undefined);
    return its;
  }

  close(): void {
    this.partner.close();
  }

  /** The partner's feed, now. */
  async read(): Promise<FeedState> {
    await this.parts.reader.read(this.feed);
    const state = await this.parts.feeds.state(this.feed);
    if (state === undefined) throw new Error('Nothing was read');
    return state;
  }

  async readLater(after = minute): Promise<FeedState> {
    this.clock.advance(after);
    return this.read();
  }

  /** What somebody finds in the middle of the city. */
  async found() {
    const { listings, setup, feeds } = this.parts;
    const cities = new CitySnapshots({ listings, setup, partners: feeds, clock: this.clock });
    const search = new SearchService({ cities, demand: { unmet: async () => {} }, clock: this.clock });
    return (await search.search(systemId, { near: middle, radius: 2_000 }, { limit: 100 })).items;
  }

  async finds(place = 0): Promise<string> {
    const vehicle = (await this.found()).filter(({ provider }) => provider !== undefined)[place];
    if (vehicle === undefined) throw new Error('Nothing is found');
    return vehicle.vehicleId;
  }

  async driver(paymentMethod = 'sandbox-card', licence?: Driver['licence']): Promise<Driver> {
    const driver: Driver = {
      ...{ operatorId, personId: randomUUID(), standing: 'verified', bornOn: '1990-01-01', paymentMethod },
      ...{ debt: 0, requests: [], version: 1, ...(licence !== undefined && { licence }) },
    };
    await this.parts.repository.save({ driver: { next: driver } });
    return driver;
  }

  async hold({ personId }: Driver, vehicleId: string, key = anOperationId()): Promise<ReservationId> {
    const operation = { operationId: anOperationId(), ownKey: key, startedAt: this.clock.now() };
    const held = await this.parts.assets.holds.hold({ operatorId, personId }, { vehicleId, key }, operation);
    return held.kind === 'held' ? held.assignment.reservationId : held.reservationId;
  }

  /** Everything that is due by now, and what follows from it. */
  async rest(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await this.streams();
      const index = this.looks.findIndex(({ at }) => at <= this.clock.now());
      if (index === -1) return;
      const [due] = this.looks.splice(index, 1);
      if (due !== undefined) await this.parts.assets.uses.look(due.look);
    }
  }

  async streams(): Promise<void> {
    const { stream, changes, due, settlement } = this.parts;
    for (let [change] = stream; change !== undefined; [change] = stream) {
      await changes.follow(...change);
      stream.shift();
    }
    for (let [one] = due; one !== undefined; [one] = due) {
      if (one.kind === 'settle') await settlement.settle(one);
      due.shift();
    }
  }

  async passes(minutes: number): Promise<void> {
    this.clock.advance(minutes * minute);
    await this.rest();
  }

  async vehicle(vehicleId: string): Promise<BookedVehicle> {
    const vehicle = await this.parts.repository.vehicle(vehicleId);
    if (vehicle === undefined) throw new Error('no such vehicle');
    return vehicle;
  }

  async trip({ personId }: Driver, reservationId: ReservationId) {
    return this.parts.trips.ofReservation(personId, reservationId);
  }

  async taken(reservationId: ReservationId): Promise<number> {
    const book = await this.parts.books.load(reservationId);
    return book === undefined ? 0 : balance(book);
  }
}

interface Outside {
  readonly call: (look: PartnerLook, at: number) => Promise<void>;
  readonly warn: (about: unknown, what: string) => void;
  readonly token: string;
}

async function partsOf(engine: DynamoDBClient, clock: { now(): number }, outside: Outside) {
  const client = documentClient(engine);
  const [sharing, bookings, partners] = [await newTable(engine), await newTable(engine), await newTable(engine)];
  const tripTable = await newTable(engine, 'trips');
  const setup = new DynamoSharingSetup(client, sharing);
  const listings = new DynamoListingRepository(client, sharing);
  const stream: [BookedVehicle | undefined, BookedVehicle][] = [];
  const repository = streamed(new DynamoBookingRepository(client, bookings), stream);
  const [trips, log] = [new DynamoTripRepository(client, tripTable), new DynamoTripLog(client, tripTable)];
  const books = new DynamoPaymentBooks(client, tripTable);
  const payments = new SandboxPayments({ books, clock, pause: async () => {} });
  const due: Due[] = [];
  const calls = { call: async (one: Due) => void due.push(one) };
  const issuer = async () => {
    throw new Error('A partner’s asset takes no key of ours');
  };
  const reservations = reservationServices({
    client,
    table: bookings,
    setup,
    trips,
    payments,
    issuer,
    clock,
    repository,
  });
  const feeds = new DynamoPartnerFeeds(client, partners);
  const rules = { allowLoopback: true };
  const seal = { seal: async (token: string) => token, open: async () => outside.token };
  const { bookings: service } = reservations;
  const parts = {
    ...{ setup, listings, log, trips, due: calls, payments, clock, reservations, feeds, bookings: service },
    uses: new DynamoPartnerUses(client, partners),
    desk: new TompDesk(rules, seal, 400),
    looks: { call: outside.call },
    warn: outside.warn,
    undecided: () => outside.warn(undefined, 'undecided'),
    digest,
  };
  const assets = holdServices(parts);
  const fetcher = new HttpGbfsFetcher(rules, 8_000);
  const reader = feedReader(parts, { fetcher, assets: new DynamoAssetListings(client, sharing), digest });
  const statements = { call: async () => {} };
  const changes = new ChangeService({
    ...{ listings, setup, trips: assets.tripService, due: calls, statements, clock },
    charges: { judge: async () => {} },
    moves: { keep: async () => {} },
    events: { announce: async () => {} },
  });
  const invoices = new MemoryLedger();
  const ledger = new LedgerService({ book: invoices, recipients: invoices, businesses: invoices, setup, clock });
  const settlement = new SettlementService({ trips, bookings: repository, payments, ledger, clock });
  const door = {
    operator: async () => sampleOperator,
    system: async () => sampleSystem,
    vehicle: async () => {
      throw new Error('Nobody asks for it here');
    },
  };
  const desk = new TripDesk({ trips, door, settlement, due: calls, clock });
  const partnerTrips = new PartnerTripDesk({ door, uses: parts.uses, trips });
  return {
    ...{
      desk,
      partnerTrips,
      bookings: service,
      setup,
      listings,
      feeds,
      repository,
      stream,
      trips,
      books,
      due,
      changes,
    },
    ...{ settlement, assets, reader },
  };
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** As the table's stream tells it. */
function streamed(inner: BookingRepository, stream: [BookedVehicle | undefined, BookedVehicle][]): BookingRepository {
  const told = async <T>(vehicleId: string | undefined, write: () => Promise<T>): Promise<T> => {
    const before = vehicleId === undefined ? undefined : await inner.vehicle(vehicleId);
    const outcome = await write();
    const after = vehicleId === undefined ? undefined : await inner.vehicle(vehicleId);
    if (after !== undefined && after.version !== before?.version) stream.push([before, after]);
    return outcome;
  };
  return {
    vehicle: (vehicleId) => inner.vehicle(vehicleId),
    driver: (...who) => inner.driver(...who),
    hold: (claim) => told(claim.vehicleId, () => inner.hold(claim)),
    save: (step) => told(step.vehicle?.next.vehicleId, () => inner.save(step)),
  };
}
