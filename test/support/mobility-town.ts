import { vehicleItemOf, vehicleOf } from '#functions/adapters/dynamo/booking-item.ts';
import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { heard, silent } from '#shared/sharing/bookings/contact.ts';
import { assignmentOf, held } from '#shared/sharing/bookings/hold.ts';
import { cancelled, expired, forcedEnd, keyed } from '#shared/sharing/bookings/reservation.ts';
import {
  chargeLow,
  chargeWell,
  enteredService,
  leftService,
  newcomer,
} from '#shared/sharing/bookings/service-state.ts';
import { chargingEnded, chargingStarted, ended, paused, resumed, started } from '#shared/sharing/bookings/use.ts';
import { MobilityBook } from '#shared/sharing/mobility-data/mobility-book.ts';
import { MobilityService } from '#shared/sharing/mobility-data/mobility-service.ts';
import { listed } from '#shared/sharing/search/listing.ts';
import type { VehicleStatus } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aClaim, aDriver } from './booking-samples.ts';
import type { ManualClock } from './manual-clock.ts';
import { MobilityMemory } from './mobility-memory.ts';
import { electricCar, sampleSystem } from './sharing-city.ts';

const lines = { started, paused, resumed, ended, chargingStarted, chargingEnded } as const;
export const townActs = [
  ...(['hold', 'hold', 'hold', 'key', 'cancel', 'expire', 'force', 'silent', 'heard', 'heard', 'report'] as const),
  ...(['low', 'well', 'in', 'in', 'out', 'maintain', 'maintained', 'kill'] as const),
  ...(['started', 'started', 'paused', 'resumed', 'ended', 'ended', 'chargingStarted', 'chargingEnded'] as const),
] as const;
export type TownAct = (typeof townActs)[number];

/** A few vehicles that live at random, and what their city is told of them. */
export class MobilityTown {
  readonly records = new MobilityMemory();
  readonly service: MobilityService;
  readonly vehicles: ReadonlyMap<string, BookedVehicle>;
  readonly trips: { vehicleId: string; start: number; end: number }[] = [];
  readonly secrets = new Set<string>();
  readonly #book: MobilityBook;
  readonly #clock: ManualClock;
  readonly #items = new Map<string, object>();
  readonly #seen = new Map<string, BookedVehicle>();
  readonly #statuses = new Map<string, VehicleStatus>();
  readonly #lines = new Map<string, { at: number; sequence: number; began?: number }>();
  /** What it did since then may not have been told. */
  readonly #aloneSince = new Map<string, number>();
  readonly #driver = aDriver();

  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.vehicles = this.#seen;
    const listings = {
      listing: async (_: unknown, vehicleId: string) => {
        const [vehicle, status] = [this.#seen.get(vehicleId), this.#statuses.get(vehicleId)];
        const booking = vehicle && listed(vehicle, { label: 'B-WS 100E' });
        return booking && { vehicleId, booking, ...(status !== undefined && { status }) };
      },
    };
    this.#book = new MobilityBook({ records: this.records, listings, newKey: () => 'the city’s own', clock });
    this.service = new MobilityService({
      ...{ records: this.records, listings, clock, digest: keyedDigest },
      trips: { load: async () => undefined },
      door: { systemForCity: async () => sampleSystem },
    });
  }

  /** @param lag ms by which what the vehicle logs is older than now, as far as its log can be */
  async live(number: number, act: TownAct, lag: number): Promise<void> {
    const vehicleId = `veh-${String(number).repeat(20)}`;
    this.secrets.add(vehicleId).add(this.#driver.personId).add('B-WS');
    const before = this.#seen.get(vehicleId) ?? newcomer({ ...sampleSystem, ...electricCar, vehicleId });
    if (act === 'report') return this.#report(vehicleId);
    if (act === 'kill') this.records.dies = true;
    const item = orRefused(() => this.#next(before, act, lag));
    if (item === undefined) return;
    // As it is read of the stream.
    const after = vehicleOf(JSON.parse(JSON.stringify(item)));
    this.#items.set(vehicleId, item);
    this.#seen.set(vehicleId, after);
    if (after.assignment !== undefined) this.secrets.add(after.assignment.reservationId);
    await this.#book.keep(after).catch(() => this.#book.keep(after));
    await this.#book.keep(after);
  }

  #next(vehicle: BookedVehicle, act: TownAct, lag: number): object | undefined {
    const next = this.#decided(vehicle, act, lag);
    return act === 'hold' ? this.#blindHold(vehicle, next) : next && vehicleItemOf(next);
  }

  #decided(vehicle: BookedVehicle, act: TownAct, lag: number): BookedVehicle | undefined {
    const { assignment } = vehicle;
    const now = this.#clock.now();
    const driver = this.#driver;
    switch (act) {
      case 'hold':
        return held(vehicle, driver, aClaim(vehicle, driver, { heldAt: now, expiresAt: now + 900_000 }))?.vehicle?.next;
      case 'key': {
        if (assignment === undefined) return undefined;
        const { reservationId, expiresAt: until } = assignment;
        const theirs = { ...driver, active: { reservationId, vehicleId: vehicle.vehicleId, until } };
        return keyed({ ...vehicle, assignment }, theirs, now).vehicle?.next;
      }
      case 'cancel':
        return assignment && cancelled({ ...vehicle, assignment }, now);
      case 'expire':
        return expired(vehicle, now);
      case 'force':
        return assignment && forcedEnd({ ...vehicle, assignment }, now);
      case 'silent':
        return silent(vehicle, this.#goneSince(vehicle, now - Math.min(lag, 300_000)), lag % 2_000 === 0);
      case 'heard':
        return heard(vehicle, now);
      case 'low':
        return chargeLow(vehicle, now);
      case 'well':
        return chargeWell(vehicle, now);
      case 'in':
        return enteredService(vehicle, vehicle, now);
      case 'out':
        return leftService(vehicle, 'service_end', now);
      case 'maintain':
        return leftService(vehicle, 'maintenance', now);
      case 'maintained':
        return leftService(vehicle, 'maintenance_end', now);
      case 'report':
      case 'kill':
        return undefined;
      default:
        return this.#logged(vehicle, act, lag);
    }
  }

  /** Whatever it logged before was told before. */
  #goneSince({ vehicleId }: BookedVehicle, since: number): number {
    const gone = Math.max(since, (this.#lines.get(vehicleId)?.at ?? 0) + 1);
    this.#aloneSince.set(vehicleId, gone);
    return gone;
  }

  /** A line of its log: after the one before it, and after the hold. */
  #logged(vehicle: BookedVehicle, kind: keyof typeof lines, lag: number): BookedVehicle | undefined {
    const { assignment, fence, vehicleId } = vehicle;
    if (assignment === undefined) return undefined;
    if (kind === 'started' && assignment.startedAt !== undefined) return undefined;
    if (kind !== 'started' && assignment.startedAt === undefined) return undefined;
    const now = this.#clock.now();
    const before = this.#lines.get(vehicleId) ?? { at: 0, sequence: 0 };
    const since = this.#aloneSince.get(vehicleId) ?? now - 2_000;
    const at = Math.max(now - lag, since, before.at + 1_000, assignment.heldAt + 1_000);
    if (at > now) return undefined;
    const began = kind === 'started' ? at : before.began;
    const sequence = before.sequence + 1;
    const where = { latitude: 52.4, longitude: Number((13.1 + (sequence % 1_000) / 10_000).toFixed(6)) };
    const line = { reservationId: assignment.reservationId, fence, at, readAt: now, position: { boot: 1, sequence } };
    const next = lines[kind](vehicle, sequence % 3 === 0 ? line : { ...line, where });
    this.#lines.set(vehicleId, { at, sequence, ...(began !== undefined && { began }) });
    if (kind === 'ended') this.#aloneSince.delete(vehicleId);
    if (kind === 'ended' && began !== undefined) this.trips.push({ vehicleId, start: began, end: at });
    return next;
  }

  /** What `vehicleHold` makes of the item, which it never reads. */
  #blindHold(vehicle: BookedVehicle, next: BookedVehicle | undefined): object | undefined {
    if (next === undefined) return undefined;
    const now = this.#clock.now();
    const claim = aClaim(vehicle, this.#driver, { heldAt: now, expiresAt: now + 900_000 });
    const item: Record<string, unknown> = { ...(this.#items.get(vehicle.vehicleId) ?? vehicleItemOf(vehicle)) };
    for (const gone of ['barredUntil', 'barredSince', 'chargeLow']) delete item[gone];
    const { fence, revision, version } = next;
    const holds = [...(Array.isArray(item['holds']) ? item['holds'] : []), now];
    return { ...item, state: 'reserved', assignment: assignmentOf(claim), fence, revision, version, moves: [], holds };
  }

  #report(vehicleId: string): void {
    const at = this.#clock.now();
    const sequence = (this.#statuses.get(vehicleId)?.sequence ?? 0) + 1;
    const place = { latitude: 52.5, longitude: Number((13.4 + sequence / 10_000).toFixed(6)) };
    this.#statuses.set(vehicleId, { boot: 1, sequence, at, place, charge: 61.4 });
  }
}

function orRefused<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Error && error.name === 'Failure') return undefined;
    throw error;
  }
}
