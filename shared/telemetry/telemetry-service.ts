import type { Caller } from '../access/caller.ts';
import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { VehicleService } from '../registry/vehicle-service.ts';
import { maxBatchSpan } from '../vehicle-cloud/envelopes.ts';
import {
  type Bucket,
  bucketOf,
  bucketStart,
  byPlace,
  type Place,
  type PlacedReading,
  ReadingQueue,
} from './history.ts';
import type { LastReadings } from './last-known.ts';
import { mayRead, requireSignal } from './signal-rights.ts';
import type { TelemetryRepository } from './telemetry-repository.ts';

export interface TelemetryPorts {
  readonly vehicles: VehicleService;
  readonly telemetry: TelemetryRepository;
}

/** Readings of `path` in [from, to), or those after the place where the page before ended. */
export interface HistoryQuery {
  readonly path: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly limit: number;
  readonly after?: Place;
}

export interface HistoryPage<T> {
  readonly items: readonly T[];
  /** There may be more after this place. */
  readonly next?: Place;
}

/** So many messages are read for one page before it is handed over short, beside those of the hour before it begins. */
const messagesPerPage = 3000;

export class TelemetryService {
  readonly #ports: TelemetryPorts;

  constructor(ports: TelemetryPorts) {
    this.#ports = ports;
  }

  /**
   * @param paths those asked for by name, each of which the caller must be allowed to read; without them,
   *   whatever it is allowed to
   */
  async lastKnown(caller: Caller, vehicleId: VehicleId, paths?: readonly string[]): Promise<LastReadings> {
    for (const path of paths ?? []) requireSignal(caller, path);
    await this.#ports.vehicles.require(caller, vehicleId);
    const { readings } = await this.#ports.telemetry.loadLast(vehicleId);
    const asked = ([path]: readonly [string, unknown]) =>
      paths === undefined ? mayRead(caller, path) : paths.includes(path);
    return new Map([...readings].filter(asked).sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  async readings(caller: Caller, vehicleId: VehicleId, query: HistoryQuery): Promise<HistoryPage<PlacedReading>> {
    await this.#mayRead(caller, vehicleId, query.path);
    const items: PlacedReading[] = [];
    for await (const { readings, until } of this.#ordered(vehicleId, query)) {
      for (const reading of readings) items.push(reading);
      const last = items[query.limit - 1];
      if (items.length > query.limit && last !== undefined) {
        return { items: items.slice(0, query.limit), next: { time: last.time, sequence: last.sequence } };
      }
      if (until !== undefined) return { items, next: until };
    }
    return { items };
  }

  /** @param resolution length of a bucket in ms; buckets begin at multiples of it and are never empty */
  async buckets(
    caller: Caller,
    vehicleId: VehicleId,
    query: HistoryQuery,
    resolution: number,
  ): Promise<HistoryPage<Bucket>> {
    await this.#mayRead(caller, vehicleId, query.path);
    const items: Bucket[] = [];
    let open: [PlacedReading, ...PlacedReading[]] | undefined;
    for await (const { readings, until } of this.#ordered(vehicleId, query)) {
      for (const reading of readings) {
        const start = open === undefined ? undefined : bucketStart(open[0].time, resolution);
        if (open === undefined || start === undefined || bucketStart(reading.time, resolution) === start) {
          if (open === undefined) open = [reading];
          else open.push(reading);
          continue;
        }
        items.push(bucketOf(start, open));
        open = [reading];
        if (items.length === query.limit) return { items, next: beforeBucket(reading.time, resolution) };
      }
      // A page may end early, but only where a bucket does, and never without any progress.
      if (until !== undefined && items.length > 0)
        return { items, next: beforeBucket(open?.[0].time ?? until.time, resolution) };
    }
    if (open !== undefined) items.push(bucketOf(bucketStart(open[0].time, resolution), open));
    return { items };
  }

  async #mayRead(caller: Caller, vehicleId: VehicleId, path: string): Promise<void> {
    requireSignal(caller, path);
    await this.#ports.vehicles.require(caller, vehicleId);
  }

  /** The readings that the query asks for, in order. `until` says that enough was read, and how far. */
  async *#ordered(vehicleId: VehicleId, { path, from, to, after }: HistoryQuery) {
    const begin = after?.time ?? from;
    const wanted = (reading: PlacedReading) =>
      reading.time >= begin && reading.time < to && (after === undefined || byPlace(reading, after) > 0);
    const queue = new ReadingQueue(path);
    let messages = 0;
    for await (const batch of this.#ports.telemetry.history(vehicleId, begin - maxBatchSpan, to)) {
      const readings = queue.takeBefore(batch.start).filter(wanted);
      queue.add(batch);
      // A talkative vehicle's hour before may hold more than a page: reading it is no progress.
      if (batch.start > begin) messages += 1;
      const enough = messages >= messagesPerPage;
      yield { readings, until: enough ? { time: batch.start, sequence: -1 } : undefined };
    }
    yield { readings: queue.takeBefore(to).filter(wanted), until: undefined };
  }
}

function beforeBucket(time: Instant, resolution: number): Place {
  return { time: bucketStart(time, resolution), sequence: -1 };
}
