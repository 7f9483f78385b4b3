import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { ended, isPresent, isRead, type Logged, paused, resumed, started } from '#shared/sharing/bookings/use.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { carSeen } from './crowd-sights.ts';
import type { CrowdWorld } from './crowd-world.ts';
import { DisturbedTable } from './disturbed-table.ts';
import type { Answer, Asked } from './recorder.ts';

type Kind = 'start' | 'pause' | 'resume' | 'end';
const decisions = { start: started, pause: paused, resume: resumed, end: ended } as const;

interface Line extends Omit<Logged, 'readAt'> {
  readonly kind: Kind;
}

/** A car on the road: it admits, drives and logs by itself, and is heard when it has a line. */
interface Car {
  readonly vehicleId: string;
  minimumFence: number;
  use?: { readonly reservation: ReservationId; readonly fence: number; isDriving: boolean } | undefined;
  sequence: number;
  unheard: Line[];
  isOnline: boolean;
}

/** Some cars, and the process that takes in what they say. It may die as any other, and what was not taken in comes again. */
export class CrowdFleet {
  readonly #world: CrowdWorld;
  readonly #table: DisturbedTable;
  readonly #cars: readonly Car[];
  readonly #clock: { now: () => number };
  readonly #service: BookingService;

  constructor(world: CrowdWorld, vehicleIds: readonly string[]) {
    const { odds, random } = world.options;
    this.#world = world;
    this.#clock = world.clock();
    this.#table = new DisturbedTable(world.engine, odds, random, world.underWay);
    const bookings = world.bookings(this.#table.client);
    this.#service = new BookingService({ bookings, clock: this.#clock });
    this.#cars = vehicleIds.map((vehicleId) => {
      return { vehicleId, minimumFence: 1, sequence: 0, unheard: [], isOnline: true };
    });
  }

  async run(): Promise<void> {
    while (this.#world.goesOn()) {
      const { death } = this.#table;
      const isDead = await Promise.race([
        this.#one(this.#world.one(this.#cars)).then(() => false),
        death.then(() => true),
      ]);
      if (isDead) this.#table.reborn();
    }
    this.#table.close();
  }

  async #one(car: Car): Promise<unknown> {
    const dice = this.#world.options.random();
    if (car.isOnline && dice < 0.04) return this.#goesOffline(car);
    if (!car.isOnline && dice < 0.25) return this.#comesBack(car);
    this.#drives(car);
    const [line] = car.unheard;
    if (!car.isOnline) return undefined;
    if (line !== undefined) return this.#tells(car, line);
    return dice < 0.4 ? this.#takesInStatement(car) : undefined;
  }

  /** What happens on board, with or without a line. */
  #drives(car: Car): void {
    const dice = this.#world.options.random();
    if (car.use === undefined) {
      const key = this.#world.keys.get(car.vehicleId);
      const opens = key !== undefined && key.fence >= car.minimumFence && this.#clock.now() < key.until;
      if (key === undefined || !opens || dice < 0.3) return;
      car.use = { reservation: key.reservation, fence: key.fence, isDriving: true };
      this.#writes(car, 'start', car.use);
      return;
    }
    if (dice < 0.4) this.#ends(car, car.use);
    else if (dice > 0.8) {
      this.#writes(car, car.use.isDriving ? 'pause' : 'resume', car.use);
      car.use.isDriving = !car.use.isDriving;
    }
  }

  #ends(car: Car, use: NonNullable<Car['use']>): void {
    this.#writes(car, 'end', use);
    car.minimumFence = Math.max(car.minimumFence, use.fence + 1);
    car.use = undefined;
  }

  #writes(car: Car, kind: Kind, { reservation: reservationId, fence }: NonNullable<Car['use']>): void {
    car.sequence += 1;
    const position = { boot: 1, sequence: car.sequence };
    car.unheard.push({ kind, reservationId, fence, at: this.#clock.now(), position });
  }

  /** Lines are taken in in their order, and twice where nobody knows whether they were. */
  async #tells(car: Car, line: Line): Promise<void> {
    const asked = { operation: line.kind, car: car.vehicleId, reservation: line.reservationId };
    const answer = await this.#ask(asked, async () => {
      let after: BookedVehicle | undefined;
      let isTheirs = false;
      await this.#service.change(car.vehicleId, (vehicle) => {
        isTheirs = isPresent(vehicle, line);
        after = isRead(vehicle, line.position)
          ? undefined
          : decisions[line.kind](vehicle, { ...line, readAt: this.#clock.now() });
        return after;
      });
      if (after === undefined || !isTheirs) return { outcome: 'refused', reason: 'of no present use, or known' };
      return { outcome: 'done', seen: [carSeen(after)] };
    });
    if (answer.outcome !== 'unknown') car.unheard.shift();
  }

  /** The cloud says that nobody has it: it admits nobody before, and ends what it was driven for. */
  async #takesInStatement(car: Car): Promise<void> {
    const seen = await this.#service.vehicle(car.vehicleId).catch(() => undefined);
    if (seen === undefined || seen.assignment !== undefined || seen.admits > seen.fence) return;
    if (car.use !== undefined) {
      this.#ends(car, car.use);
      return;
    }
    car.minimumFence = Math.max(car.minimumFence, seen.fence + 1);
    const { minimumFence } = car;
    await this.#ask({ operation: 'admit', car: car.vehicleId }, () =>
      this.#changed(() => this.#service.admitted(car.vehicleId, minimumFence)),
    );
  }

  async #goesOffline(car: Car): Promise<void> {
    car.isOnline = false;
    const isQuiet = this.#world.options.random() < 0.5;
    await this.#ask({ operation: 'contact', car: car.vehicleId }, () =>
      this.#changed(() => this.#service.silent(car.vehicleId, this.#clock.now(), isQuiet)),
    );
  }

  async #comesBack(car: Car): Promise<void> {
    car.isOnline = true;
    await this.#ask({ operation: 'contact', car: car.vehicleId }, () =>
      this.#changed(() => this.#service.heard(car.vehicleId)),
    );
  }

  async #changed(work: () => Promise<boolean>): Promise<Answer> {
    return (await work()) ? { outcome: 'done' } : { outcome: 'refused', reason: 'nothing new' };
  }

  #ask(asked: Omit<Asked, 'client'>, work: () => Promise<Answer>) {
    const client = asked.car ?? '';
    return this.#world.ask({ client, ...asked }, this.#clock.now, this.#table, work);
  }
}
