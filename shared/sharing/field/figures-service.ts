import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { CitySnapshots } from '../search/city-snapshots.ts';
import type { City } from '../search/near.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SystemId } from '../sharing-id.ts';
import { zoneAt } from '../zones/rule-at.ts';
import type { Place } from '../zones/zone.ts';
import { placeOf } from './cell.ts';
import type { DemandBook } from './demand.ts';
import type { FigureBook } from './figure-book.ts';
import { dayOf, hourOf } from './local-hour.ts';
import { added, type Counted, hoursOf, type Slot, type Tally } from './tally.ts';
import { countedUpTo, isHad, type VehicleWatch } from './watch.ts';

export interface FigureQuery {
  /** The hours, or days, that begin from then on. */
  readonly from: Instant;
  readonly to: Instant;
  readonly by: 'hour' | 'day';
  readonly zoneId?: string;
}

/** What was counted in one hour, or day, in one zone. */
export interface FigureRow {
  readonly from: Instant;
  readonly to: Instant;
  /** Absent: outside all zones. */
  readonly zoneId?: string;
  readonly tally: Tally;
  readonly unmet: number;
}

export interface FigurePorts {
  readonly door: Pick<SharingDoor, 'system'>;
  readonly book: Pick<FigureBook, 'counts' | 'watches'>;
  readonly demand: Pick<DemandBook, 'unmet'>;
  readonly cities: Pick<CitySnapshots, 'city'>;
  readonly clock: Clock;
}

const day = 86_400_000;
/** Days in one question: of more the answer would not fit. */
export const longest = { hour: 31, day: 93 } as const;

/** How a city is used, and what comes of it: by what was counted as it happened, and what goes on now. */
export class FiguresService {
  readonly #ports: FigurePorts;

  constructor(ports: FigurePorts) {
    this.#ports = ports;
  }

  /** In the order of time and zones. @throws Failure `period-not-usable` */
  async of(caller: Caller, systemId: SystemId, query: FigureQuery) {
    const { door, book, demand, cities, clock } = this.#ports;
    const system = await door.system(caller, systemId);
    requireUsable(query);
    const { timeZone, currency } = system;
    const begins = query.by === 'hour' ? hourOf : dayOf;
    const [from, to] = [begins(timeZone, query.from), query.to];
    const now = clock.now();
    const [counts, watches, unmet, city] = await Promise.all([
      book.counts(systemId, from, to),
      book.watches(systemId),
      demand.unmet(systemId, from, to),
      cities.city(systemId),
    ]);
    const places = new Map([...(city?.listings ?? [])].map(({ vehicleId, status }) => [vehicleId, status?.place]));
    const open = watches.flatMap((watch) =>
      openOf(watch, zoneIn(city, places.get(watch.vehicleId), now), Math.min(now, to)),
    );
    const running = open.flatMap((span) => hoursOf(timeZone, span)).filter(({ hour }) => hour >= from && hour < to);
    const rows = new Rows((at) => begins(timeZone, at), query.zoneId);
    for (const one of [...counts, ...running]) rows.add(one, 0);
    for (const { hour, cell, searches } of unmet) {
      const zoneId = zoneIn(city, placeOf(cell), hour);
      const local = hourOf(timeZone, hour);
      rows.add({ hour: local, tally: {}, ...(zoneId !== undefined && { zoneId }) }, searches);
    }
    return { timeZone, currency, rows: rows.sorted(query.by) };
  }
}

class Rows {
  readonly #rows = new Map<string, { readonly slot: Slot; tally: Tally; unmet: number }>();
  readonly #begins: (at: Instant) => Instant;
  readonly #zoneId: string | undefined;

  constructor(begins: (at: Instant) => Instant, zoneId: string | undefined) {
    this.#begins = begins;
    this.#zoneId = zoneId;
  }

  add({ hour, zoneId, tally }: Counted, unmet: number): void {
    if (this.#zoneId !== undefined && zoneId !== this.#zoneId) return;
    const begun = this.#begins(hour);
    const name = `${begun} ${zoneId ?? ''}`;
    const row = this.#rows.get(name) ?? {
      slot: { hour: begun, ...(zoneId !== undefined && { zoneId }) },
      tally: {},
      unmet: 0,
    };
    row.tally = added(row.tally, tally);
    row.unmet += unmet;
    this.#rows.set(name, row);
  }

  sorted(by: FigureQuery['by']): readonly FigureRow[] {
    const rows = [...this.#rows.values()].map(({ slot: { hour, zoneId }, tally, unmet }): FigureRow => {
      // Into the next day, however long this one is.
      const to = by === 'day' ? this.#begins(hour + 26 * 3_600_000) : hour + 3_600_000;
      return { from: hour, to, ...(zoneId !== undefined && { zoneId }), tally, unmet };
    });
    return rows.toSorted((one, other) => one.from - other.from || order(one.zoneId ?? '', other.zoneId ?? ''));
  }
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** What goes on, and is not written down before something happens. */
function openOf(watch: VehicleWatch, here: string | undefined, until: Instant) {
  return countedUpTo(watch, until, isHad(watch.use) ? watch.zoneId : here).spans;
}

function zoneIn(city: City | undefined, place: Place | undefined, at: Instant): string | undefined {
  return city?.zones === undefined || place === undefined ? undefined : zoneAt(city.zones, place, at)?.zoneId;
}

function requireUsable({ from, to, by }: FigureQuery): void {
  const most = longest[by];
  const fault = from >= to ? 'is not later than `from`' : to - from > most * day ? `is over ${most} days later` : '';
  if (fault === '') return;
  throw new Failure('invalid', 'period-not-usable', 'There are no figures of such a period.', {
    resolution: `Ask for ${longest.hour} days by the hour at the most, or ${longest.day} days by the day.`,
    errors: [{ pointer: 'to', detail: fault }],
  });
}
