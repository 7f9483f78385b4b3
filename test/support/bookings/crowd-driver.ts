import { createHash } from 'node:crypto';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import type { Assigned } from '#shared/sharing/bookings/reservation.ts';
import type { OperatorId, ReservationId } from '#shared/sharing/sharing-id.ts';
import { anOperationId } from '../../contract/samples.ts';
import { sampleOperator } from '../sharing-city.ts';
import { carSeen } from './crowd-sights.ts';
import { type CrowdWorld, rules } from './crowd-world.ts';
import { DisturbedTable } from './disturbed-table.ts';
import type { Answer, Asked } from './recorder.ts';

/** What somebody asks for who wants a car; asked again, it is the same request. */
export interface HoldAsked {
  readonly operation: 'hold';
  readonly car: string;
  readonly person: string;
  readonly operator: OperatorId;
  readonly key: string;
}

/** A process of the API through which people hold, extend, cancel and get keys, and which sweeps and is told to take back. */
export class CrowdDriver {
  readonly #world: CrowdWorld;
  readonly #table: DisturbedTable;
  readonly #born: string;
  #name: string;
  #deaths = 0;
  readonly #clock: { now: () => number };
  readonly #holds: HoldService;
  readonly #service: BookingService;

  constructor(world: CrowdWorld, name: string) {
    const { odds, random } = world.options;
    this.#world = world;
    this.#born = name;
    this.#name = name;
    this.#clock = world.clock();
    this.#table = new DisturbedTable(world.engine, odds, random, world.underWay);
    const bookings = world.bookings(this.#table.client);
    this.#service = new BookingService({ bookings, clock: this.#clock });
    const ports = { bookings, service: this.#service, setup: world.setup, clock: this.#clock };
    this.#holds = new HoldService({
      ...ports,
      digest: (text) => createHash('sha256').update(text).digest('base64url').slice(0, 16),
    });
  }

  /** @param open holds of which a former process never told what became of them: their people ask again */
  async run(open: readonly HoldAsked[] = []): Promise<void> {
    for (const asked of open) await this.#sends(asked);
    while (this.#world.goesOn()) {
      const { death } = this.#table;
      const isDead = await Promise.race([this.#one().then(() => false), death.then(() => true)]);
      if (!isDead) continue;
      // Somebody else goes on in its place, and knows nothing of what it was doing.
      this.#deaths += 1;
      this.#name = `${this.#born}.${this.#deaths}`;
      this.#table.reborn();
    }
    this.#table.close();
  }

  #one(): Promise<unknown> {
    const dice = this.#world.options.random();
    if (dice < 0.57) return this.#hold();
    if (dice < 0.68) return this.#key();
    if (dice < 0.77) return this.#extend();
    if (dice < 0.83) return this.#cancel();
    if (dice < 0.93) return this.#expire();

    if (dice < 0.94) return this.#forceEnd();
    return this.#look();
  }

  async #hold(): Promise<void> {
    const { people, cars, options } = this.#world;
    const [{ operatorId, personId }, car] = [this.#world.one(people), this.#world.one(cars)];
    const key = anOperationId();
    const asked = { operation: 'hold' as const, car, person: personId, operator: operatorId, key };
    const send = () => this.#sends(asked);
    // Delivered twice: at the same time, or one after the other, as by somebody who had no answer.
    const dice = options.random();
    if (dice < 0.05) await Promise.all([send(), send()]);
    else if ((await send())?.outcome === 'unknown' || dice < 0.1) await send();
  }

  #sends(asked: HoldAsked): Promise<Answer> {
    const { car, person: personId, operator: operatorId, key } = asked;
    return this.#ask(asked, async () => {
      const operation = { operationId: anOperationId(), startedAt: this.#clock.now() };
      const held = await this.#holds.hold({ operatorId, personId }, { vehicleId: car, key }, operation);
      if (held.kind === 'repeated') return { outcome: 'done', reservation: held.reservationId };
      const { reservationId: reservation, expiresAt } = held.assignment;
      this.#world.got({ personId, car, reservation });
      return { outcome: 'done', reservation, seen: [{ of: 'car', car, reservation, person: personId, expiresAt }] };
    });
  }

  #extend(): Promise<unknown> {
    const operationId = anOperationId();
    return this.#own('extend', (whose, reservation) => this.#service.extend(whose, reservation, rules, operationId));
  }

  async #key(): Promise<void> {
    await this.#own('key', async (whose, reservation) => {
      const vehicle = await this.#service.issueKey(whose, reservation);
      const { keyUntil = 0 } = vehicle.assignment;
      this.#world.keys.set(vehicle.vehicleId, { reservation, fence: vehicle.fence, until: keyUntil });
      return vehicle;
    });
  }

  async #own(
    operation: 'extend' | 'key',
    work: (
      whose: { readonly operatorId: OperatorId; readonly personId: string },
      reservation: ReservationId,
    ) => Promise<Assigned>,
  ): Promise<void> {
    const had = this.#world.someUse();
    if (had === undefined) return;
    const { personId, car, reservation } = had;
    const { operatorId } = sampleOperator;
    await this.#ask({ operation, car, person: personId, operator: operatorId, reservation }, async () => {
      const vehicle = await work({ operatorId, personId }, reservation);
      return { outcome: 'done', reservation, seen: [carSeen(vehicle, { moves: undefined })] };
    });
  }

  async #cancel(): Promise<void> {
    const had = this.#world.someUse();
    if (had === undefined) return;
    const { personId, car, reservation } = had;
    const { operatorId } = sampleOperator;
    await this.#ask({ operation: 'cancel', car, person: personId, operator: operatorId, reservation }, async () => {
      await this.#service.cancel({ operatorId, personId }, reservation);
      return { outcome: 'done', reservation };
    });
  }

  async #expire(): Promise<void> {
    const car = this.#world.one(this.#world.cars);
    await this.#ask({ operation: 'expire', car }, async () => {
      return (await this.#service.expire(car)) ? { outcome: 'done' } : { outcome: 'refused', reason: 'not-over' };
    });
  }

  async #forceEnd(): Promise<void> {
    const car = this.#world.one(this.#world.cars);
    await this.#ask({ operation: 'force-end', car }, async () => {
      const over = await this.#service.forceEnd(car);
      if (over === undefined) return { outcome: 'refused', reason: 'free' };
      return { outcome: 'done', reservation: over.assignment.reservationId };
    });
  }

  async #look(): Promise<void> {
    const car = this.#world.one(this.#world.cars);
    await this.#ask({ operation: 'read', car }, async () => {
      const vehicle = await this.#service.vehicle(car);
      return { outcome: 'done', seen: vehicle === undefined ? [] : [carSeen(vehicle)] };
    });
  }

  #ask(asked: Omit<Asked, 'client'>, work: () => Promise<Answer>) {
    const client = this.#name;
    return this.#world.ask({ client, ...asked }, this.#clock.now, this.#table, work);
  }
}
