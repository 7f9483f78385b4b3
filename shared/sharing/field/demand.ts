import type { Clock, Instant } from '../../kernel/clock.ts';
import { detour } from '../search/distance.ts';
import type { VehicleType } from '../setup/system.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import { type CellId, cellAt } from './cell.ts';

/** Of what somebody wanted a vehicle. */
export type Wanted = VehicleType['formFactor'] | 'any';

/** Somebody looked, and there was nothing to be had that they would walk to. */
export interface UnmetSearch {
  readonly systemId: SystemId;
  readonly near: Place;
  readonly wanted: Wanted;
  /** Whoever looked: known to this instance alone, and written nowhere. */
  readonly who: string;
}

/** How often, in an hour (UTC), in a cell. */
export interface UnmetCount {
  readonly hour: Instant;
  readonly cell: CellId;
  readonly wanted: Wanted;
  readonly searches: number;
}

export interface DemandBook {
  /** One more. */
  note(systemId: SystemId, count: Omit<UnmetCount, 'searches'>): Promise<void>;
  /** Of hours that begin in `from` ≤ t < `to`. */
  unmet(systemId: SystemId, from: Instant, to: Instant): Promise<readonly UnmetCount[]>;
}

/** Metres as the crow flies to which people walk: eight minutes. */
export const walkable = Math.round(640 / detour);
const hour = 3_600_000;
/** Cells that one person counts in, in an hour: who looks at more of them reads a map. */
const cellsEach = 12;
/** Entries of the memory: more than an instance sees in an hour. */
const most = 20_000;

/**
 * Counts unmet searches. One person counts once an hour in each cell, as far as one instance knows: it is a hint for
 * relocations, and not worth a record of who looked where.
 */
export class Demand {
  readonly #book: Pick<DemandBook, 'note'>;
  readonly #clock: Clock;
  #hour: Instant = 0;
  #seen = new Set<string>();
  #cells = new Map<string, number>();

  constructor({ book, clock }: { readonly book: Pick<DemandBook, 'note'>; readonly clock: Clock }) {
    this.#book = book;
    this.#clock = clock;
  }

  async unmet({ systemId, near, wanted, who }: UnmetSearch): Promise<void> {
    const cell = cellAt(near);
    const began = Math.floor(this.#clock.now() / hour) * hour;
    if (!this.#isNew(began, `${systemId} ${cell} ${wanted} ${who}`, who)) return;
    await this.#book.note(systemId, { hour: began, cell, wanted });
  }

  #isNew(began: Instant, name: string, who: string): boolean {
    if (began !== this.#hour || this.#seen.size >= most) {
      [this.#hour, this.#seen, this.#cells] = [began, new Set(), new Map()];
    }
    const cells = this.#cells.get(who) ?? 0;
    if (this.#seen.has(name) || cells >= cellsEach) return false;
    this.#seen.add(name);
    this.#cells.set(who, cells + 1);
    return true;
  }
}
