import { createHash } from 'node:crypto';
import type { Caller } from '#shared/access/caller.ts';
import { FollowingService } from '#shared/partners/following-service.ts';
import { JournalService } from '#shared/partners/journal-service.ts';
import { LegService } from '#shared/partners/leg-service.ts';
import { OfferService } from '#shared/partners/offer-service.ts';
import { PackageReader } from '#shared/partners/package-reader.ts';
import { PackageService } from '#shared/partners/package-service.ts';
import type { Partner } from '#shared/partners/partner.ts';
import { PartnerCharges } from '#shared/partners/partner-charges.ts';
import { PartnerDoor } from '#shared/partners/partner-door.ts';
import { PartnerPayments } from '#shared/partners/partner-payments.ts';
import { PurchaseService } from '#shared/partners/purchase-service.ts';
import type { Traveller } from '#shared/partners/tomp/traveller.ts';
import { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import type { KeyService } from '#shared/sharing/bookings/key-service.ts';
import { KeptSetup } from '#shared/sharing/setup/kept-setup.ts';
import type { FleetVehicle, Operator } from '#shared/sharing/setup/system.ts';
import { anOperationId } from '../contract/samples.ts';
import { memoryBookings } from './memory-bookings.ts';
import { MemoryAccounts, MemoryOffers, MemoryPackages } from './memory-packages.ts';
import { MemoryPaymentBooks, MemoryTripLog, MemoryTrips } from './memory-trips.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem, sampleZones } from './sharing-city.ts';
import { CarLog, minute, TripScene } from './trip-scene.ts';

export const { systemId } = sampleSystem;

export function aPartner(clientId: string, changes: Partial<Partner> = {}): Partner {
  return { clientId, name: clientId, trusts: ['licence'], openPackages: 5, creditLimit: 100_000, ...changes };
}

export function caller(clientId: string): Caller {
  return { clientId, scopes: new Set(['book_for_customers']), brands: [] };
}

export function aTraveller(id: string, changes: Partial<NonNullable<Traveller['characteristics']>> = {}): Traveller {
  const licence = { licenseType: { licenseCode: 'B' }, endValidity: '2040-01-01' };
  return { type: 'traveller', id, characteristics: { isValidated: true, age: 30, licenses: [licence], ...changes } };
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** One vehicle, and partners whose customers want it; without tables. */
export class PartnerTown {
  readonly scene: TripScene;
  readonly accounts = new MemoryAccounts();
  readonly packages = new MemoryPackages();
  readonly purchases: PurchaseService;
  readonly offers: OfferService;
  readonly service: PackageService;
  readonly legs: LegService;
  readonly following: FollowingService;
  readonly reader: PackageReader;
  readonly journal: JournalService;
  readonly log: CarLog;
  readonly #partners: readonly Partner[];

  constructor(partners: readonly Partner[], speaks: FleetVehicle['speaks'] = 'operator') {
    this.#partners = partners;
    const stores = {
      ...{ bookings: memoryBookings(), trips: new MemoryTrips(), log: new MemoryTripLog() },
      books: new MemoryPaymentBooks(),
    };
    this.scene = new TripScene(
      stores,
      speaks,
      (persons, scene) => {
        const accounts = scene.fated(this.accounts);
        return new PartnerPayments({ persons, books: scene.books, accounts, setup: scene.setup });
      },
      ({ books }) => new PartnerCharges({ books, accounts: this.accounts }),
    );
    const { scene, packages } = this;
    const { clock, setup, bookings, trips, repository, payments } = scene;
    this.log = new CarLog(scene.vehicleId);
    const door = new PartnerDoor(setup);
    const search = {
      search: async () => ({
        items: [
          {
            ...{
              vehicleId: scene.vehicleId,
              operatorId: sampleOperator.operatorId,
              label: 'B-FL 1',
              type: electricCar,
            },
            ...{
              plan: samplePlan,
              place: { latitude: 52.52, longitude: 13.405 },
              distance: 10,
              seenAt: clock.now(),
              uses: 0,
            },
          },
        ],
      }),
    };
    const names = { of: async () => (vehicleId: string, uses: number) => `${vehicleId}-${uses}` };
    this.offers = new OfferService({ door, search, names, offers: new MemoryOffers(), clock, digest });
    this.reader = new PackageReader({ packages, bookings, trips, setup, clock });
    const kept = new KeptSetup(setup, clock);
    const holds = new HoldService({
      ...{ bookings: repository, service: bookings, setup: kept, clock },
      digest: (text) => Buffer.from(digest(text)).toString('base64url').slice(0, 16),
    });
    const reader = this.reader;
    this.purchases = new PurchaseService({
      ...{ door, offers: this.offers, packages, reader, bookings: repository, service: bookings, holds, setup, clock },
      digest,
    });
    const deposits = { service: bookings, setup, payments };
    this.service = new PackageService({ door, packages, reader, bookings, setup, deposits, clock });
    const keys: Pick<KeyService, 'issue'> = {
      issue: async () => {
        throw new Error('No keys here');
      },
    };
    const listings = { listing: async () => undefined };
    const ports = { service: this.service, packages, reader, bookings, keys, deposits, setup, listings, clock };
    this.legs = new LegService(ports);
    this.following = new FollowingService({ packages, reader, clock, pause: async () => {} });
    this.journal = new JournalService({ door, accounts: this.accounts, books: scene.books });
  }

  async open(): Promise<this> {
    await this.scene.open();
    const operator: Operator = { ...sampleOperator, partners: this.#partners };
    const { setup } = this.scene;
    if (!(await setup.addOperator(operator))) await setup.saveOperator({ ...operator, version: 2 }, 1);
    await this.scene.setup.saveZones(systemId, sampleZones);
    return this;
  }

  wait(minutes: number): void {
    this.scene.clock.advance(minutes * minute);
  }

  /** @returns the id of the one offer that there is */
  async offered(clientId: string): Promise<string> {
    const operationId = anOperationId();
    const request = { inputs: { specification: { from: 'GPS:13.405,52.52' } } };
    await this.offers.search(caller(clientId), systemId, request, { operationId, startedAt: this.scene.clock.now() });
    return `ofr-${operationId}-0`;
  }

  buy(clientId: string, offer: string, traveller: Traveller) {
    return this.purchases.purchase(caller(clientId), systemId, { inputs: { offer, travellers: [traveller] } });
  }

  async bought(clientId: string, traveller: Traveller) {
    return this.buy(clientId, await this.offered(clientId), traveller);
  }

  leg(clientId: string, operation: 'start' | 'pause' | 'resume' | 'end', leg: string, timestamp?: number) {
    const inputs = { leg, ...(timestamp !== undefined && { timestamp }) };
    return this.legs.operate(caller(clientId), systemId, operation, { inputs });
  }

  /** The vehicle's operator says what it did, of whoever has it. */
  async does(kind: 'started' | 'paused' | 'resumed' | 'ended'): Promise<void> {
    const { fence, assignment } = await this.scene.vehicle();
    if (assignment === undefined) return;
    this.log.drive(700);
    const line = this.log.line({ fence, reservationId: assignment.reservationId }, kind, this.scene.clock.now());
    await this.scene.logs.record(this.scene.vehicleId, [line]);
  }

  /** Streams and queues, up to their ends; then whoever follows is told. */
  async rest(): Promise<void> {
    await this.scene.rest();
    await this.following.follow(this.scene.vehicleId);
  }
}
