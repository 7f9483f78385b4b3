import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import type { TripEvent, TripEventKind } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { CarLog, minute, type TripScene } from './trip-scene.ts';

/** What the car lets happen: it knows keys, and whom it admits; it does not know what the cloud thinks of it. */
interface Drive {
  readonly fence: number;
  readonly reservationId: ReservationId;
  readonly isPaused: boolean;
}

interface Key {
  readonly fence: number;
  readonly until: number;
  readonly reservationId: ReservationId;
}

/** One car, and people who want it; everything that can happen, in whichever order, to whoever is there. */
export class SharingTown {
  readonly scene: TripScene;
  readonly drivers: readonly Driver[];
  readonly log: CarLog;
  /** Lines that the cloud has not acknowledged. */
  #unheard: TripEvent[] = [];
  readonly #keys = new Map<string, Key>();
  #drive: Drive | undefined;
  #admits = 0;

  constructor(scene: TripScene, drivers: readonly Driver[]) {
    this.scene = scene;
    this.drivers = drivers;
    this.log = new CarLog(scene.vehicleId);
  }

  wait(minutes: number): void {
    this.scene.clock.advance(minutes * minute);
  }

  async hold(driver: Driver, billTo?: string): Promise<void> {
    await this.scene.hold(driver, billTo);
  }

  async key(driver: Driver): Promise<void> {
    const { scene } = this;
    const active = await this.#active(driver);
    if (active === undefined) return;
    await scene.key(driver, active);
    const { fence, assignment } = await scene.vehicle();
    if (assignment?.reservationId !== active || assignment.keyUntil === undefined) return;
    this.#keys.set(driver.personId, { fence, reservationId: active, until: assignment.keyUntil });
  }

  async cancel(driver: Driver): Promise<void> {
    const active = await this.#active(driver);
    if (active !== undefined) await this.scene.bookings.cancel(driver, active);
  }

  /** With whatever key they have, network or not. */
  start({ personId }: Driver): void {
    const key = this.#keys.get(personId);
    if (key === undefined || this.#drive !== undefined) return;
    if (key.fence < this.#admits || this.scene.clock.now() >= key.until) return;
    this.#drive = { ...key, isPaused: false };
    this.#note('started');
  }

  pauseOrResume(): void {
    if (this.#drive === undefined) return;
    const isPaused = !this.#drive.isPaused;
    this.#drive = { ...this.#drive, isPaused };
    this.#note(isPaused ? 'paused' : 'resumed');
  }

  end(kind: 'ended' | 'ended-by-operator' = 'ended'): void {
    if (this.#drive === undefined) return;
    this.#note(kind);
    this.#admits = this.#drive.fence + 1;
    this.#drive = undefined;
  }

  reboot(): void {
    this.log.reboot();
  }

  /** A statement of the cloud reaches a car that stands still, and is answered. */
  async stateFences(): Promise<void> {
    const { fence, assignment } = await this.scene.vehicle();
    if (this.#drive !== undefined || assignment !== undefined) return;
    this.#admits = fence + 1;
    await this.scene.bookings.admitted(this.scene.vehicleId, this.#admits);
  }

  /** Some of what is unheard, and something of what was heard; acknowledged only if the cloud says so. */
  async deliver(from: number, count: number): Promise<void> {
    const some = this.#unheard.slice(from % Math.max(1, this.#unheard.length)).slice(0, count);
    const old = this.log.lines.slice(from % Math.max(1, this.log.lines.length)).slice(0, 1);
    await this.scene.take(...some, ...old);
    this.#unheard = this.#unheard.filter((line) => !some.includes(line));
  }

  /** Everything has come everywhere, twice, and nothing is killed any more. */
  async quiet(): Promise<void> {
    this.scene.fate = () => 'go';
    for (let round = 0; round < 2; round++) {
      await this.scene.take(...this.log.lines.toReversed());
      await patiently(() => this.scene.rest());
    }
  }

  async trips(): Promise<readonly Trip[]> {
    const { items } = await this.scene.trips.ofVehicle(this.scene.vehicleId, { limit: 1_000 });
    return items;
  }

  async #active({ operatorId, personId }: Driver): Promise<ReservationId | undefined> {
    return (await this.scene.repository.driver(operatorId, personId))?.active?.reservationId;
  }

  #note(kind: TripEventKind): void {
    if (this.#drive === undefined) return;
    this.log.drive(700);
    this.#unheard.push(this.log.line(this.#drive, kind, this.scene.clock.now()));
  }
}

/** As a queue that brings its message again; a provider that loses answers gives each the second time. */
async function patiently(run: () => Promise<unknown>): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await run();
      return;
    } catch (error) {
      if (round === 20) throw error;
    }
  }
}
