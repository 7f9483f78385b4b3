import { randomUUID } from 'node:crypto';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import { BillService } from '#shared/sharing/ledger/bill-service.ts';
import { ChargeDesk } from '#shared/sharing/ledger/charge-desk.ts';
import { type ChargedPartners, ChargeService } from '#shared/sharing/ledger/charge-service.ts';
import { Debtors } from '#shared/sharing/ledger/debtors.ts';
import { LedgerService } from '#shared/sharing/ledger/ledger-service.ts';
import type { Payments } from '#shared/sharing/payments/payments.ts';
import { type PaymentBooks, SandboxPayments } from '#shared/sharing/payments/sandbox-payments.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import { type ReservationId, reservationIdOf } from '#shared/sharing/sharing-id.ts';
import { type LineReader, LogService } from '#shared/sharing/trips/log-service.ts';
import { MyTripService } from '#shared/sharing/trips/my-trip-service.ts';
import { SettlementService } from '#shared/sharing/trips/settlement-service.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import { TripDesk } from '#shared/sharing/trips/trip-desk.ts';
import type { TripLog, TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { TripService } from '#shared/sharing/trips/trip-service.ts';
import type { TripEvent, TripEventKind } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { anOperationId, aVehicleId } from '../contract/samples.ts';
import { ManualClock } from './manual-clock.ts';
import { memoryBookings } from './memory-bookings.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemorySharingSetup } from './memory-sharing-setup.ts';
import { MemoryPaymentBooks, MemoryTripLog, MemoryTrips } from './memory-trips.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem } from './sharing-city.ts';

export const minute = 60_000;
export const noon = Date.UTC(2026, 4, 31, 12);
const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const { vehicleTypeId } = electricCar;

/** In memory, what a test reads is JSON, and a line's signature is whether it says so. */
const readJson: LineReader = (line) => {
  const { isForged, ...event }: TripEvent & { isForged?: true } = JSON.parse(line);
  return isForged ? { kind: 'refused', reason: 'bad-signature' } : { kind: 'read', event };
};

/** Where everything is kept. */
export interface TripStores {
  readonly bookings: BookingRepository;
  readonly trips: TripRepository;
  readonly log: TripLog;
  readonly books: PaymentBooks;
}

export function inMemory(): TripStores {
  const [trips, log, books] = [new MemoryTrips(), new MemoryTripLog(), new MemoryPaymentBooks()];
  return { bookings: memoryBookings(), trips, log, books };
}

const noPartners: ChargedPartners = {
  payerOf: async () => undefined,
  async enter() {
    throw new Error('There are no partners');
  },
};

/** What becomes of a call: its process may be killed before it reached anything, or after, so that nobody heard of it. */
export type Fate = 'go' | 'killed-before' | 'killed-after';

/** One car, whoever wants it, and what became of its uses; without tables, its stream and its queues read at once. */
export class TripScene {
  readonly clock = new ManualClock(noon);
  readonly vehicleId = aVehicleId();
  /** Of the next call of any port. */
  fate: () => Fate = () => 'go';
  readonly trips: TripRepository;
  readonly log: TripLog;
  readonly books: PaymentBooks;
  readonly refused: { readonly line: string; readonly reason: string }[] = [];
  readonly stream: [before: BookedVehicle | undefined, after: BookedVehicle][] = [];
  readonly due: Due[] = [];
  readonly repository: BookingRepository;
  readonly bookings: BookingService;
  readonly payments: Payments;
  readonly records: TripService;
  readonly logs: LogService;
  readonly settlement: SettlementService;
  readonly mine: MyTripService;
  readonly desk: TripDesk;
  readonly ledgerBook = new MemoryLedger();
  readonly ledger: LedgerService;
  readonly bills: BillService;
  readonly charges: ChargeService;
  readonly chargeDesk: ChargeDesk;
  readonly setup = new MemorySharingSetup();
  readonly #fleetVehicle: FleetVehicle;

  /** @param pays who pays, where it is not persons alone */
  constructor(
    stores: TripStores = inMemory(),
    speaks: FleetVehicle['speaks'] = 'device',
    pays: (persons: Payments, scene: TripScene) => Payments = (persons) => persons,
    charged: (scene: TripScene) => ChargedPartners = () => noPartners,
  ) {
    this.#fleetVehicle = {
      ...{ vehicleId: this.vehicleId, systemId, operatorId, vehicleTypeId, label: 'B-FL 1', speaks, version: 1 },
      ...(speaks === 'device' && { logKey: 'its key' }),
    };
    const { clock } = this;
    const [trips, log] = [this.fated(stores.trips), this.fated(stores.log)];
    this.trips = trips;
    this.log = log;
    this.books = this.fated(stores.books);
    const setup = this.setup;
    this.repository = this.fated(this.#streamed(stores.bookings));
    const bookings = new BookingService({ bookings: this.repository, clock });
    this.bookings = bookings;
    const sandbox = new SandboxPayments({ books: this.books, clock, pause: async () => {} });
    this.payments = this.fated(pays(sandbox, this));
    const due = { call: async (one: Due) => void this.due.push(one) };
    this.records = new TripService({ setup, bookings, log, trips, due, clock });
    const refuse = async (_: string, line: string, reason: string) => void this.refused.push({ line, reason });
    this.logs = new LogService({ setup, bookings, log, trips: this.records, read: readJson, refuse, clock });
    const books = this.fated(this.ledgerBook);
    const ledger = new LedgerService({ book: books, recipients: books, businesses: books, setup, clock });
    this.ledger = ledger;
    this.bills = new BillService({ book: books, trips, charges: books, bookings: this.repository, setup });
    const settlement = new SettlementService({
      ...{ trips, bookings: this.repository, payments: this.payments, ledger, clock },
    });
    this.settlement = settlement;
    const debtors = new Debtors({ bookings: this.repository, businesses: books });
    const ofCharges = { charges: books, debtors, setup, due, clock };
    const partners = this.fated(charged(this));
    this.charges = new ChargeService({ ...ofCharges, payments: this.payments, partners, ledger });
    this.mine = new MyTripService({ trips, bookings: this.repository, setup, settlement, due, clock });
    const door = { operator: async () => sampleOperator, vehicle: async () => this.#fleetVehicle };
    this.chargeDesk = new ChargeDesk({ ...ofCharges, trips, service: this.charges, door });
    this.desk = new TripDesk({ trips, door, settlement, due, clock });
  }

  async open(): Promise<this> {
    await this.setup.addOperator(sampleOperator);
    await this.setup.addSystem(sampleSystem);
    await this.setup.addPlan(systemId, samplePlan);
    await this.setup.addVehicle(this.#fleetVehicle);
    await this.bookings.enterService(this.#fleetVehicle);
    return this;
  }

  async driver(paymentMethod = 'sandbox-card', personId: string = randomUUID()): Promise<Driver> {
    const driver: Driver = {
      ...{ operatorId, personId, standing: 'verified', bornOn: '1990-01-01', paymentMethod },
      ...{ licence: { classes: ['B'], validUntil: '2040-01-01' }, debt: 0, requests: [], version: 1 },
    };
    await this.repository.save({ driver: { next: driver } });
    return driver;
  }

  /** For 15 minutes from now. @param billTo the business that pays */
  async hold({ personId }: Driver, billTo?: string): Promise<ReservationId> {
    const heldAt = this.clock.now();
    const reservationId = reservationIdOf(anOperationId(), heldAt);
    const outcome = await this.repository.hold({
      ...{ vehicleId: this.vehicleId, operatorId, personId, systemId, vehicleTypeId },
      request: { key: anOperationId().slice(0, 16), fingerprint: 'f', reservationId },
      ...{ heldAt, expiresAt: heldAt + 15 * minute, planId: samplePlan.planId, planVersion: 1, today: '2026-05-31' },
      ...(billTo !== undefined && { billTo }),
    });
    if (outcome.kind !== 'held') throw new Error(outcome.kind);
    return reservationId;
  }

  /** As a person gets one: the payment is authorized before, unless a business pays. */
  async key(driver: Driver, reservationId: ReservationId): Promise<void> {
    const { personId, paymentMethod = '' } = driver;
    if ((await this.vehicle()).assignment?.billTo === undefined) {
      const { kind } = await this.payments.authorize(reservationId, depositOf(samplePlan), 'EUR', paymentMethod);
      if (kind === 'declined') throw new Error('declined');
    }
    await this.bookings.issueKey({ operatorId, personId }, reservationId);
  }

  /** Whoever reads the stream, up to its end. */
  async read(): Promise<void> {
    for (let [change] = this.stream; change !== undefined; [change] = this.stream) {
      await this.records.changed(...change);
      this.stream.shift();
    }
  }

  /** The stream and whatever is due, up to their ends. */
  async rest(): Promise<void> {
    await this.read();
    for (let [due] = this.due; due !== undefined; [due] = this.due) {
      if (due.kind === 'settle') await this.settlement.settle(due);
      if (due.kind === 'charge') await this.charges.settle(due.chargeId);
      this.due.shift();
    }
  }

  async take(...events: readonly TripEvent[]): Promise<void> {
    await this.logs.take(
      this.vehicleId,
      events.map((event) => JSON.stringify(event)),
    );
  }

  async vehicle(): Promise<BookedVehicle> {
    const vehicle = await this.repository.vehicle(this.vehicleId);
    if (vehicle === undefined) throw new Error('no vehicle');
    return vehicle;
  }

  async trip(fence: number): Promise<Trip> {
    const trip = await this.trips.load({ vehicleId: this.vehicleId, fence });
    if (trip === undefined) throw new Error('no trip');
    return trip;
  }

  /** A port whose calls have their fate. */
  fated<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          const fate = this.fate();
          if (fate === 'killed-before') throw new Error('killed');
          const answer: unknown = await method.apply(target, args);
          if (fate === 'killed-after') throw new Error('killed');
          return answer;
        };
      },
    });
  }

  #streamed(inner: BookingRepository): BookingRepository {
    const told = async (write: () => Promise<boolean>) => {
      const before = await inner.vehicle(this.vehicleId);
      const isWritten = await write();
      const after = await inner.vehicle(this.vehicleId);
      if (isWritten && after !== undefined && after.version !== before?.version) this.stream.push([before, after]);
    };
    return {
      vehicle: (vehicleId) => inner.vehicle(vehicleId),
      driver: (...who) => inner.driver(...who),
      async hold(claim) {
        let outcome: Awaited<ReturnType<BookingRepository['hold']>> = { kind: 'refused', half: 'vehicle' };
        await told(async () => {
          outcome = await inner.hold(claim);
          return outcome.kind === 'held';
        });
        return outcome;
      },
      async save(step) {
        let isSaved = false;
        await told(async () => {
          isSaved = await inner.save(step);
          return isSaved;
        });
        return isSaved;
      },
    };
  }
}

/** The log of a car, line by line, each after the one before. */
export class CarLog {
  readonly lines: TripEvent[] = [];
  #boot = 1;
  #sequence = 0;
  #odometer = 10_000_000;

  readonly vehicleId: string;

  constructor(vehicleId: string) {
    this.vehicleId = vehicleId;
  }

  reboot(): void {
    this.#boot += 1;
    this.#sequence = 0;
  }

  drive(metres: number): void {
    this.#odometer += metres;
  }

  line(of: Pick<TripEvent, 'fence' | 'reservationId'>, kind: TripEventKind, at: number, charge = 80): TripEvent {
    const before = this.lines.at(-1);
    this.#sequence += 1;
    const line: TripEvent = {
      ...{ vehicleId: this.vehicleId, fence: of.fence, reservationId: of.reservationId },
      ...{ boot: this.#boot, sequence: this.#sequence, at, kind, odometer: this.#odometer, charge },
      ...(before !== undefined && { after: { boot: before.boot, sequence: before.sequence } }),
    };
    this.lines.push(line);
    return line;
  }
}
